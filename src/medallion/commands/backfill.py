"""`medallion backfill`: read the records behind some days again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import options
from medallion.commands.run_options import RunOptions, taking_run_options

if TYPE_CHECKING:
    from datetime import date


@taking_run_options(without=["input_folder", "source", "source_dsn", "select", "full_refresh", "through"])
def backfill(
    product: options.Product,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="First day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", metavar="DATE", help="Last day, YYYY-MM-DD.")],
    given: RunOptions,
) -> None:
    """Read the delivered records behind some days again, with code and rules as they are now.

    Their rows are updated, and all that depends on them; rows of other days stay as they are, and new files wait for
    the next run. Afterwards rows of two sets of rules may stand side by side: the next run builds such a table whole.

    Example:

    medallion backfill restaurant --from 2024-01-01 --to 2024-01-31
    """
    from medallion.commands.execution import execute, tell
    from medallion.commands.wiring import refuse_unpublished, request_of, settings_of_run

    request = request_of(product, given, backfill=_span(first, last))
    settings = settings_of_run(given, request.product)
    refuse_unpublished(settings, request.product)
    tell(execute(settings, request, given), given)


def _span(first: str, last: str) -> tuple[date, date]:
    from medallion.commands.wiring import date_of
    from medallion.errors import UsageError

    span = date_of(first, "--from"), date_of(last, "--to")
    if span[0] > span[1]:
        raise UsageError(f"--from {first}: is after --to {last}; give the earlier day first")
    return span
