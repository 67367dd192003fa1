"""Keeping a big table up to date by key: read or replace the rows of some values of one column, leave all others.

Only what Redshift and DuckDB share: a temporary table of the values, semi- and anti-joins, delete and insert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.contracts import Layer, Table
from medallion.warehouse.ddl import column_list, create_temporary_table, quote, quote_relation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medallion.contracts import Column
    from medallion.warehouse.base import Session


def load_keys(session: Session, column: Column, files: Sequence[str], name: str = "affected") -> str:
    """Put the values of `column` in Parquet files into a temporary table of this session; returns its relation."""
    relation = f"{name}_{column.name}"
    table = Table(
        name=relation, layer=Layer.CONTROL, grain=(column.name,), description="Key values.", columns=(column,)
    )
    session.execute(f"DROP TABLE IF EXISTS {quote(relation)}")
    session.execute(create_temporary_table(relation, table, session.dialect))
    session.copy_in(relation, table, files)
    return relation


def unload_rows(
    session: Session,
    relation: str,
    columns: Sequence[Column],
    folder: str,
    *,
    within: tuple[str, str] | None = None,
    without: tuple[str, str] | None = None,
) -> list[str]:
    """Write rows of a table as Parquet files; returns the files.

    `within` and `without` are (column, relation of its values): only rows with such a value, or without one. A row
    whose value is NULL is within nothing.
    """
    conditions = [f"EXISTS ({_same_key(*within)})"] if within else []
    conditions += [f"NOT EXISTS ({_same_key(*without)})"] if without else []
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    names = column_list([column.name for column in columns])
    return session.copy_out(f"SELECT {names} FROM {quote_relation(relation)} AS t{where}", folder)


def merge(session: Session, relation: str, table: Table, keys: tuple[str, str], files: Sequence[str]) -> int:
    """Put the rows of Parquet files in place of all rows with one of the values; returns how many rows the table has.

    `keys` is (column, relation of its values). Values without new rows disappear, others are not touched.
    """
    delete_keys(session, relation, keys)
    session.copy_in(relation, table, files)
    return int(session.rows(f"SELECT count(*) FROM {quote_relation(relation)}")[0][0])


def delete_keys(session: Session, relation: str, keys: tuple[str, str]) -> None:
    """Delete the rows with one of the values of `keys`: (column, relation of its values)."""
    column, values = keys
    session.execute(
        f"DELETE FROM {quote_relation(relation)} WHERE {quote(column)} IN"
        f" (SELECT {quote(column)} FROM {quote_relation(values)})"
    )


def _same_key(column: str, values: str) -> str:
    return f"SELECT 1 FROM {quote_relation(values)} AS k WHERE k.{quote(column)} = t.{quote(column)}"
