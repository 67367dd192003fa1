"""A reader that looks at the marts again and again while runs are killed and restarted beside it.

A program of its own, as DuckDB's file is locked between processes: `marts_reader.py WAREHOUSE`. It looks until its
standard input ends, and then prints what it saw as JSON.
"""

from __future__ import annotations

import json
import select
import sys
from pathlib import Path

import duckdb

PAUSE = 0.4
TOTALS = {
    "sales_trends": "period = 'day'",
    "location_performance": "true",
    "loyalty_program_impact": "true",
    "pricing_discount_effectiveness": "true",
}


def look(connection: duckdb.DuckDBPyConnection) -> dict[str, object] | None:
    """One view of the published version; None where nothing is published yet."""
    views = connection.execute(
        "SELECT view_name, list_contains(list(column_name), 'as_of') FROM duckdb_views() JOIN duckdb_columns()"
        " ON table_oid = view_oid WHERE duckdb_views.schema_name = 'restaurant' GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    if not views:
        return None
    row_counts, dates = {}, set()
    for name, has_date in views:
        seen_from = "list(DISTINCT CAST(as_of AS VARCHAR))" if has_date else "[]"
        ((row_counts[name], found),) = connection.execute(
            f"SELECT count(*), {seen_from} FROM restaurant.{name}"
        ).fetchall()
        dates.update(found or ())
    net_amounts = {
        name: str(connection.execute(f"SELECT sum(net_amount) FROM restaurant.{name} WHERE {where}").fetchall()[0][0])
        for name, where in TOTALS.items()
    }
    return {"row_counts": row_counts, "as_of": sorted(dates), "net_amounts": net_amounts}


def main(warehouse: Path) -> None:
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
            found = look(connection)
        looks += 1
        if not seen or seen[-1] != found:
            seen.append(found)
    json.dump({"looks": looks, "held": held, "seen": seen}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
