"""The connection to the source database, from the secret that RDS keeps of its user."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from psycopg.conninfo import make_conninfo

from medallion.errors import UsageError
from medallion.ingest.aws_secrets import read_secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET_CONTENT = "username, password, host, port and dbname"
_NEEDED = ("username", "password", "host")


def dsn_from(secret: dict[str, Any], name: str) -> str:
    """The connection string, with the password. Raises UsageError where the secret `name` lacks something.

    The server's certificate is checked, unless libpq's PGSSLMODE says otherwise; PGSSLROOTCERT names RDS's own.
    """
    missing = [one for one in _NEEDED if not secret.get(one)]
    if missing:
        raise UsageError(f"secret {name}: has no '{missing[0]}'; store {SECRET_CONTENT} of the database in it")
    return make_conninfo(
        user=secret["username"],
        password=secret["password"],
        host=secret["host"],
        port=secret.get("port", 5432),
        dbname=secret.get("dbname") or "postgres",
        sslmode=os.environ.get("PGSSLMODE", "verify-full"),
        application_name="medallion source_load",
    )


def pii_key_from(client: SecretsManagerClient, secret: str | None) -> bytes | None:
    """The key of keyed hashes, `pii_key` in a secret; None where no secret is named."""
    if secret is None:
        return None
    found = read_secret(client, secret, "pii_key").get("pii_key")
    if not found:
        raise UsageError(f"secret {secret}: has no 'pii_key'; store the key of personal data's hashes in it")
    return str(found).encode()
