"""A session on the local warehouse: what `medallion.warehouse.base.Session` asks for, in DuckDB's SQL."""

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from medallion import fault
from medallion.errors import StorageError
from medallion.warehouse import duckdb_errors
from medallion.warehouse.base import DUCKDB
from medallion.warehouse.ddl import column_list, literal, quote, quote_relation, sql_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from medallion.contracts import Table

_WILDCARD = re.compile(r"[*?\[]")  # DuckDB takes a path with one of these for a pattern, which other files match too


class DuckDbSession:
    """A transaction on one cursor; see `medallion.warehouse.base.Session`."""

    dialect = DUCKDB

    def __init__(self, cursor: duckdb.DuckDBPyConnection, location: str, mutex: threading.RLock) -> None:
        self._cursor, self._location, self._mutex = cursor, location, mutex
        self._has_mutex = False

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        fault.point("warehouse.statement")
        with _translated(self._location, duckdb_errors.storage):
            self._cursor.execute(sql, list(parameters) or None)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with _translated(self._location, duckdb_errors.query):
            return self._cursor.execute(sql, list(parameters) or None).fetchall()

    def insert(self, relation: str, table: Table, rows: Sequence[Sequence[object]]) -> None:
        fault.point("warehouse.statement")
        if not rows:
            return
        # A list a column: a parameter a value takes DuckDB longer than the rest of a small run's bookkeeping.
        values = ", ".join(f"unnest(CAST(? AS {sql_type(column, DUCKDB)}[]))" for column in table.columns)
        with _translated(self._location, duckdb_errors.storage):
            self._cursor.execute(
                f"INSERT INTO {quote_relation(relation)} ({column_list(table.column_names)}) SELECT {values}",
                [list(column) for column in zip(*rows, strict=True)],
            )

    def copy_in(self, relation: str, table: Table, files: Sequence[str]) -> int:
        fault.point("warehouse.copy_in")
        if not files:
            return 0
        # The cast brings instants to UTC wall time (the session's zone is UTC); other columns have their type already.
        values = ", ".join(f"CAST({quote(c.name)} AS {sql_type(c, DUCKDB)})" for c in table.columns)
        paths = ", ".join(literal(_WILDCARD.sub(r"[\g<0>]", str(file))) for file in files)
        statement = (
            f"INSERT INTO {quote_relation(relation)} ({column_list(table.column_names)}) "
            f"SELECT {values} FROM read_parquet([{paths}], hive_partitioning = false)"
        )
        try:
            loaded = self._cursor.execute(statement).fetchone()
        except duckdb.Error as error:
            disk_error = duckdb_errors.storage(error, self._location) if duckdb_errors.is_disk_full(error) else None
            raise (disk_error or _unfit(relation, files, error)) from error
        return int(loaded[0]) if loaded else 0

    def copy_out(self, query: str, folder: str) -> list[str]:
        fault.point("warehouse.copy_out")
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for old in target.glob("*.parquet"):
            old.unlink()
        columns = self.rows(f"DESCRIBE {query}")
        # Stored times are UTC without a zone; Parquet readers take them for local times unless they are marked.
        zoned = [f"CAST({quote(c[0])} AS TIMESTAMPTZ) AS {quote(c[0])}" for c in columns if c[1] == "TIMESTAMP"]
        replace = f" REPLACE ({', '.join(zoned)})" if zoned else ""
        self.execute(
            f"COPY (SELECT *{replace} FROM ({query})) TO {literal(folder)} "
            # The files stay on this machine and are read once: packing them costs more than it spares.
            "(FORMAT parquet, COMPRESSION uncompressed, WRITE_BLOOM_FILTER false,"
            " PER_THREAD_OUTPUT true, OVERWRITE_OR_IGNORE true)"
        )
        return sorted(str(file) for file in target.glob("*.parquet"))

    def lock(self, relation: str) -> None:
        # Other processes cannot have the file open at all; it is this process's threads that must queue.
        if not self._has_mutex:
            self._mutex.acquire()
            self._has_mutex = True

    def roll_back(self) -> None:
        """Undo the transaction."""
        self._cursor.execute("ROLLBACK")

    def end(self) -> None:
        """Let waiting threads pass and give the cursor back."""
        self._cursor.close()
        if self._has_mutex:
            self._mutex.release()


@contextmanager
def _translated(location: str, translate: Callable[[duckdb.Error, str], Exception | None]) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise (translate(error, location) or error) from error


def _unfit(relation: str, files: Sequence[str], error: duckdb.Error) -> StorageError:
    subject = files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
    return StorageError(
        f"{subject}: cannot be loaded into {relation} ({duckdb_errors.first_line(error)}); run again to write it anew"
    )
