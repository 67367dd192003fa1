"""The restaurant tables by plain DuckDB SQL: from the CSV files to every core column, without the pipeline.

    python benchmarks/plain_duckdb.py --input DIR --database FILE [--threads 2] [--as-of DATE]

It prints the seconds of every statement and their total. The SQL stands in `plain_duckdb/`; the benchmark holds the
pipeline's time against it, and the tests hold the pipeline's rows against it.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb

SQL_FOLDER = Path(__file__).with_suffix("")
SCRIPTS = (
    "silver.sql", "gold_customers.sql", "gold_sales.sql", "gold_pricing.sql", "gold_survival.sql", "gold_outlook.sql",
    "gold_effects.sql",
)  # fmt: skip
SOURCE_COLUMNS = {
    "order_items": (
        "app_name", "restaurant_id", "creation_time_utc", "order_id", "user_id", "printed_card_number", "is_loyalty",
        "currency", "lineitem_id", "item_category", "item_name", "item_price", "item_quantity",
    ),
    "order_item_options": (
        "order_id", "lineitem_id", "option_group_name", "option_name", "option_price", "option_quantity",
    ),
    "date_dim": (
        "date_key", "year", "month", "week", "day_of_week", "is_weekend", "is_holiday", "holiday_name",
    ),
}  # fmt: skip


def header_of(file: Path) -> list[str]:
    """The column names of a CSV file (plain or gzip), lower case, as they stand; empty for an empty file."""
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "rt", encoding="utf-8-sig", errors="replace", newline="") as lines:
        return [name.strip().lower() for name in next(csv.reader(lines), [])]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def scan_sql(table: str, file: Path, header: list[str], delivery: int) -> str:
    """SELECT over one file: the table's columns as text, found by name; ragged and undecodable rows are skipped."""
    missing = [name for name in SOURCE_COLUMNS[table] if name not in header]
    if missing:
        raise ValueError(f"{file.name}: columns {missing} are missing (found: {header}); rename or add them")
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header)
    return (
        f"SELECT {', '.join(SOURCE_COLUMNS[table])}, {delivery} AS delivery FROM read_csv({quoted(str(file))}, "
        f"auto_detect = false, header = true, columns = {{{columns}}}, delim = ',', quote = '\"', escape = '\"', "
        "ignore_errors = true)"
    )


def create_source_view(connection: duckdb.DuckDBPyConnection, table: str, folder: Path) -> None:
    """View `csv_<table>`: all files of one table; a file is a delivery, numbered in file-name order."""
    files = sorted((*folder.glob(f"{table}*.csv"), *folder.glob(f"{table}*.csv.gz")), key=lambda file: file.name)
    if not files:
        raise FileNotFoundError(f"{folder}: no {table}*.csv or {table}*.csv.gz; put the table's files there")
    headers = [(file, header_of(file)) for file in files]
    scans = [scan_sql(table, file, header, number) for number, (file, header) in enumerate(headers) if header]
    connection.execute(f"CREATE OR REPLACE TEMP VIEW csv_{table} AS {' UNION ALL '.join(scans)}")


def run(folder: Path, database: Path, *, threads: int = 2, as_of: date | None = None) -> Iterator[tuple[str, float]]:
    """Compute all tables into `database`; yields (statement's first line, seconds) after each statement."""
    with duckdb.connect(config={"threads": threads}) as connection:
        # An alias of our own: a file called restaurant.duckdb would otherwise hide the schema of that name.
        connection.execute(f"ATTACH {quoted(str(database))} AS plain_tables")
        connection.execute("USE plain_tables")
        for table in SOURCE_COLUMNS:
            create_source_view(connection, table, folder)
        connection.execute("SET VARIABLE as_of = $1::DATE", [as_of])
        for script in SCRIPTS:
            for statement in duckdb.extract_statements((SQL_FOLDER / script).read_text(encoding="utf-8")):
                started = time.perf_counter()
                connection.execute(statement)
                yield title_of(statement.query), time.perf_counter() - started


def title_of(statement: str) -> str:
    lines = (line.strip() for line in statement.strip().splitlines())
    return next(line for line in lines if line and not line.startswith("--"))[:90]


def main() -> None:
    parser = argparse.ArgumentParser(description="The restaurant tables by plain DuckDB SQL.")
    parser.add_argument("--input", type=Path, required=True, help="folder with the CSV files")
    parser.add_argument("--database", type=Path, required=True, help="DuckDB file to write")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--as-of", type=date.fromisoformat, default=None, help="YYYY-MM-DD; default: the newest order")
    arguments = parser.parse_args()
    started = time.perf_counter()
    for title, seconds in run(arguments.input, arguments.database, threads=arguments.threads, as_of=arguments.as_of):
        if seconds >= 0.005:
            print(f"{seconds:8.2f} s  {title}")
    print(f"{time.perf_counter() - started:8.2f} s  total")


if __name__ == "__main__":
    main()
