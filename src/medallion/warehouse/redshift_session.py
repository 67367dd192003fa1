"""A session on Redshift: what `medallion.warehouse.base.Session` asks for, on one connection of redshift-connector."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medallion import fault
from medallion.errors import (
    BusyError,
    ConflictError,
    LostConnectionError,
    MedallionError,
    StorageError,
    UnknownOutcomeError,
    UsageError,
)
from medallion.warehouse import redshift_errors
from medallion.warehouse.base import REDSHIFT
from medallion.warehouse.ddl import column_list, quote_relation, sql_type
from medallion.warehouse.redshift_copy import Loader
from medallion.warehouse.redshift_unload import completed, unload_statement
from medallion.warehouse.statements import first_word, split_statements

if TYPE_CHECKING:
    from redshift_connector.core import Connection

    from medallion.contracts import Table
    from medallion.warehouse.redshift_storage import ObjectStore

_MOST_PARAMETERS = 30_000  # the driver takes 32,767 a statement
_MOST_ROWS = 500
_READING = ("SELECT", "WITH", "SHOW", "EXPLAIN", "VALUES", "DESCRIBE", "TABLE")
_TEMPORARY = re.compile(r"CREATE TEMPORARY TABLE ", re.IGNORECASE)
_NAME = r'"(?:[^"]|"")+"'
# What a reading session may run beside queries: all of it ends with the session.
_HARMLESS = re.compile(
    rf"CREATE TEMPORARY TABLE |DROP TABLE (IF EXISTS )?{_NAME}\s*$|COPY {_NAME} FROM |INSERT INTO {_NAME} \("
)


@dataclass(frozen=True)
class Lake:
    """What loading and unloading need: the files, where manifests go, and the role that the warehouse takes."""

    store: ObjectStore
    manifests: str
    role: str | None


class RedshiftSession:
    """A transaction on one connection; see `medallion.warehouse.base.Session`."""

    dialect = REDSHIFT

    def __init__(
        self,
        connection: Connection,
        location: str,
        lake: Lake,
        *,
        is_read_only: bool,
        wait_seconds: float,
    ) -> None:
        self._connection, self._location, self._lake = connection, location, lake
        self._is_read_only, self._wait_seconds = is_read_only, wait_seconds
        self._cursor = connection.cursor()
        self._cursor.paramstyle = "qmark"
        self._asked = 0
        self.is_reusable = True
        self._run("BEGIN")

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        fault.point("warehouse.statement")
        for statement in [sql] if parameters else split_statements(sql):
            if self._is_read_only and not _HARMLESS.match(statement):
                self._refuse_change(statement)
            if _TEMPORARY.match(statement):
                self.is_reusable = False  # the table would meet the next session of the connection
            with self._translated(redshift_errors.storage):
                self._run(statement, parameters)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        if self._is_read_only:
            self._refuse_change(sql)
        try:
            return self._fetched(sql, parameters)
        except ConflictError:
            if not self._is_read_only or self._asked:
                raise
            # The first question of a session that changes nothing: what it asked of was replaced in that moment.
            self._run("ROLLBACK")
            self._run("BEGIN")
            return self._fetched(sql, parameters)

    def insert(self, relation: str, table: Table, rows: Sequence[Sequence[object]]) -> None:
        fault.point("warehouse.statement")
        marks = ", ".join(f"CAST(? AS {sql_type(column, REDSHIFT)})" for column in table.columns)
        most = max(1, min(_MOST_ROWS, _MOST_PARAMETERS // len(table.columns)))
        for start in range(0, len(rows), most):
            some = rows[start : start + most]
            values = ", ".join(f"({marks})" for _ in some)
            with self._translated(redshift_errors.storage):
                self._run(
                    f"INSERT INTO {quote_relation(relation)} ({column_list(table.column_names)}) VALUES {values}",
                    [value for row in some for value in row],
                )

    def copy_in(self, relation: str, table: Table, files: Sequence[str]) -> int:
        fault.point("warehouse.copy_in")
        if not files:
            return 0
        loader = Loader(self, self._lake.store, self._lake.manifests, self._role)
        try:
            return loader.load(relation, table, files)
        except (ConflictError, LostConnectionError, BusyError):
            raise
        except StorageError as error:
            if "cannot be loaded" in str(error):
                raise
            reason = str(error).removeprefix(f"{self._location}: ")
            more = f" and {len(files) - 1} more" if len(files) > 1 else ""
            raise StorageError(f"{files[0]}{more}: cannot be loaded into {relation} ({reason})") from error

    def copy_out(self, query: str, folder: str) -> list[str]:
        fault.point("warehouse.copy_out")
        with self._translated(redshift_errors.query):
            self._run(f"SELECT * FROM ({query}) AS unloaded LIMIT 0")
            self._cursor.fetchall()
            columns = list((self._cursor.ps or {})["row_desc"])
            self._run(unload_statement(query, folder, self._role))
        return completed(self._lake.store, folder, columns)

    def lock(self, relation: str) -> None:
        milliseconds = max(int(self._wait_seconds * 1000), 1)
        try:
            with self._translated(redshift_errors.storage):
                self._run(f"SET statement_timeout TO {milliseconds}")
                self._run(f"LOCK {quote_relation(relation)}")
                self._run("SET statement_timeout TO 0")
        except BusyError as error:
            if isinstance(error, ConflictError):
                raise
            raise BusyError(
                f"{self._location}: {relation} is in use by another session, waited {self._wait_seconds:.1f} s;"
                " wait until it is done or end it"
            ) from error

    def commit(self) -> None:
        """Keep what was done. Raises UnknownOutcomeError where the answer does not arrive."""
        try:
            self._run("COMMIT")
        except redshift_errors.DRIVER_ERRORS as error:
            self.is_reusable = False
            if redshift_errors.is_lost(error):
                raise UnknownOutcomeError(
                    f"{self._location}: the connection was lost during the commit, so it is not known whether it holds;"
                    " run the same command again, it looks and goes on"
                ) from error
            raise redshift_errors.storage(error, self._location) from error

    def roll_back(self) -> None:
        """Undo the transaction; a connection that is lost has done so by itself."""
        with suppress(*redshift_errors.DRIVER_ERRORS):
            self._run("ROLLBACK")
            return
        self.is_reusable = False

    def _fetched(self, sql: str, parameters: Sequence[object]) -> list[tuple[Any, ...]]:
        with self._translated(redshift_errors.query):
            self._run(sql, parameters)
            found = [tuple(row) for row in self._cursor.fetchall()]
            self._asked += 1
            return found

    def _run(self, sql: str, parameters: Sequence[object] = ()) -> None:
        self._cursor.execute(sql, list(parameters) or None)

    def _refuse_change(self, sql: str) -> None:
        word = first_word(sql)
        if word not in _READING:
            raise UsageError(f"{self._location}: only queries are possible here ({word} is none); leave the change out")

    @property
    def _role(self) -> str:
        if not self._lake.role:
            raise UsageError(
                "warehouse_role: is not set, and COPY and UNLOAD need it; set MEDALLION_WAREHOUSE_ROLE to the ARN of"
                " the role that the warehouse takes to read and write the lake"
            )
        return self._lake.role

    @contextmanager
    def _translated(self, translate: Callable[[BaseException, str], MedallionError]) -> Iterator[None]:
        try:
            yield
        except redshift_errors.DRIVER_ERRORS as error:
            if redshift_errors.is_lost(error):
                self.is_reusable = False
            raise translate(error, self._location) from error
