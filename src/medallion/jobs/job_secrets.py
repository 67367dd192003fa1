"""What a job reads in Secrets Manager: the source database's user and the key of keyed hashes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from medallion.errors import UsageError

if TYPE_CHECKING:
    from medallion.jobs.arguments import BronzeArguments


def source_dsn_of(given: BronzeArguments) -> str | None:
    """The connection string of the source database; None where none is named. Raises UsageError, StorageError."""
    if given.source is None:
        if given.source_secret or given.source_ca:
            raise UsageError("argument --source: is missing; say where the database is, or leave out its secret and ca")
        return None
    if given.source_secret is None:
        raise UsageError("argument --source_secret: is missing; name the secret with the database's username, password")
    if given.source_ca:
        if not Path(given.source_ca).is_file():
            raise UsageError(f"argument --source_ca: {given.source_ca} does not exist; ship it with --extra-files")
        os.environ["PGSSLROOTCERT"] = str(Path(given.source_ca).absolute())  # libpq's own setting
    import boto3

    from medallion.ingest.aws_secrets import read_secret
    from medallion.ingest.source_connection import SECRET_CONTENT, dsn_from

    secret = read_secret(boto3.client("secretsmanager"), given.source_secret, SECRET_CONTENT)
    return dsn_from(secret, given.source_secret, given.source)


def pii_key_of(given: BronzeArguments) -> str | None:
    """The key with which the gate hashes personal data; None where no secret is named."""
    if given.pii_secret is None:
        return None
    import boto3

    from medallion.ingest.source_connection import pii_key_from

    key = pii_key_from(boto3.client("secretsmanager"), given.pii_secret)
    return key.decode() if key else None
