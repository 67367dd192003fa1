"""`medallion run` and `medallion plan`: bring a product up to date, or say what that would take."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import typer

from medallion.commands import options

if TYPE_CHECKING:
    from medallion.commands.run_log import RunLog
    from medallion.pipeline.progress import Event, Report
    from medallion.pipeline.running import Request
    from medallion.settings import Settings


def run(
    product: options.Product,
    input_folder: options.Input = None,
    home: options.Home = None,
    engine: options.Engine = None,
    source: options.SourceKind = None,
    source_dsn: options.SourceDsn = None,
    as_of: options.AsOf = None,
    rules: options.Rules = None,
    config: options.Config = None,
    full_refresh: options.FullRefresh = False,
    spark_master: options.SparkMaster = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
    quiet: bool = typer.Option(False, "--quiet", help="No progress; one closing line."),
) -> None:
    """Read new files, build what changed, audit it, publish it.

    A run that was interrupted or failed goes on where it stopped. What was published before stays readable until
    everything new is proven.

    Examples:

    medallion run restaurant --input ~/exports

    medallion run restaurant --input ~/exports --set churn_after_days=60 --as-of 2024-01-31

    medallion run restaurant --input ~/exports --source rds --engine spark
    """
    from medallion.commands.wiring import create_home, request_of, settings_of

    request = request_of(
        product, config=config, rules=rules, input_folder=input_folder, as_of=as_of, is_full=full_refresh
    )
    settings = settings_of(
        config, home=home, engine=engine, source=source, source_dsn=source_dsn, spark_master=spark_master
    )
    create_home(settings)
    report, log = _execute(settings, request, is_quiet=quiet or as_json, is_json=as_json)
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.run_document import report_document

        emit(report_document(report) | {"log": str(log.path)})
    elif report.run_id is None:
        _say_nothing_to_do(report)
    elif quiet:
        typer.echo(f"{report.product}: {published(report)}")
    else:
        from medallion.commands.run_summary import print_summary

        print_summary(report, request.product, settings)


def plan(
    product: options.Product,
    input_folder: options.Input = None,
    home: options.Home = None,
    engine: options.Engine = None,
    source: options.SourceKind = None,
    source_dsn: options.SourceDsn = None,
    as_of: options.AsOf = None,
    rules: options.Rules = None,
    config: options.Config = None,
    full_refresh: options.FullRefresh = False,
    spark_master: options.SparkMaster = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what `run` with the same options would read and build, and why. Changes nothing.

    Example:

    medallion plan restaurant --input ~/exports
    """
    from medallion.commands.wiring import open_workspace, request_of, settings_of
    from medallion.pipeline.prepare import prepare

    request = request_of(
        product, config=config, rules=rules, input_folder=input_folder, as_of=as_of, is_full=full_refresh
    )
    settings = settings_of(
        config, home=home, engine=engine, source=source, source_dsn=source_dsn, spark_master=spark_master
    )
    prepared = prepare(open_workspace(settings), request)
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.run_document import plan_document

        emit(plan_document(prepared))
    else:
        from medallion.commands.plan_tables import print_plan

        print_plan(prepared)


def _execute(settings: Settings, request: Request, *, is_quiet: bool, is_json: bool) -> tuple[Report, RunLog]:
    from medallion.commands.document import standard_output_kept
    from medallion.commands.progress import progress_of_run
    from medallion.commands.run_log import run_log
    from medallion.commands.wiring import open_workspace
    from medallion.pipeline.run import execute

    steps = len(request.product.steps) + len(request.product.intermediates)
    title = f"run {request.product.name}, engine {settings.engine}, source {settings.source}, input {request.input}"
    with (
        run_log(settings, title) as log,
        progress_of_run(steps, is_quiet=is_quiet) as shown,
        standard_output_kept() if is_json else nullcontext(),
    ):

        def tell(event: Event) -> None:
            log.listener(event)
            shown(event)

        report = execute(open_workspace(settings), request, tell)
        for note in report.notes:
            log.note(note)
        log.note(f"run {report.run_id}: {published(report)}" if report.run_id else "nothing to do")
    return report, log


def published(report: Report) -> str:
    """What readers find now, in a line."""
    version = "nothing" if report.version is None else f"version {report.version}"
    return f"{version} is published as of {report.as_of} in {report.location}"


def _say_nothing_to_do(report: Report) -> None:
    typer.echo(f"{report.product}: nothing to do, {published(report)} ({report.seconds:.1f} s)")
    for note in report.notes:
        typer.echo(f"note: {note}")
