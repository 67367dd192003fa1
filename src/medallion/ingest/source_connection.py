"""The connection to the source database, from the secret that RDS keeps of its user."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from medallion.errors import UsageError
from medallion.ingest.aws_secrets import read_secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# A long statement says nothing for minutes, and what lies between may forget a silent connection (endpoints: 350 s).
_KEPT_ALIVE = {"keepalives_idle": 60, "keepalives_interval": 30, "keepalives_count": 5}
SECRET_CONTENT = "username, password, host, port and dbname"
_NEEDED = ("username", "password", "host")


def dsn_from(secret: dict[str, Any], name: str, url: str | None = None) -> str:
    """The connection string, with the password. Raises UsageError where the secret `name` lacks something.

    `url` (postgresql://HOST:PORT/DATABASE?sslmode=…, without a user) says where the database is; a secret that RDS
    keeps itself does not. The server's certificate is checked, unless `url` or libpq's PGSSLMODE says otherwise;
    PGSSLROOTCERT names RDS's own.
    """
    place = _place(url) if url else {"host": secret.get("host"), "port": secret.get("port", 5432)}
    if not url:
        place["dbname"] = secret.get("dbname") or "postgres"
    missing = [one for one in _NEEDED if not {**secret, **place}.get(one)]
    if missing:
        raise UsageError(f"secret {name}: has no '{missing[0]}'; store {SECRET_CONTENT} of the database in it")
    checked = {"sslmode": os.environ.get("PGSSLMODE", "verify-full"), "application_name": "medallion"}
    return make_conninfo(**{**_KEPT_ALIVE, **checked, **place}, user=secret["username"], password=secret["password"])


def _place(url: str) -> dict[str, Any]:
    try:
        found = conninfo_to_dict(url)
    except ProgrammingError:
        found = {}
    if not found.get("host") or {"user", "password"} & found.keys():
        raise UsageError(
            "source database: its address is refused; write postgresql://HOST:5432/DATABASE, without a user"
        )
    return found


def pii_key_from(client: SecretsManagerClient, secret: str | None) -> bytes | None:
    """The key of keyed hashes, `pii_key` in a secret; None where no secret is named."""
    if secret is None:
        return None
    found = read_secret(client, secret, "pii_key").get("pii_key")
    if not found:
        raise UsageError(f"secret {secret}: has no 'pii_key'; store the key of personal data's hashes in it")
    return str(found).encode()
