"""What AWS refuses, said in one line: subject, value, remedy; never with a secret."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from medallion.errors import BusyError, MedallionError, StorageError, UsageError

_ROLE = "allow the function's role to use it, and the key it is encrypted with"
_CREDENTIALS = "renew the AWS credentials, or correct the function's role"
_KEY = "enable the KMS key, or name another one"
_DENIED = (StorageError, "access denied", _ROLE)
_EXPIRED = (UsageError, "the AWS credentials have expired or are not valid", _CREDENTIALS)
_OVERTAKEN = (BusyError, "another process wrote it at the same time, nothing was overwritten", "run again")
_OVERLOADED = (StorageError, "AWS is overloaded, repeated attempts failed", "run again, it goes on")
_MISSING_BUCKET = (UsageError, "the bucket does not exist", "correct its name, or deploy the data stack first")
_OTHER_REGION = (UsageError, "the bucket is in another region", "name one of the function's own region")
# By AWS's error code: the kind of failure, what is wrong, and the remedy.
REMEDIES: dict[str, tuple[type[MedallionError], str, str]] = {
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "403", "Forbidden"), _DENIED),
    **dict.fromkeys(
        (
            *("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidAccessKeyId"),
            *("InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException", "InvalidToken"),
        ),
        _EXPIRED,
    ),
    **dict.fromkeys(("PreconditionFailed", "412", "ConditionalRequestConflict", "409"), _OVERTAKEN),
    **dict.fromkeys(
        (
            *("SlowDown", "ServiceUnavailable", "503", "InternalError", "500", "ThrottlingException"),
            *("Throttling", "RequestTimeout", "InternalServiceError"),
        ),
        _OVERLOADED,
    ),
    **dict.fromkeys(("PermanentRedirect", "301", "AuthorizationHeaderMalformed"), _OTHER_REGION),
    **dict.fromkeys(
        ("KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException", "DecryptionFailure"),
        (StorageError, "its KMS key cannot be used", _KEY),
    ),
    "NoSuchBucket": _MISSING_BUCKET,
    "InvalidBucketName": _MISSING_BUCKET,
    "ResourceNotFoundException": (UsageError, "does not exist in this account and region", "create it"),
    "InvalidRequestException": (UsageError, "cannot be read (is it about to be deleted?)", "restore or replace it"),
}


class OvertakenError(BusyError):
    """An object was written by somebody else since it was looked at; nothing was overwritten."""


@contextmanager
def explained_aws(subject: str) -> Iterator[None]:
    """Turn what boto3 raises inside into a MedallionError about `subject`; OvertakenError for a condition not met."""
    try:
        yield
    except ClientError as error:
        raise _of_code(subject, error) from error
    except NoCredentialsError as error:
        raise UsageError(f"{subject}: there are no AWS credentials; {_CREDENTIALS}") from error
    except BotoCoreError as error:
        reason = str(error).partition("\n")[0]
        raise StorageError(
            f"{subject}: AWS cannot be reached ({reason}); check the network (in a VPC: the endpoints), then run again"
        ) from error


def error_code(error: ClientError) -> str:
    """AWS's code of the failure; of an answer without a body its HTTP status."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _of_code(subject: str, error: ClientError) -> MedallionError:
    code = error_code(error)
    kind, fault, remedy = REMEDIES.get(code, (StorageError, "", "check the name, the right to use it, then run again"))
    if kind is BusyError:
        kind = OvertakenError
    message = str(error.response.get("Error", {}).get("Message", "")).partition("\n")[0]
    return kind(f"{subject}: {fault or f'{code}: {message}'}; {remedy}")
