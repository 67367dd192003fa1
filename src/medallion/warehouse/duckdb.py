"""The local warehouse: one DuckDB file, opened only while a block runs, so that other processes get their turn."""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import contextmanager, suppress
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
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5  # seconds between two attempts to open a file that is held


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
        import pyarrow as pa

        fault.point("warehouse.statement")
        if not rows:
            return
        # Thousands of parameters take DuckDB longer than the rest of a small run's bookkeeping; a table in memory none.
        given = pa.table([pa.array(values) for values in zip(*rows, strict=True)], names=list(table.column_names))
        values = ", ".join(f"CAST({quote(c.name)} AS {sql_type(c, DUCKDB)})" for c in table.columns)
        self._cursor.register("_given", given)
        try:
            with _translated(self._location, duckdb_errors.storage):
                self._cursor.execute(
                    f"INSERT INTO {quote_relation(relation)} ({column_list(table.column_names)}) "
                    f"SELECT {values} FROM _given"
                )
        finally:
            self._cursor.unregister("_given")

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
            raise (_disk_error(error, self._location) or _unfit(relation, files, error)) from error
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
            "(FORMAT parquet, PER_THREAD_OUTPUT true, OVERWRITE_OR_IGNORE true)"
        )
        return sorted(str(file) for file in target.glob("*.parquet"))

    def lock(self, relation: str) -> None:
        # Other processes cannot have the file open at all; it is this process's threads that must queue.
        if not self._has_mutex:
            self._mutex.acquire()
            self._has_mutex = True

    def end(self) -> None:
        """Let waiting threads pass and give the cursor back."""
        self._cursor.close()
        if self._has_mutex:
            self._mutex.release()


class DuckDbWarehouse:
    """One file. Threads of a process share it, each session with its own transaction; processes take turns.

    A file that another process holds is tried again for `wait_seconds`, then BusyError names the holder.
    `threads` is how many DuckDB works with; by default as many as there are cores.
    """

    dialect = DUCKDB

    def __init__(self, path: Path, wait_seconds: float = 10.0, threads: int | None = None) -> None:
        self._path, self._wait_seconds, self._threads = path, wait_seconds, threads
        self._changed = threading.Condition()
        self._file: duckdb.DuckDBPyConnection | None = None
        self._file_is_read_only = False
        self._users = 0
        self._mutex = threading.RLock()

    @property
    def location(self) -> str:
        return str(self._path)

    def exists(self) -> bool:
        return self._path.is_file()

    @contextmanager
    def write(self) -> Iterator[DuckDbSession]:
        if not self.exists():
            self._create()
        with self._session(read_only=False) as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[DuckDbSession]:
        if not self.exists():
            raise StorageError(f"{self.location}: there is no warehouse yet; run a product first or check --home")
        with self._session(read_only=True) as session:
            yield session

    @contextmanager
    def _session(self, *, read_only: bool) -> Iterator[DuckDbSession]:
        session = DuckDbSession(self._enter(read_only=read_only), self.location, self._mutex)
        try:
            session.execute("BEGIN TRANSACTION READ ONLY" if read_only else "BEGIN TRANSACTION")
            try:
                yield session
            except BaseException:
                with suppress(duckdb.Error):  # the engine has rolled back by itself where the transaction is broken
                    session._cursor.execute("ROLLBACK")
                raise
            fault.point("warehouse.commit.begin")
            session.execute("COMMIT")
            fault.point("warehouse.commit.done")
        finally:
            session.end()
            self._leave()

    def _enter(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        """A cursor on the file, opening it where no other thread has. Waits for other processes and other modes."""
        started, pause = time.monotonic(), _FIRST_PAUSE
        with self._changed:
            while True:
                if self._file is not None and (read_only or not self._file_is_read_only):
                    break
                try:
                    self._file = self._open(read_only=read_only)
                    self._file_is_read_only = read_only
                except duckdb.Error as error:
                    if not duckdb_errors.is_busy(error):
                        raise (duckdb_errors.storage(error, self.location) or error) from error
                    waited = time.monotonic() - started
                    if waited >= self._wait_seconds:
                        raise duckdb_errors.busy(error, self.location, waited) from error
                    self._changed.wait(min(pause, self._wait_seconds - waited))
                    pause = min(pause * 2, _LONGEST_PAUSE)
            self._users += 1
            return self._file.cursor()

    def _leave(self) -> None:
        with self._changed:
            self._users -= 1
            if self._users == 0 and self._file is not None:
                self._file.close()
                self._file = None
            self._changed.notify_all()

    def _open(self, *, read_only: bool) -> duckdb.DuckDBPyConnection:
        config: dict[str, Any] = {"TimeZone": "UTC", "autoinstall_known_extensions": False}
        if self._threads:
            config["threads"] = self._threads
        # With the file open read-only in this process, DuckDB refuses to open it otherwise: that counts as busy.
        return duckdb.connect(self._path, read_only=read_only, config=config)

    def _create(self) -> None:
        """Make the file in one step: neither a kill half-way nor a second process beside it may leave half a file."""
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}.{threading.get_ident()}.new")
        try:
            duckdb.connect(fresh).close()
            with suppress(FileExistsError):
                os.link(fresh, self._path)
        except duckdb.Error as error:
            raise (duckdb_errors.storage(error, self.location) or error) from error
        except OSError as error:
            raise StorageError(f"{self.location}: cannot be created ({error.strerror}); check the folder") from error
        finally:
            fresh.unlink(missing_ok=True)


@contextmanager
def _translated(location: str, translate: Callable[[duckdb.Error, str], Exception | None]) -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        raise (translate(error, location) or error) from error


def _disk_error(error: duckdb.Error, location: str) -> Exception | None:
    known = duckdb_errors.storage(error, location)
    return known if known and "space" in str(known) else None


def _unfit(relation: str, files: Sequence[str], error: duckdb.Error) -> StorageError:
    subject = files[0] if len(files) == 1 else f"{files[0]} and {len(files) - 1} more"
    return StorageError(
        f"{subject}: cannot be loaded into {relation} ({duckdb_errors.first_line(error)}); run again to write it anew"
    )
