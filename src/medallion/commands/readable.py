"""What can be read: tables by name, and queries that only read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from medallion.contracts import Column, Layer, Table
from medallion.errors import UsageError
from medallion.warehouse.base import DUCKDB

if TYPE_CHECKING:
    from medallion.warehouse.base import Warehouse


@dataclass(frozen=True)
class Shown:
    """A table that can be shown, and the `schema.name` it has in the warehouse. Grain columns come first."""

    relation: str
    table: Table
    remedy: str
    is_mart: bool = False

    @property
    def shown_columns(self) -> tuple[Column, ...]:
        keys = tuple(self.table.column(name) for name in self.table.grain)
        return (*keys, *(column for column in self.table.columns if column not in keys))


@dataclass(frozen=True)
class Result:
    """The rows of a query and the names of their columns, each once."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    @property
    def records(self) -> list[dict[str, Any]]:
        return [dict(zip(self.names, row, strict=True)) for row in self.rows]


def find_table(name: str, *, marts_only: bool = False) -> Shown:
    """The table called `name`, with its schema or without.

    Raises UsageError that suggests similar names, or the full ones where several tables (with `marts_only` several
    marts) are so called.
    """
    known = list(_tables())
    found = [shown for shown in known if name.lower() in (shown.relation, shown.table.name)]
    meant = [shown for shown in found if shown.is_mart] if marts_only else []
    if len(meant or found) == 1:
        return (meant or found)[0]
    if found:
        raise UsageError(f"table '{name}': several are so called; write {' or '.join(one.relation for one in found)}")
    names = [shown.relation if "." in name else shown.table.name for shown in known]
    similar = get_close_matches(name.lower(), names, n=3)
    remedy = f"did you mean {' or '.join(similar)}?" if similar else f"choose one of: {', '.join(names)}"
    raise UsageError(f"table '{name}' is unknown; {remedy}")


def read_table(warehouse: Warehouse, shown: Shown, limit: int) -> tuple[Result, int]:
    """The first rows (by the table's sort keys, then its grain), and how many there are in all.

    Raises UsageError where the table was never published, StorageError where there is no warehouse.
    """
    from medallion.warehouse.ddl import column_list, quote_relation

    columns = tuple(column.name for column in shown.shown_columns)
    order = tuple(dict.fromkeys((*shown.table.sort, *shown.table.grain)))
    relation = quote_relation(shown.relation)
    with warehouse.read() as session:
        if not session.rows(
            "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?",
            shown.relation.split(".", 1),
        ):
            raise UsageError(f"{shown.relation}: is not in {warehouse.location} yet; {shown.remedy}")
        rows = session.rows(
            f"SELECT {column_list(columns)} FROM {relation} ORDER BY {column_list(order)} LIMIT {int(limit)}"
        )
        row_count = session.rows(f"SELECT count(*) FROM {relation}")[0][0]
    return Result(columns, rows), row_count


def run_query(warehouse: Warehouse, sql: str) -> Result:
    """The result of one reading statement. Raises UsageError where it is another kind, several, or wrong."""
    if warehouse.dialect != DUCKDB:
        raise UsageError(f"{warehouse.location}: query asks DuckDB only; use Redshift's query editor, or show TABLE")
    statement = _reading(sql)
    with warehouse.read() as session:
        # On its own lines: the statement may end in a comment.
        names = tuple(row[0] for row in session.rows(f"DESCRIBE SELECT * FROM (\n{statement}\n)"))
        return Result(names, session.rows(statement))


def _reading(sql: str) -> str:
    """The one statement of `sql`, checked to be a query: COPY or ATTACH write even with a read-only warehouse."""
    import duckdb

    from medallion.warehouse import duckdb_errors

    try:
        found = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise UsageError(f"query: {duckdb_errors.first_line(error)}; correct the SQL") from error
    if len(found) != 1:
        raise UsageError(f"query: {len(found)} statements are given; give one SELECT")
    if found[0].type != duckdb.StatementType.SELECT:
        raise UsageError(f"query: {found[0].type.name} is not a query; only SELECT and the like can run here")
    return found[0].query.strip().rstrip(";")


def _tables() -> Iterator[Shown]:
    from medallion import catalog
    from medallion.warehouse.control_tables import TABLES

    for product in catalog.PRODUCTS:
        files = " --input DIR" if product.file_sources else ""
        for layer in (Layer.GOLD, Layer.SILVER):
            yield from _of(
                [(product.schema(layer), step.table) for step in product.layer(layer)],
                f"publish it with: medallion run {product.name}{files}",
                is_mart=layer is Layer.GOLD,
            )
    yield from _of(TABLES, "it comes with the first run: medallion run PRODUCT --input DIR")


def _of(tables: Sequence[tuple[str, Table]], remedy: str, *, is_mart: bool = False) -> Iterator[Shown]:
    return (Shown(f"{schema}.{table.name}", table, remedy, is_mart) for schema, table in tables)
