"""A reader that looks at the marts again and again while runs are killed and restarted beside it.

A program of its own, as DuckDB's file is locked between processes: `marts_reader.py WAREHOUSE PRODUCT TOTALS`.
It looks until its standard input ends, and then prints what it saw as JSON.
"""

from __future__ import annotations

import json
import select
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb

PAUSE = 0.4
_COLUMNS = """SELECT view_name, list((column_name, data_type)) FROM duckdb_views() JOIN duckdb_columns()
    ON table_oid = view_oid WHERE duckdb_views.schema_name = ? GROUP BY ALL ORDER BY ALL"""
_EXACT = ("DECIMAL", "BIGINT", "INTEGER", "SMALLINT", "DATE")  # sums of others depend on their order in the last bits


def look(connection: duckdb.DuckDBPyConnection, product: str, totals: Mapping[str, str]) -> dict[str, object] | None:
    """One view of the published version: of each mart its rows and what they add up to; None where there is none.

    `totals` are what marts agree about, as SQL by mart.
    """
    views = connection.execute(_COLUMNS, (product,)).fetchall()
    if not views:
        return None
    contents, dates, agreed = {}, set(), {}
    for name, columns in views:
        sums = [f"sum({_number(column, kind)})" for column, kind in sorted(columns) if kind.startswith(_EXACT)]
        seen_from = "list(DISTINCT as_of::VARCHAR)" if "as_of" in dict(columns) else "[]"
        total = totals.get(name, "NULL")
        query = f"SELECT {seen_from}, {total}, count(*), {', '.join(sums) or '0'} FROM {product}.{name}"
        ((found, amount, *figures),) = connection.execute(query).fetchall()
        contents[name] = list(map(str, figures))
        dates.update(found or ())
        if name in totals:
            agreed[name] = str(amount)
    return {"contents": contents, "as_of": sorted(dates), "totals": agreed}


def _number(column: str, kind: str) -> str:
    """A column as a number."""
    return f"epoch({column})" if kind == "DATE" else column


def main(warehouse: Path, product: str, totals: Mapping[str, str]) -> None:
    seen: list[dict[str, object] | None] = []
    looks = held = 0
    while not select.select([sys.stdin], [], [], PAUSE)[0]:
        if not warehouse.exists():
            continue
        try:
            connection = duckdb.connect(warehouse, read_only=True)
        except duckdb.IOException as error:
            if "lock" not in str(error):
                raise
            held += 1
            continue
        with connection:
            found = look(connection, product, totals)
        looks += 1
        if not seen or seen[-1] != found:
            seen.append(found)
    json.dump({"looks": looks, "held": held, "seen": seen}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))
