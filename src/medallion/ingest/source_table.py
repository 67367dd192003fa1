"""A table of an operational PostgreSQL as it is at one moment: whether it fits its contract, its state, its rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from medallion.data_source import Source, SourceTable
from medallion.errors import EngineError, InputError
from medallion.ingest.source_rows import quoted

try:
    from adbc_driver_postgresql import dbapi as adbc
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    from medallion.ingest.source_errors import explained, server_name
except ImportError as error:
    raise EngineError(
        f"PostgreSQL drivers: {error.name} is not installed; pip install 'medallion[postgres]'"
    ) from error

if TYPE_CHECKING:
    import pyarrow as pa

CONNECT_SECONDS = 10
# Text must not depend on how server or user are set up.
_SETTINGS = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL extra_float_digits = 1",
)
_TEXTS = ("text", "character varying", "character")
_WITH_ZONE = "timestamp with time zone"
# For each type of a contract, the types in PostgreSQL whose every value it can hold (numbers: of some size).
_FITTING: Mapping[str, tuple[str, ...]] = {
    "smallint": ("smallint",),
    "integer": ("integer", "smallint"),
    "bigint": ("bigint", "integer", "smallint"),
    "decimal": ("numeric", "bigint", "integer", "smallint"),
    "double": ("double precision", "real"),
    "boolean": ("boolean",),
    "date": ("date",),
    "timestamp": ("timestamp without time zone", _WITH_ZONE),
    "varchar": _TEXTS,
}


@dataclass(frozen=True)
class TableState:
    """A table at one moment: its rows, a hash that is another one after a change, the newest value of `changed_at`."""

    row_count: int
    digest: str
    changed_up_to: str | None


class TableReader:
    """Reads the database table of a source. `dsn` is libpq's connection string, which no message repeats.

    Raises InputError: no connection, no such table, a missing column, a column of another type, a missing right.
    """

    def __init__(self, dsn: str, source: Source) -> None:
        if source.table is None:
            raise ValueError(f"source {source.name}: is no database table")
        self.source, self.table = source, source.table
        self.display = server_name(dsn)
        self._dsn = make_conninfo(dsn, connect_timeout=conninfo_to_dict(dsn).get("connect_timeout", CONNECT_SECONDS))

    def __repr__(self) -> str:
        return f"TableReader({self.display}, {self.table})"

    def state(self) -> TableState:
        """The table's state as it is now."""
        with self.snapshot() as snapshot:
            return snapshot.state

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The table as it is when the block begins, whatever others write meanwhile."""
        with (
            explained(f"table {self.table}", self.display),
            adbc.connect(self._dsn) as connection,
            connection.cursor() as cursor,
        ):
            for setting in _SETTINGS:
                cursor.execute(setting)
            yield Snapshot(cursor, self.source, self.table, self._types(cursor))

    def _types(self, cursor: adbc.Cursor) -> dict[str, str]:
        """The type of each of the contract's columns in the database, checked against the contract's."""
        name = f"{quoted(self.table.schema)}.{quoted(self.table.name)}"
        cursor.execute(
            "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute"
            f" WHERE attrelid = to_regclass({_literal(name)}) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        found = dict(cursor.fetchall())
        if not found:
            raise InputError(
                f"table {self.table}: does not exist in database {self.display}; create it, or name the database that"
                " has it with --source-dsn"
            )
        for column in self.source.kept_columns:
            kind = found.get(column.delivered_name)
            if kind is None:
                raise InputError(
                    f"table {self.table}: column '{column.delivered_name}' is missing (found: {', '.join(found)});"
                    " add it to the table, or take it out of the contract"
                )
            if kind not in _FITTING[column.data_type.name]:
                raise InputError(
                    f"table {self.table}: column '{column.delivered_name}' is of type {kind}, not {column.type};"
                    " change the column, or the contract"
                )
        return {column.name: found[column.delivered_name] for column in self.source.kept_columns}


class Snapshot:
    """A table at one moment, within a transaction."""

    def __init__(self, cursor: adbc.Cursor, source: Source, table: SourceTable, types: Mapping[str, str]) -> None:
        self._cursor, self._source, self._table = cursor, source, table
        names = {column.name: quoted(column.delivered_name) for column in source.kept_columns}
        self._names = names
        self._texts = {name: f"coalesce(({plain}{_in_utc(types[name])})::text, '')" for name, plain in names.items()}
        self._relation = f"{quoted(table.schema)}.{quoted(table.name)}"

    @cached_property
    def state(self) -> TableState:
        """Taken over the contents of all rows; with a change column over their keys and its newest value."""
        changed = self._table.changed_at
        texts = ", ".join(self._texts[name] for name in (self._table.key if changed else tuple(self._texts)))
        newest = "NULL::text"
        if changed:
            newest = (
                f"(SELECT {self._texts[changed]} FROM {self._relation} WHERE {self._names[changed]} IS NOT NULL"
                f" ORDER BY {self._names[changed]} DESC LIMIT 1)"
            )
        self._cursor.execute(
            "SELECT count(*), coalesce(sum(hashtextextended(row_text, 0)::numeric), 0)::text,"
            f" coalesce(sum(hashtextextended(row_text, 1)::numeric), 0)::text, {newest}"
            f" FROM (SELECT ROW({texts})::text AS row_text FROM {self._relation}) AS rows_as_text"
        )
        count, *sums, changed_up_to = self._cursor.fetchone()
        parts = json.dumps([list(self._texts), count, sums, changed_up_to])
        return TableState(count, hashlib.sha256(parts.encode()).hexdigest(), changed_up_to)

    def rows(self, since: str | None = None) -> Iterator[pa.RecordBatch]:
        """The rows as text ('' for NULL), by key; those changed at `since` or later only where that is given."""
        where = ""
        if since is not None and self._table.changed_at:
            where = f" WHERE t.{self._names[self._table.changed_at]} >= {_literal(since)}"
        yield from self._read(tuple(self._texts), where)

    def key_rows(self) -> Iterator[pa.RecordBatch]:
        """The key columns of all rows, as text."""
        yield from self._read(self._table.key, "")

    def _read(self, names: tuple[str, ...], where: str) -> Iterator[pa.RecordBatch]:
        texts = ", ".join(f"{self._texts[name]} AS {quoted(name)}" for name in names)
        order = ", ".join(f"t.{self._names[name]}" for name in self._table.key)  # not what is selected under that name
        self._cursor.execute(f"SELECT {texts} FROM {self._relation} AS t{where} ORDER BY {order}")
        yield from self._cursor.fetch_record_batch()


def _in_utc(kind: str) -> str:
    return " AT TIME ZONE 'UTC'" if kind == _WITH_ZONE else ""


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
