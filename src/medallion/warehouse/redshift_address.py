"""Where a Redshift warehouse is, who one is there, and how a connection to it is opened."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import redshift_connector
from redshift_connector.core import Connection

from medallion.errors import DeniedError, MedallionError, StorageError, UsageError
from medallion.warehouse import redshift_errors

SCHEME = "redshift"
_PORT = 5439
_REACHED_WITHIN = 10.0  # seconds
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
_EXAMPLE = "redshift://USER@HOST:5439/DATABASE"
# What answers at a workgroup's address forgets connections that are silent for 350 s, as one is in a long statement:
# its answer would never come.
_KEPT_ALIVE = {"tcp_keepalive_idle": 60, "tcp_keepalive_interval": 30, "tcp_keepalive_count": 5}


@dataclass(frozen=True)
class RedshiftAddress:
    """`redshift://user@host:port/database`. Without a user, one is asked of AWS (IAM). Never with a password."""

    host: str
    port: int
    database: str
    user: str | None = None

    @classmethod
    def parse(cls, url: str) -> RedshiftAddress:
        """Read an address. Raises UsageError, in which a password that was given is not repeated."""
        parts = urlsplit(url)
        if parts.password is not None:
            raise UsageError(
                f"warehouse {SCHEME}://…@{parts.hostname}: holds a password, which others could read; leave it out and"
                " set MEDALLION_WAREHOUSE_PASSWORD or warehouse_secret"
            )
        database = parts.path.strip("/")
        try:
            port = parts.port or _PORT
        except ValueError:
            port = 0
        if parts.scheme != SCHEME or not parts.hostname or not database or "/" in database or not port or parts.query:
            raise UsageError(f"warehouse {url}: is no address of a warehouse; write {_EXAMPLE}")
        return cls(parts.hostname, port, unquote(database), unquote(parts.username) if parts.username else None)

    def __str__(self) -> str:
        return f"{SCHEME}://{f'{self.user}@' if self.user else ''}{self.host}:{self.port}/{self.database}"

    @property
    def is_of_this_machine(self) -> bool:
        return self.host in _THIS_MACHINE


@dataclass(frozen=True)
class Login:
    """A user's name and password; neither is ever shown."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Login(…)"


Credentials = Callable[[], Login | None]  # None: AWS gives them


def from_secret(name: str, region: str | None) -> Login:
    """The login that Secrets Manager keeps under a name, as RDS and Redshift store it. Raises StorageError."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        client = boto3.client("secretsmanager", region_name=region)
        found = json.loads(client.get_secret_value(SecretId=name)["SecretString"])
        return Login(str(found["username"]), str(found["password"]))
    except ClientError as error:
        code = str(error.response["Error"]["Code"])
        cause = {
            "ResourceNotFoundException": "there is no such secret; check its name and the region",
            "AccessDeniedException": "this role may not read it; allow it secretsmanager:GetSecretValue",
            "ExpiredTokenException": "the AWS credentials have expired; sign in again",
        }.get(code, f"{code}; check it in Secrets Manager")
        raise StorageError(f"secret {name}: {cause}") from error
    except BotoCoreError as error:
        reason = str(error).partition("\n")[0]
        raise StorageError(f"secret {name}: cannot be read ({reason}); check credentials and region") from error
    except (ValueError, KeyError, TypeError):
        # Not the cause itself: it may quote what the secret holds.
        raise StorageError(f"secret {name}: is not JSON with username and password; correct it") from None


def credentials_of(
    address: RedshiftAddress, *, password: str | None, secret: str | None, region: str | None
) -> Credentials:
    """Where logins come from: a secret, else a given password, else AWS. Raises UsageError for a password of nobody."""
    if secret:
        return lambda: from_secret(secret, region)
    if password is None:
        return lambda: None
    if address.user is None:
        raise UsageError(f"warehouse {address}: has a password but no user; write {_EXAMPLE}")
    login = Login(address.user, password)
    return lambda: login


def connect(address: RedshiftAddress, credentials: Credentials, region: str | None) -> Connection:
    """A connection whose statements form transactions. Raises StorageError in one line."""
    _reach(address)
    login = credentials()
    options: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "database": address.database,
        "ssl": not address.is_of_this_machine,
        "application_name": "medallion",
        "max_prepared_statements": 0,  # what others change meanwhile would invalidate them
        **_KEPT_ALIVE,
    }
    if login is None:
        options |= {"iam": True, **({"region": region} if region else {}), **_iam_user(address)}
    else:
        options |= {"user": login.user, "password": login.password}
    try:
        connection = redshift_connector.connect(**options)
    except Exception as error:  # the driver passes on what its AWS client raises
        raise _refused(error, address) from _without_secrets(error, login)
    connection.autocommit = True  # sessions say themselves where transactions begin and end
    return connection


def _iam_user(address: RedshiftAddress) -> dict[str, str]:
    return {"db_user": address.user} if address.user else {}


def _reach(address: RedshiftAddress) -> None:
    """Raises StorageError where nothing answers: the driver itself would wait for minutes."""
    try:
        socket.create_connection((address.host, address.port), timeout=_REACHED_WITHIN).close()
    except socket.gaierror as error:
        raise StorageError(f"{address}: the host is unknown; check the address") from error
    except OSError as error:
        raise StorageError(
            f"{address}: cannot be reached ({error.strerror or error}); check that it runs, and that security group and"
            " routes let this machine in"
        ) from error


def _refused(error: BaseException, address: RedshiftAddress) -> MedallionError:
    told = redshift_errors.storage(error, str(address))
    if type(told) in (StorageError, DeniedError):
        return told
    return StorageError(f"{address}: {redshift_errors.first_line(error)}; try again")


def _without_secrets(error: BaseException, login: Login | None) -> BaseException | None:
    """The cause, for a traceback; none where its text holds the password."""
    return None if login and login.password in str(error) else error
