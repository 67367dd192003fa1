"""What is wrong where S3 refuses something, in the words of Arrow's client: cause and remedy for people."""

from __future__ import annotations

_EXPIRED = "the AWS credentials have expired or are not valid; renew them, or correct the role"
_NO_BUCKET = "there is no such bucket; check --lake and the region"
_CAUSES = (  # what Arrow's message contains, the cause and the remedy
    ("NO_SUCH_BUCKET", _NO_BUCKET),
    ("NoSuchBucket", _NO_BUCKET),
    ("ACCESS_DENIED", "access denied; allow this role s3 on the bucket and kms on its key"),
    ("HTTP status 403", "access denied; allow this role s3 on the bucket and kms on its key"),
    ("EXPIRED_TOKEN", _EXPIRED),
    ("ExpiredToken", _EXPIRED),
    ("INVALID_ACCESS_KEY_ID", _EXPIRED),
    ("SIGNATURE_DOES_NOT_MATCH", _EXPIRED),
    # The answer to HEAD has no body that would say more.
    ("HTTP status 400", f"S3 refuses the request and does not say why; mostly {_EXPIRED}"),
    ("HTTP status 301", "the bucket is in another region; name that with AWS_REGION"),
    ("SLOW_DOWN", "S3 is overloaded, repeated attempts failed; run the same command again, it goes on"),
    ("HTTP status 503", "S3 is overloaded, repeated attempts failed; run the same command again, it goes on"),
)


def cause_of(message: str) -> str | None:
    """The cause and the remedy; None where the message is of something else."""
    return next((cause for word, cause in _CAUSES if word in message), None)
