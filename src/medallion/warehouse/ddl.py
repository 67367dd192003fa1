"""Statements that create and describe tables, derived from their contracts, for DuckDB and Redshift.

Neither dialect gets PRIMARY KEY or UNIQUE: Redshift does not enforce them and its planner believes them, so a repeated
key would turn into wrong answers; DuckDB would build an index at every load. The audit proves the grain before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.errors import UsageError
from medallion.warehouse.base import DUCKDB, REDSHIFT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medallion.contracts import Column, Table

_KEYWORD_DISTRIBUTIONS = ("all", "even", "auto")


def quote(identifier: str) -> str:
    """An identifier as SQL: `order` becomes `"order"`."""
    return '"' + identifier.replace('"', '""') + '"'


def quote_relation(relation: str) -> str:
    """`schema.name` as SQL, both parts quoted."""
    return ".".join(quote(part) for part in relation.split(".", 1))


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def column_list(names: Sequence[str]) -> str:
    """Quoted names, separated by commas."""
    return ", ".join(quote(name) for name in names)


def sql_type(column: Column, dialect: str) -> str:
    """The column's type. DuckDB keeps text without a length; Redshift's length counts bytes, as the contract's does."""
    data_type = column.data_type
    if data_type.name == "varchar":
        return f"VARCHAR({data_type.length})" if dialect == REDSHIFT else "VARCHAR"
    if data_type.name == "decimal":
        return f"DECIMAL({data_type.length},{data_type.scale})"
    if data_type.name == "double":
        return "DOUBLE PRECISION" if dialect == REDSHIFT else "DOUBLE"
    return data_type.name.upper()


def create_schema(schema: str) -> str:
    """Create a schema where it is missing."""
    return f"CREATE SCHEMA IF NOT EXISTS {quote(schema)}"


def create_table(relation: str, table: Table, dialect: str) -> str:
    """Create `relation` (`schema.name`) with the columns of `table`; fails where it exists."""
    columns = ",\n  ".join(_column(column, table, dialect) for column in table.columns)
    attributes = "\n" + _layout(table) if dialect == REDSHIFT else ""
    return f"CREATE TABLE {quote_relation(relation)} (\n  {columns}\n){attributes}"


def create_temporary_table(name: str, table: Table, dialect: str) -> str:
    """Create a table `name`, without a schema, with the columns of `table`, that is gone with its session."""
    columns = ",\n  ".join(_column(column, table, dialect) for column in table.columns)
    return f"CREATE TEMPORARY TABLE {quote(name)} (\n  {columns}\n)"


def add_column(relation: str, column: Column, dialect: str) -> str:
    """Add a nullable column; raises UsageError for one that must be filled, as the rows already there have no value."""
    if not column.nullable:
        raise UsageError(
            f"{relation}: column '{column.name}' is new and must be filled, which rows already published are not;"
            " make it nullable or run with --full-refresh"
        )
    return f"ALTER TABLE {quote_relation(relation)} ADD COLUMN {quote(column.name)} {sql_type(column, dialect)}"


def create_view(view: str, relation: str, columns: Sequence[str], dialect: str) -> str:
    """Point `view` at `relation`, columns named one by one, so that a column added below does not show by accident."""
    # Without schema binding a view neither blocks the drop of what it pointed to before, nor loses its grants.
    binding = " WITH NO SCHEMA BINDING" if dialect == REDSHIFT else ""
    select = f"SELECT {column_list(columns)} FROM {quote_relation(relation)}"
    return f"CREATE OR REPLACE VIEW {quote_relation(view)} AS {select}{binding}"


def comments(relation: str, table: Table, dialect: str, *, is_view: bool = False) -> list[str]:
    """One `COMMENT ON` for the relation and one for each column. Redshift's unbound views have none to describe."""
    name = quote_relation(relation)
    found = [f"COMMENT ON {'VIEW' if is_view else 'TABLE'} {name} IS {literal(table.description)}"]
    if is_view and dialect == REDSHIFT:
        return found
    return found + [
        f"COMMENT ON COLUMN {name}.{quote(column.name)} IS {literal(column.description)}" for column in table.columns
    ]


def _column(column: Column, table: Table, dialect: str) -> str:
    parts = [quote(column.name), sql_type(column, dialect)]
    if dialect == DUCKDB and column.data_type.name == "varchar" and _is_key(column, table):
        # Nearly every row has its own key: looking for repetition in them costs a fifth of a load and finds little.
        parts.append("USING COMPRESSION uncompressed")
    if not column.nullable:
        parts.append("NOT NULL")
    return " ".join(parts)


def _is_key(column: Column, table: Table) -> bool:
    return column.name in table.grain and column.name.endswith("_id")


def _layout(table: Table) -> str:
    distribution = table.distribution or "auto"
    if distribution in _KEYWORD_DISTRIBUTIONS:
        style = f"DISTSTYLE {distribution.upper()}"
    else:
        style = f"DISTSTYLE KEY\nDISTKEY ({quote(distribution)})"
    sort = f"COMPOUND SORTKEY ({column_list(table.sort)})" if table.sort else "SORTKEY AUTO"
    return f"{style}\n{sort}\nENCODE AUTO"
