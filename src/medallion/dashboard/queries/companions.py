"""Rows of a mart as it is, of one currency where it has currencies: for marts that have no chart of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.warehouse.ddl import column_list, quote

if TYPE_CHECKING:
    from medallion.contracts import Table
    from medallion.dashboard.reading import Marts, Row


def rows(marts: Marts, table: Table, currency: str, limit: int) -> list[Row]:
    """The first rows by the contract's sort keys and grain, with those of its columns that the version has."""
    known = marts.pinned.table(table.name)
    there = [name for name in table.column_names if known and name in known.columns]
    order = [name for name in dict.fromkeys((*table.sort, *table.grain)) if name in there]
    is_of_currency = "currency" in there and bool(currency)
    where = f" WHERE {quote('currency')} = ?" if is_of_currency else ""
    sorting = f" ORDER BY {column_list(order)}" if order else ""
    return marts.ask(
        " ".join(there),
        f"SELECT {column_list(there)} FROM {{{table.name}}}{where}{sorting} LIMIT {int(limit)}",
        *([currency] if is_of_currency else []),
    )


def count(marts: Marts, table: Table, currency: str) -> int:
    """How many rows those are."""
    known = marts.pinned.table(table.name)
    is_of_currency = bool(currency and known and "currency" in known.columns)
    where = f" WHERE {quote('currency')} = ?" if is_of_currency else ""
    sql = f"SELECT count(*) FROM {{{table.name}}}{where}"
    return int(marts.one("rows", sql, *([currency] if is_of_currency else []))["rows"])
