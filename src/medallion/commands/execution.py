"""Running the pipeline for a command: progress while it goes on, a log, and what it came to."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import typer

from medallion.commands.hints import echo

if TYPE_CHECKING:
    from pathlib import Path

    from medallion.commands.run_options import RunOptions
    from medallion.pipeline.progress import Event, Report
    from medallion.pipeline.running import Request
    from medallion.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Done:
    """A run that came to its end. `more` are lines to say of it and `document` what JSON has of them."""

    request: Request
    settings: Settings
    report: Report
    log: Path
    more: tuple[str, ...] = ()
    document: dict[str, Any] = field(default_factory=dict)


def execute(settings: Settings, request: Request, given: RunOptions) -> Done:
    """Carry out a request, with progress on standard error unless one closing line or JSON is asked for."""
    from medallion.commands.document import standard_output_kept
    from medallion.commands.progress import progress_of_run
    from medallion.commands.run_log import run_log
    from medallion.commands.wiring import open_workspace
    from medallion.pipeline import run

    steps = len(request.product.steps) + len(request.product.intermediates)
    title = f"run {request.product.name}, engine {settings.engine}, source {settings.source}, {_asked(request)}"
    with (
        run_log(settings, title) as log,
        progress_of_run(steps, is_quiet=given.quiet or given.as_json) as shown,
        standard_output_kept() if given.as_json else nullcontext(),
    ):

        def listener(event: Event) -> None:
            log.listener(event)
            shown(event)

        report = run.execute(open_workspace(settings), request, listener)
        for note in report.notes:
            log.note(note)
        log.note(f"run {report.run_id}: {published(report)}" if report.run_id else "nothing to do")
    return Done(request=request, settings=settings, report=report, log=log.path)


def tell(done: Done, given: RunOptions) -> None:
    """Print what a run came to: a document, a closing line, or a summary."""
    report = done.report
    if given.as_json:
        from medallion.commands.document import emit
        from medallion.commands.run_document import report_document

        emit(report_document(report) | done.document | {"log": str(done.log)})
        return
    if report.run_id is None:
        _say_nothing_to_do(report)
    elif given.quiet:
        typer.echo(f"{report.product}: {published(report)}")
    else:
        from medallion.commands.run_summary import print_summary

        print_summary(report, done.request.product)
    for line in done.more:
        echo(line)


def published(report: Report) -> str:
    """What readers find now, in a line."""
    if report.stopped_after:
        return f"stopped after {report.stopped_after}, as asked; the next run goes on with {report.run_id}"
    version = "nothing" if report.version is None else f"version {report.version}"
    return f"{version} is published as of {report.as_of} in {report.location}"


def _asked(request: Request) -> str:
    """What of the product a run is asked for, for the log."""
    if request.backfill:
        return f"backfill of {request.backfill[0]} to {request.backfill[1]}"
    if request.replay:
        return f"replay of {request.replay}"
    return f"input {request.input}" + (f", select {' '.join(request.select)}" if request.select else "")


def _say_nothing_to_do(report: Report) -> None:
    typer.echo(f"{report.product}: nothing to do, {published(report)} ({report.seconds:.1f} s)")
    for note in report.notes:
        echo(f"note: {note}")
