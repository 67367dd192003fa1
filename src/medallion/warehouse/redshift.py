"""The warehouse on AWS: Redshift, one connection a session, each session one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from medallion import fault
from medallion.warehouse import redshift_errors
from medallion.warehouse.base import REDSHIFT
from medallion.warehouse.redshift_address import RedshiftAddress, connect
from medallion.warehouse.redshift_session import Lake, RedshiftSession
from medallion.warehouse.redshift_storage import ObjectStore
from medallion.warehouse.transactions import repeated

if TYPE_CHECKING:
    from redshift_connector.core import Connection

    from medallion.warehouse.base import Session
    from medallion.warehouse.redshift_address import Credentials

T = TypeVar("T")
_IS_THERE = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'control'"
_MOST_KEPT = 4  # connections; as many as sessions of a run are open side by side


class RedshiftWarehouse:
    """One database. `credentials` are asked for each connection anew, as those of AWS expire.

    `manifests` is a folder in S3 for lists of the files to load, `role` the ARN of the role that the warehouse takes
    for COPY and UNLOAD. `wait_seconds` is how long a session waits for a lock.
    """

    dialect = REDSHIFT

    def __init__(
        self,
        address: RedshiftAddress,
        credentials: Credentials,
        *,
        manifests: str,
        role: str | None = None,
        region: str | None = None,
        wait_seconds: float = 10.0,
    ) -> None:
        self._address, self._credentials, self._region = address, credentials, region
        self._lake = Lake(ObjectStore(region), manifests, role)
        self._wait_seconds = wait_seconds
        self._idle: list[Connection] = []
        self._keepers = 0
        self._changed = threading.Lock()

    @property
    def location(self) -> str:
        return str(self._address)

    def exists(self) -> bool:
        """Whether anything was ever recorded there. Raises StorageError where the database cannot be reached."""
        with self.read() as session:
            return bool(session.rows(_IS_THERE))

    @contextmanager
    def write(self) -> Iterator[RedshiftSession]:
        with self._session(is_read_only=False) as session:
            try:
                yield session
            except BaseException:
                session.roll_back()
                raise
            fault.point("warehouse.commit.begin")
            session.commit()
            fault.point("warehouse.commit.done")

    @contextmanager
    def read(self) -> Iterator[RedshiftSession]:
        with self._session(is_read_only=True) as session:
            try:
                yield session
            finally:
                session.roll_back()  # with it go the temporary tables

    def transact(self, work: Callable[[Session], T], is_done: Callable[[Session], bool] | None = None) -> T:
        return repeated(self, work, is_done)

    @contextmanager
    def kept_open(self) -> Iterator[None]:
        with self._changed:
            self._keepers += 1
        try:
            yield
        finally:
            with self._changed:
                self._keepers -= 1
                left, self._idle = ([], self._idle) if self._keepers else (self._idle, [])
            for connection in left:
                _close(connection)

    def tidy_up(self) -> None:
        """Redshift does so by itself."""

    @contextmanager
    def _session(self, *, is_read_only: bool) -> Iterator[RedshiftSession]:
        connection, session = self._begun(is_read_only=is_read_only)
        try:
            yield session
        finally:
            with self._changed:
                is_kept = self._keepers and session.is_reusable and len(self._idle) < _MOST_KEPT
                if is_kept:
                    self._idle.append(connection)
            if not is_kept:
                _close(connection)

    def _begun(self, *, is_read_only: bool) -> tuple[Connection, RedshiftSession]:
        """A connection on which a transaction has begun: a kept one that still lives, or a new one."""
        while True:
            with self._changed:
                kept = self._idle.pop() if self._idle else None
            connection = kept or connect(self._address, self._credentials, self._region)
            try:
                session = RedshiftSession(
                    connection,
                    self.location,
                    self._lake,
                    is_read_only=is_read_only,
                    wait_seconds=self._wait_seconds,
                )
            except redshift_errors.DRIVER_ERRORS as error:
                _close(connection)
                if kept is None:
                    raise redshift_errors.storage(error, self.location) from error
            else:
                return connection, session


def _close(connection: Connection) -> None:
    with suppress(*redshift_errors.DRIVER_ERRORS):
        connection.close()
