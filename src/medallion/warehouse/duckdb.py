"""The local warehouse: one DuckDB file, opened only while a block runs, so that other processes get their turn."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb

from medallion import fault
from medallion.errors import StorageError
from medallion.warehouse import duckdb_errors
from medallion.warehouse.base import DUCKDB
from medallion.warehouse.duckdb_session import DuckDbSession
from medallion.warehouse.transactions import repeated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from medallion.warehouse.base import Session

T = TypeVar("T")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5  # seconds between two attempts to open a file that is held
_KEPT_SECONDS = 0.5  # how long a file that is kept open waits for the next session; closing one tidies it up


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
        self._keepers = 0
        self._idle: threading.Timer | None = None
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

    def transact(self, work: Callable[[Session], T], is_done: Callable[[Session], bool] | None = None) -> T:
        return repeated(self, work, is_done)

    @contextmanager
    def read(self) -> Iterator[DuckDbSession]:
        if not self.exists():
            raise StorageError(f"{self.location}: there is no warehouse yet; run a product first or check --home")
        with self._session(read_only=True) as session:
            yield session

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        # Blocks overlap where threads share the warehouse: the file stays open until the last of them has ended.
        with self._changed:
            self._keepers += 1
        try:
            yield
        finally:
            with self._changed:
                self._keepers -= 1
                if not self._keepers:
                    self._close_idle()

    def tidy_up(self) -> None:
        """Bring the write-ahead log into the file, which else the commit that finds it full does, alone.

        Closing the file does so, too: where it is closed, or open for reading, nothing is waited for.
        """
        with self._changed:
            if self._file is None or self._file_is_read_only:
                return
            cursor = self._joined(self._file)
        try:
            with suppress(duckdb.Error):  # others are writing
                cursor.execute("CHECKPOINT")
        finally:
            cursor.close()
            self._leave()

    @contextmanager
    def _session(self, *, read_only: bool) -> Iterator[DuckDbSession]:
        session = DuckDbSession(self._enter(read_only=read_only), self.location, self._mutex)
        try:
            session.execute("BEGIN TRANSACTION READ ONLY" if read_only else "BEGIN TRANSACTION")
            try:
                yield session
            except BaseException:
                with suppress(duckdb.Error):  # the engine has rolled back by itself where the transaction is broken
                    session.roll_back()
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
                if self._users == 0:
                    self._close()
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
            return self._joined(self._file)

    def _joined(self, file: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        """A cursor of one user more."""
        self._users += 1
        self._stop_timer()
        return file.cursor()

    def _leave(self) -> None:
        with self._changed:
            self._users -= 1
            if self._users == 0:
                if self._keepers:
                    self._idle = threading.Timer(_KEPT_SECONDS, self._close_idle)
                    self._idle.daemon = True
                    self._idle.start()
                else:
                    self._close()
            self._changed.notify_all()

    def _close_idle(self) -> None:
        with self._changed:
            if self._users == 0:
                self._close()
                self._changed.notify_all()

    def _stop_timer(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _close(self) -> None:
        self._stop_timer()
        if self._file is not None:
            self._file.close()
            self._file = None

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
