"""PostgreSQL for tests, which leaves little on the disk: a short log, and databases that go with their tests."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from medallion.embedded.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A copy of a database writes 7 MB to the log; a server keeps up to two gigabytes of it where nothing else is said.
SHORT_LOG = {"max_wal_size": "64MB", "min_wal_size": "32MB"}

_made: list[tuple[str, str]] = []


def small_postgres(folder: Path) -> EmbeddedPostgres:
    """A server for many small databases."""
    return EmbeddedPostgres(folder, settings=SHORT_LOG)


def new_database(server_dsn: str, prefix: str) -> str:
    """The connection string of an empty database, until the end of a block `databases_dropped` around it."""
    name = f"{prefix}_{uuid.uuid4().hex}"
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    _made.append((server_dsn, name))
    return server_dsn.replace("/postgres?", f"/{name}?")


@contextmanager
def databases_dropped() -> Iterator[None]:
    """Drops the databases that were made in this block, whoever is still connected to them."""
    before = len(_made)
    try:
        yield
    finally:
        for server_dsn, name in _made[before:]:
            with psycopg.connect(server_dsn, autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        del _made[before:]
