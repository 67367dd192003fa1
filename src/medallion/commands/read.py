"""`medallion show` and `medallion query`: look at what is published, changing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import options

if TYPE_CHECKING:
    from medallion.commands.readable import Result, Shown

_MOST_PRINTED = 200


def show(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A mart or silver table, with or without schema.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=options.MOST, help="How many rows.")] = 10,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Show the first rows of a table.

    Examples:

    medallion show customer_lifetime_value

    medallion show restaurant_silver.orders --limit 3

    medallion show control.run

    medallion show quarantine.rejected_row
    """
    from medallion.commands.readable import find_table, read_table
    from medallion.commands.wiring import open_warehouse, settings_of

    shown = find_table(table)
    result, row_count = read_table(open_warehouse(settings_of(config, home=home)), shown, limit)
    if as_json:
        from medallion.commands.document import emit

        emit({"table": shown.relation, "row_count": row_count, "columns": list(result.names), "rows": result.records})
    else:
        _print_table(shown, result, row_count)


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT (or DESCRIBE, SHOW, SUMMARIZE) statement.")],
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Comma-separated values, all rows.")] = False,
    verbose: options.Verbose = False,
) -> None:
    """Ask the warehouse in DuckDB's SQL; nothing can be changed this way.

    Examples:

    medallion query "SELECT currency, sum(net_amount) FROM restaurant_silver.orders GROUP BY 1"

    medallion query "SHOW ALL TABLES"

    medallion query "FROM restaurant.sales_trends" --csv > trends.csv
    """
    from medallion.commands.readable import run_query
    from medallion.commands.wiring import open_warehouse, settings_of
    from medallion.errors import UsageError

    if as_json and as_csv:
        raise UsageError("--json and --csv exclude each other; leave one out")
    result = run_query(open_warehouse(settings_of(config, home=home)), sql)
    if as_json:
        from medallion.commands.document import emit

        emit({"columns": list(result.names), "rows": result.records})
    elif as_csv:
        _print_csv(result)
    else:
        _print_result(result)


def _print_table(shown: Shown, result: Result, row_count: int) -> None:
    from medallion.commands.render import say, values

    if result.rows:
        values(shown.shown_columns, result.rows, repeated=len(shown.table.grain))
    say(f"{shown.relation}: {len(result.rows):,} of {row_count:,} rows. {shown.table.description}")


def _print_result(result: Result) -> None:
    from medallion.commands.render import say, values

    values(result.names, result.rows[:_MOST_PRINTED])
    more = len(result.rows) - _MOST_PRINTED
    say(f"{len(result.rows):,} rows" + (f", {more:,} of them not shown; --csv prints all" if more > 0 else ""))


def _print_csv(result: Result) -> None:
    import csv
    import sys

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(result.names)
    writer.writerows(result.rows)
