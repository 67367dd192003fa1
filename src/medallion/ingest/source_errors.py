"""What PostgreSQL refuses, said in one line: subject, value, remedy; never with a password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import adbc_driver_manager
import psycopg
from psycopg.conninfo import conninfo_to_dict

from medallion.errors import BusyError, InputError, MedallionError, StorageError

CONNECTION_CLASSES = ("08", "28", "3D", "57")  # connection, log-in, no such database, shut down (SQLSTATE's first two)
REMEDIES: dict[str, tuple[type[MedallionError], str]] = {
    "0A000": (StorageError, "name an RDS for PostgreSQL or Aurora: they have the extension aws_s3 and others do not"),
    "22021": (InputError, "PostgreSQL cannot keep this text; take it out of the file"),
    "23502": (InputError, "fill it, or write an empty text"),
    "42501": (InputError, "grant this right to the user, or name another user in the connection string"),
    "42P01": (InputError, "create the table, or name the database that has it"),
    "42703": (InputError, "add the column to the table"),
    "53100": (StorageError, "free disk space on the database's machine"),
    "3F000": (StorageError, "create the schema, or the extension that has it: CREATE EXTENSION aws_s3 CASCADE"),
    "42883": (StorageError, "create the extension that has it: CREATE EXTENSION aws_s3 CASCADE"),
    "57014": (StorageError, "give the function more time, or deliver the file in parts; nothing of it was kept"),
    "XX000": (StorageError, "check that the instance's s3Import role may read it, and the route to S3; then run again"),
    "55P03": (BusyError, "another process is loading this table; wait for it to end"),
}


@contextmanager
def explained(subject: str, server: str) -> Iterator[None]:
    """Turn what either driver raises inside into a MedallionError about `subject` (a table, at `server`)."""
    try:
        yield
    except (psycopg.Error, adbc_driver_manager.Error) as error:
        state = error.sqlstate or ""
        if state in REMEDIES:
            kind, remedy = REMEDIES[state]
            raise kind(f"{subject}: {_message(error)} (database {server}); {remedy}") from None
        is_broken = not state and isinstance(error, psycopg.OperationalError | adbc_driver_manager.OperationalError)
        if is_broken or state[:2] in CONNECTION_CLASSES:
            raise InputError(f"database {server}: {_message(error)}; {_CHECK_CONNECTION}") from None
        where = f"(SQLSTATE {state or 'none'}, database {server})"
        raise InputError(
            f"{subject}: {_message(error)} {where}; correct the table or the file, then run again"
        ) from None


_CHECK_CONNECTION = "check that it runs and is reachable, and the user and password in the connection string"


def server_name(dsn: str) -> str:
    """`host:port/database` of a connection string; raises InputError where it cannot be read, without quoting it."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.Error:
        raise InputError(
            "source database: the connection string cannot be read; write postgresql://user:password@host:5432/name, "
            "with special characters in the password percent-encoded"
        ) from None
    host = parts.get("host") or parts.get("hostaddr") or "localhost"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or parts.get('user') or ''}"


def _message(error: psycopg.Error | adbc_driver_manager.Error) -> str:
    """The server's own message in one line, and where in the loaded rows it happened."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    context = next((line for line in lines if line.startswith("CONTEXT:")), "")
    first = lines[0].split("ERROR:")[-1].strip() if lines else type(error).__name__
    return f"{first} ({context.removeprefix('CONTEXT:').strip()})" if context else first
