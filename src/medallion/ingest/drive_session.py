"""Requests to Google's API as a service account, repeated while what fails may pass by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests
from google.auth.exceptions import GoogleAuthError, RefreshError, TransportError
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from medallion.errors import MedallionError, UsageError
from medallion.ingest.drive_errors import DriveFailure, DriveRefusedError, key_refused
from medallion.ingest.drive_retry import Patience, Retries

SCOPES = ("https://www.googleapis.com/auth/drive.readonly",)
ENDPOINT = "https://www.googleapis.com"
KEY_CONTENT = "the JSON key of a Google service account"
_CONNECT_SECONDS, _LONGEST_SILENCE = 10.0, 60.0
BROKEN = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class DriveSession:
    """Signed requests. `key` is the service account's JSON key, from the secret that is called `secret` in messages.

    Raises UsageError where the key cannot be used.
    """

    def __init__(self, key: dict[str, Any], secret: str, patience: Patience, endpoint: str = ENDPOINT) -> None:
        try:
            made = Credentials.from_service_account_info(key, scopes=SCOPES)  # type: ignore[no-untyped-call]
            self._credentials: Credentials = made
        except (GoogleAuthError, ValueError) as error:
            raise UsageError(f"secret {secret}: is not {KEY_CONTENT}; store the file that Google made") from error
        self.account = str(key["client_email"])
        self.patience = patience
        self._secret = secret
        self._endpoint = endpoint
        self._session = requests.Session()
        self._to_token = Request(self._session)

    def get(
        self, subject: str, path: str, parameters: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """A successful answer whose body is still to be read (and closed). `subject` is for messages.

        Raises DriveRefusedError, StorageError where it does not pass, OutOfTimeError, UsageError (the key).
        """
        retries, has_new_token = Retries(subject, self.patience), False
        while True:
            try:
                response = self._session.get(
                    f"{self._endpoint}/drive/v3/{path}",
                    params=parameters,
                    headers={**(headers or {}), "Authorization": f"Bearer {self._token(retries)}"},
                    stream=True,
                    timeout=self.timeout,
                )
            except BROKEN as error:
                retries.wait(f"nothing ({type(error).__name__})")
                continue
            if response.ok:
                return response
            failure = DriveFailure.of(response)
            response.close()
            if failure.status == 401 and not has_new_token:
                self._credentials.token, has_new_token = None, True
            elif failure.passes_by_itself:
                retries.wait(failure, failure.retry_after)
            else:
                raise DriveRefusedError(failure)

    @property
    def timeout(self) -> tuple[float, float]:
        """Seconds for a connection, and of silence: no more than there is time for."""
        return _CONNECT_SECONDS, max(1.0, min(_LONGEST_SILENCE, self.patience.deadline.seconds))

    def _token(self, retries: Retries) -> str:
        # Not google-auth's own session: beside each request it would ask a further service, which a closed network
        # does not reach, where the account's regions are.
        while not self._credentials.valid:
            try:
                self._credentials.refresh(self._to_token)  # type: ignore[no-untyped-call]
            except TransportError as error:
                retries.wait(f"nothing when asked for a token ({type(error).__name__})")
            except RefreshError as error:
                if not error.retryable:
                    raise self._key_refused(error) from error
                retries.wait("no token")
        return str(self._credentials.token)

    def _key_refused(self, error: RefreshError) -> MedallionError:
        reason = str(error.args[0] if error.args else error).partition("\n")[0].rstrip(".")
        return key_refused(self._secret, self.account, reason)
