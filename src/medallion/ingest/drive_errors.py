"""What Google Drive refuses: told apart into what passes by itself, and lines of subject, value and remedy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from medallion.errors import InputError, MedallionError, StorageError, UsageError

_RATE_LIMITS = ("rateLimitExceeded", "userRateLimitExceeded")
_QUOTAS = ("dailyLimitExceeded", "downloadQuotaExceeded", "quotaExceeded", "sharingRateLimitExceeded")
_API_OFF = ("accessNotConfigured", "SERVICE_DISABLED")
_LONGEST_MESSAGE = 300


@dataclass(frozen=True)
class DriveFailure:
    """An answer that is no success: Google's reason (`userRateLimitExceeded`) and message; `retry_after` in seconds."""

    status: int
    reason: str
    message: str
    retry_after: float | None

    @classmethod
    def of(cls, response: requests.Response) -> DriveFailure:
        try:
            error = response.json()["error"]
            details = error.get("errors") or [{}]
            reason, message = str(details[0].get("reason", "")), str(error.get("message", ""))
        except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError):
            reason, message = "", response.reason or ""
        message = " ".join(message.split())[:_LONGEST_MESSAGE].rstrip(".")
        return cls(response.status_code, reason, message, _seconds(response.headers.get("Retry-After")))

    @property
    def passes_by_itself(self) -> bool:
        """Whether the same request may succeed later."""
        is_limit = self.status == 403 and self.reason in _RATE_LIMITS
        return is_limit or self.status in (408, 429) or self.status >= 500

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.status), self.reason)))


class DriveRefusedError(Exception):
    """Drive's final no; whoever asked knows the subject and makes a line of it."""

    def __init__(self, failure: DriveFailure) -> None:
        super().__init__(str(failure))
        self.failure = failure


def folder_refused(folder_id: str, failure: DriveFailure, account: str) -> MedallionError:
    """The line for a folder that cannot be listed by the service account with that e-mail address."""
    subject = f"Drive folder {folder_id}"
    if failure.status == 404 or (failure.status == 403 and not _is_general(failure)):
        return InputError(
            f"{subject}: does not exist, or is not shared with {account}; share it with that address as a viewer, or"
            " correct the id"
        )
    return _general(subject, failure, account)


def file_refused(subject: str, failure: DriveFailure, account: str) -> MedallionError:
    """The line for a file that was listed and cannot be read."""
    if failure.status == 404:
        return InputError(
            f"{subject}: was deleted, moved or unshared from {account} after it was listed; if that was meant run"
            " again, if not put it back"
        )
    if failure.reason == "exportSizeLimitExceeded":
        return InputError(
            f"{subject}: is larger than the 10 MB that Google exports of a Sheet; download it as CSV and put that file"
            " into the folder, or split it"
        )
    if failure.reason == "cannotDownloadAbusiveFile":
        return InputError(f"{subject}: Google takes it for malware and does not hand it out; replace it")
    if failure.status == 403 and not _is_general(failure):
        return InputError(
            f"{subject}: {account} may not download it ({failure.reason or failure.message}); share it with that"
            " address as a viewer, and allow viewers to download"
        )
    return _general(subject, failure, account)


def key_refused(secret: str, account: str, reason: str) -> UsageError:
    """The line for a service account whose key in the secret is no longer accepted."""
    return UsageError(
        f"service account {account}: Google refuses its key ({reason}); make a new key in the Google Cloud console and"
        f" store its JSON in secret {secret}"
    )


def _is_general(failure: DriveFailure) -> bool:
    return failure.reason in (*_QUOTAS, *_API_OFF)


def _general(subject: str, failure: DriveFailure, account: str) -> MedallionError:
    if failure.reason in _QUOTAS:
        return StorageError(f"{subject}: Drive's quota is used up ({failure.reason}); run again tomorrow, or raise it")
    if failure.reason in _API_OFF:
        return UsageError(f"{subject}: the Drive API is not enabled in the project of {account}; enable it there")
    if failure.status == 401:
        return UsageError(f"{subject}: Drive takes no token of {account} ({failure.message}); make a new key for it")
    return StorageError(f"{subject}: Drive answers {failure} ({failure.message}); run again, and report it if it stays")


def _seconds(retry_after: str | None) -> float | None:
    """The header's value, seconds or a date; None where it says nothing that can be read."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
