"""One test's place on the emulated AWS: a database, a folder in S3, and the warehouse that works on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg
from aws_emulator import BUCKET
from redshift_emulator import RECORDED, Fault, RedshiftEmulator, emulated_redshift, emulated_warehouse

from medallion.warehouse.redshift import RedshiftWarehouse


@dataclass(frozen=True)
class Place:
    """`folder` is where files are staged and unloaded; `lake` holds it."""

    emulator: RedshiftEmulator
    database: str
    lake: str
    warehouse: RedshiftWarehouse

    @property
    def folder(self) -> str:
        return f"{self.lake}/staged"

    @property
    def url(self) -> str:
        return self.emulator.url(self.database)

    def will(self, fault: Fault) -> None:
        """Let something happen to statements to come."""
        self.emulator.faults.append(fault)

    def ran(self, word: str) -> list[str]:
        """The statements so far that begin with a word."""
        return [sql for sql in self.emulator.statements if sql.lstrip().upper().startswith(word)]

    def as_administrator(self, sql: str) -> list[tuple[object, ...]]:
        """Run something on PostgreSQL itself."""
        with psycopg.connect(self.emulator.dsn(self.database), autocommit=True) as connection:
            cursor = connection.execute(sql.encode())
            return cursor.fetchall() if cursor.description else []


@contextmanager
def redshift_place(*, wait_seconds: float = 5.0) -> Iterator[Place]:
    """A place whose database has control tables: to create them for each test anew takes longer than the tests."""
    emulator = emulated_redshift()
    with emulator.database(RECORDED) as database:
        lake = f"s3://{BUCKET}/{uuid4().hex[:8]}"
        yield Place(emulator, database, lake, emulated_warehouse(emulator, database, lake, wait_seconds=wait_seconds))
