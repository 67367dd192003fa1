"""What redshift-connector raises in the words of `medallion.errors`: one line with subject, cause and remedy."""

from __future__ import annotations

import re
import struct
from typing import Any

from redshift_connector.error import Error

from medallion.errors import (
    BusyError,
    ConflictError,
    DeniedError,
    LostConnectionError,
    MedallionError,
    StorageError,
    UsageError,
)

DRIVER_ERRORS = (Error, OSError, struct.error, AttributeError, ValueError)
_CONFLICTS = ("serializable isolation violation", "could not serialize access", "deadlock detected")
_CONFLICT_CODES = ("1023", "1018")
_LOST = ("brokenpipe", "connection is closed", "server socket closed", "communication error", "connection time out")
_CAUSES = (  # (what is found in the message, the cause and the remedy)
    (r"authentication failed", "user or password is wrong; check the secret"),
    (r'database "[^"]*" does not exist', "there is no such database; check the end of the address"),
    (
        r"not authorized to (assume|get credentials)",
        "the warehouse may not use the role for COPY and UNLOAD; attach it to the namespace and let"
        " redshift.amazonaws.com and redshift-serverless.amazonaws.com assume it",
    ),
    (r"nosuchbucket|bucket does not exist", "there is no such bucket; check --lake and the region"),
    (
        r"access ?denied",
        "the role for COPY and UNLOAD may not use the lake; allow it s3 on the bucket and kms on its key",
    ),
    (r"expired ?token|token (has )?expired", "the AWS credentials have expired; sign in again"),
    (r"mandatory url|s3 prefix '", "a file to be loaded is gone; run again to write it anew"),
    (r"disk full", "no space left in the warehouse; free some or enlarge it, and run again (the last commit holds)"),
    (r"cancell?ed", "the statement was ended from outside; run again"),
    (r"too many connections|connection limit", "all connections are in use; wait and run again"),
)
_NO_RIGHT = re.compile(r"permission denied for|must be owner of")
_NO_RIGHT_CODE = "42501"
_QUERY_CLASSES = ("42", "22", "0A", "21")  # of SQLSTATE: wrong name or syntax, wrong value, not supported
_TIMEOUTS = ("statement timeout", "lock timeout", "57014")


def fields_of(error: BaseException) -> dict[str, Any]:
    """The fields of the server's message: M the message, C the SQLSTATE, D the detail."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, dict) else {"M": str(first)}


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone, so that nothing more can be said on it."""
    if isinstance(error, OSError | struct.error | AttributeError):
        return True
    text = str(error).lower()
    return not isinstance(error.args[0] if error.args else "", dict) and any(word in text for word in _LOST)


def is_conflict(error: BaseException) -> bool:
    """Whether the transaction was taken back for what others did: errors 1023 and 1018, and deadlocks."""
    told = fields_of(error)
    message = str(told.get("M", "")).strip()
    text = f"{message} {told.get('D', '')}".lower()
    return message in _CONFLICT_CODES or any(word in text for word in _CONFLICTS)


def is_timeout(error: BaseException) -> bool:
    """Whether a statement took longer than it may."""
    told = fields_of(error)
    return any(word in f"{told.get('M', '')} {told.get('C', '')}".lower() for word in _TIMEOUTS)


def storage(error: BaseException, location: str) -> MedallionError:
    """The error for a statement that changes something."""
    if is_lost(error):
        return LostConnectionError(f"{location}: the connection was lost ({first_line(error)}); run the same again")
    if is_conflict(error):
        return ConflictError(f"{location}: another session changed the same rows ({first_line(error)}); try again")
    if is_timeout(error):
        return BusyError(f"{location}: a statement waited too long for others; see what they do, and try again")
    text = " ".join(str(part) for part in fields_of(error).values()).lower()
    if _NO_RIGHT.search(text):
        return DeniedError(f"{location}: the user lacks a right there; grant it and run again ({first_line(error)})")
    for pattern, cause in _CAUSES:
        if re.search(pattern, text):
            return StorageError(f"{location}: {cause} ({first_line(error)})")
    return StorageError(f"{location}: {first_line(error)}; check the warehouse and run again")


def query(error: BaseException, location: str) -> MedallionError:
    """The error for a query: UsageError where the query is wrong, DeniedError without a right, else as `storage`."""
    code = str(fields_of(error).get("C", ""))
    is_wrong = code[:2] in _QUERY_CLASSES and code != _NO_RIGHT_CODE
    if is_wrong and not is_lost(error) and not is_conflict(error):
        return UsageError(f"{location}: {first_line(error)}; correct the query")
    return storage(error, location)


def first_line(error: BaseException) -> str:
    """The server's message and detail in one line."""
    told = fields_of(error)
    message, detail = str(told.get("M", "")), " ".join(str(told.get("D", "")).split())
    text = f"{message}: {detail}" if detail and detail not in message else message
    return " ".join(text.split())[:300] or type(error).__name__
