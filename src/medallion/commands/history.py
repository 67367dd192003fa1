"""`medallion status` and `medallion history`: what is published, and what ran."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import options
from medallion.commands.hints import echo

if TYPE_CHECKING:
    from datetime import datetime

    from medallion.commands.standing import Standing
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Run

_RUN_HEADS = ("run", "product", "status", "attempt", "as of", "engine", "source", "started (UTC)", "seconds", "error")


def status(
    product: options.Product,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Show the last run, what is published, how fresh it is, and what is in quarantine.

    Example:

    medallion status restaurant
    """
    from medallion import catalog
    from medallion.commands.standing import standing_of
    from medallion.commands.wiring import open_warehouse, settings_of

    known = catalog.product(product)
    warehouse = open_warehouse(settings_of(config, home=home))
    standing = standing_of(warehouse, known)
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.standing import standing_document

        emit(standing_document(standing) | {"warehouse": warehouse.location})
    else:
        _print_standing(standing, warehouse.location)


def history(
    product: options.AnyProduct = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=options.MOST, help="How many runs, newest first.")] = 20,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """List runs, newest first.

    Example:

    medallion history restaurant --limit 5
    """
    from medallion import catalog
    from medallion.commands.recorded import on_record
    from medallion.commands.wiring import open_warehouse, settings_of

    products = [catalog.product(product)] if product else list(catalog.PRODUCTS)
    warehouse = open_warehouse(settings_of(config, home=home))
    with on_record(warehouse) as session:
        found = _newest(session, [one.name for one in products], limit) if session else []
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.standing import run_document

        emit({"runs": [run_document(run) for run in found]})
    elif not found:
        echo(f"no runs yet in {warehouse.location}; start one: medallion run {products[0].name} --input DIR")
    else:
        from medallion.commands.render import grid

        grid(_RUN_HEADS, [_run_row(run) for run in found], right=(3, 8))


def _newest(session: Session, products: Sequence[str], limit: int) -> list[Run]:
    from medallion.warehouse import control

    # Within a product the number of a run tells: a clock that was set back mixes up times.
    runs = (control.runs(session, name, limit) for name in products)
    return list(heapq.merge(*runs, key=lambda run: run.started_at, reverse=True))[:limit]


def _run_row(run: Run) -> tuple[str, ...]:
    from medallion.commands.standing import run_seconds

    seconds = run_seconds(run)
    return (
        run.run_id,
        run.product,
        run.status,
        str(run.attempt),
        str(run.as_of or ""),
        run.engine or "",
        run.source or "",
        _time(run.started_at),
        "" if seconds is None else f"{seconds:,.1f}",
        run.error or "",
    )


def _print_standing(standing: Standing, location: str) -> None:
    from medallion.commands.render import count, grid, say

    product = standing.product.name
    if standing.last is None:
        say(f"{product}: never run in {location}; start with: medallion run {product} --input DIR")
        return
    say(f"{product} in {location}", "bold")
    _say_last_run(standing.last, standing)
    if standing.marts:
        published_at = _time(max(mart.published_at for mart in standing.marts))
        say(f"published: version {standing.version} as of {standing.as_of}, {published_at} UTC")
        if standing.age_days is not None:
            say(f"newest data: {standing.newest}, {standing.age_days:,} days ago")
        rows = [(mart.table_name, count(mart.row_count), str(mart.version)) for mart in standing.marts]
        grid(("mart", "rows", "version"), rows, right=(1, 2))
    else:
        say("published: nothing yet")
    for name in standing.removed:
        say(f"{product}.{name}: is published, but the product has no such mart any more", "yellow")
        say(f"take it away: medallion run {product} --full-refresh")
    if standing.rejected:
        rows = [(table, reason, count(number)) for table, reason, number in standing.rejected]
        grid(("quarantine of", "reason", "rows"), rows, right=(2,))
        say(f"see them, and what to do: medallion quarantine list {product}")
    else:
        say("quarantine: empty")


def _say_last_run(last: Run, standing: Standing) -> None:
    from medallion.commands.render import say
    from medallion.commands.standing import run_seconds
    from medallion.pipeline.resuming import LEFT, command_of, failed_on_its_own

    seconds = run_seconds(last)
    took = "" if seconds is None else f", {seconds:,.1f} s"
    style = {"succeeded": "green", "failed": "red"}.get(last.status, "yellow")
    say(f"last run: {last.run_id} {last.status}{took}, engine {last.engine}, attempt {last.attempt}", style)
    if last.status == "failed":
        say(f"why: {last.error}", "red")
        says = f"go on: correct what it says, then run again: {command_of(last)}"
        say(f"{says}; {LEFT}" if failed_on_its_own(last) else says)
    elif last.status == "running" and standing.is_running:
        say(f"it is at work in process {last.pid} on {last.host}")
    elif last.status == "running":
        say(f"it was interrupted; this goes on where it stopped: {command_of(last)}")


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
