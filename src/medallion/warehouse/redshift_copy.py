"""COPY of Parquet files by name, where Redshift's COPY goes by position and counts the columns.

Files whose columns are those of the target, in its order and types, are copied into it. All others are copied into a
temporary table that has the file's columns, and inserted from there by name: further columns fall away, and types that
are wider in the file are cast, which the examination before has found possible.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from medallion import fault
from medallion.errors import StorageError
from medallion.warehouse.base import REDSHIFT
from medallion.warehouse.ddl import column_list, literal, quote, quote_relation, sql_type
from medallion.warehouse.redshift_preflight import StagedFile, examined

if TYPE_CHECKING:
    import pyarrow as pa

    from medallion.contracts import Table
    from medallion.warehouse.base import Session
    from medallion.warehouse.redshift_storage import ObjectStore

_COLUMNS = (
    "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"
    " ORDER BY ordinal_position"
)
_LOADED = "SELECT pg_last_copy_count()"


class Loader:
    """Loads files in a session. Manifests are written below `manifests` (an address in S3) and removed afterwards."""

    def __init__(self, session: Session, store: ObjectStore, manifests: str, role: str) -> None:
        self._session, self._store, self._manifests, self._role = session, store, manifests, role

    def load(self, relation: str, table: Table, files: Sequence[str]) -> int:
        """Append the rows of files to a relation; returns how many. Raises StorageError before anything is loaded."""
        staged = [examined(self._store, relation, table, file) for file in files]
        fault.point("warehouse.copy_in.examined")
        target = self._columns(relation, table)
        count = 0
        for same in _of_one_shape(staged):
            if _is_direct(same[0], table, target):
                self._copy(quote_relation(relation), same)
            else:
                self._insert_by_name(relation, table, same)
            count += sum(file.row_count for file in same)
        return count

    def _columns(self, relation: str, table: Table) -> tuple[str, ...]:
        """The columns of the target as they lie in it; a temporary one was made of the contract just now."""
        schema, dot, name = relation.partition(".")
        if not dot:
            return table.column_names
        return tuple(row[0] for row in self._session.rows(_COLUMNS, (schema, name)))

    def _insert_by_name(self, relation: str, table: Table, files: Sequence[StagedFile]) -> None:
        fresh = quote(f"copied_{secrets.token_hex(4)}")
        columns = ", ".join(f"{quote(name)} {_type_of(name, kind, files[0])}" for name, kind in files[0].columns)
        self._session.execute(f"CREATE TEMPORARY TABLE {fresh} ({columns})")
        self._copy(fresh, files)
        values = ", ".join(f"CAST({quote(c.name)} AS {sql_type(c, REDSHIFT)})" for c in table.columns)
        names = column_list(table.column_names)
        self._session.execute(f"INSERT INTO {quote_relation(relation)} ({names}) SELECT {values} FROM {fresh}")
        self._session.execute(f"DROP TABLE {fresh}")

    def _copy(self, target: str, files: Sequence[StagedFile]) -> None:
        manifest = f"{self._manifests}/{secrets.token_hex(8)}.json"
        entries = [{"url": f.address, "mandatory": True, "meta": {"content_length": f.size}} for f in files]
        self._store.write_json(manifest, {"entries": entries})
        try:
            self._session.execute(
                f"COPY {target} FROM {literal(manifest)} IAM_ROLE {literal(self._role)} FORMAT AS PARQUET MANIFEST"
            )
            loaded = int(self._session.rows(_LOADED)[0][0])
        finally:
            self._store.delete([manifest])
        expected = sum(file.row_count for file in files)
        if loaded != expected:
            raise StorageError(
                f"{files[0].address}: {loaded:,} rows of {expected:,} were loaded, of {len(files)} files; run again"
            )


def _of_one_shape(files: Sequence[StagedFile]) -> Iterator[list[StagedFile]]:
    """The files in groups of the same columns, as one COPY takes them."""
    groups: dict[tuple[tuple[str, str], ...], list[StagedFile]] = {}
    for file in files:
        groups.setdefault(tuple((name, str(kind)) for name, kind in file.columns), []).append(file)
    return iter(groups.values())


def _is_direct(file: StagedFile, table: Table, target: Sequence[str]) -> bool:
    names = tuple(name for name, _ in file.columns)
    types = dict(file.columns)
    return names == tuple(target) and all(
        _type_of(c.name, types[c.name], file) == _exact_type(sql_type(c, REDSHIFT)) for c in table.columns
    )


def _exact_type(declared: str) -> str:
    """A declared type as `_type_of` says it: text of any length is loaded as text of the greatest."""
    return "VARCHAR(65535)" if declared.startswith("VARCHAR") else declared


def _type_of(name: str, kind: pa.DataType, file: StagedFile) -> str:
    """The type that COPY takes a column of a file as. Raises StorageError where there is none."""
    import pyarrow as pa

    if pa.types.is_decimal(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP"
    known = {
        "bool": "BOOLEAN",
        "int8": "SMALLINT",
        "int16": "SMALLINT",
        "int32": "INTEGER",
        "int64": "BIGINT",
        "float": "REAL",
        "double": "DOUBLE PRECISION",
        "string": "VARCHAR(65535)",
        "large_string": "VARCHAR(65535)",
        "date32[day]": "DATE",
    }
    if str(kind) not in known:
        raise StorageError(f"{file.address}: column '{name}' is {kind}, which Redshift does not load; leave it out")
    return known[str(kind)]
