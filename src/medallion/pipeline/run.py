"""A run from beginning to end: plan, take in, and for each layer stage, audit, publish."""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.errors import MedallionError
from medallion.pipeline import checkpoint, fault
from medallion.pipeline.engine_failure import engine_failures
from medallion.pipeline.held_lease import held_lease
from medallion.pipeline.intake import take_in
from medallion.pipeline.layer import audit_layer, stage_layer
from medallion.pipeline.plan import source_fingerprints
from medallion.pipeline.prepare import Prepared, prepare
from medallion.pipeline.progress import Event, Listener, Report, TableReport
from medallion.pipeline.publish import publish_layer
from medallion.pipeline.running import Request, Running, Workspace
from medallion.pipeline.stage import run_folder, run_folders
from medallion.pipeline.tables import Tables
from medallion.spark import F
from medallion.warehouse import control
from medallion.warehouse.records import BatchStatus

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from medallion.warehouse.lease import Lease

_LAYERS = (Layer.SILVER, Layer.GOLD)


def execute(workspace: Workspace, request: Request, listener: Listener = lambda _: None) -> Report:
    """Bring the product up to date; an interrupted or failed run is gone on with, under its own id and as-of date.

    Raises the MedallionError that stopped it; what was published before stays readable, what was staged is kept.
    """
    started = time.monotonic()
    prepared = prepare(workspace, request)
    staged = run_folders(workspace.lake, request.product)
    if prepared.plan.is_empty and not staged:
        return _nothing_to_do(workspace, request, prepared, started)
    with held_lease(workspace, request.product) as lease:
        prepared = prepare(workspace, request)  # another run may have published before the lease was ours
        if prepared.plan.is_empty:
            _delete_staged(workspace, request, keep=None)  # left by a run that was killed after its last publish
            return _nothing_to_do(workspace, request, prepared, started)
        running = _begin(workspace, request, prepared, lease, listener)
        try:
            return _complete(running, prepared, started)
        except BaseException as error:
            with suppress(MedallionError):  # the failure itself is what the user must see
                checkpoint.record_failure(running, error)
            raise


def _begin(workspace: Workspace, request: Request, prepared: Prepared, lease: Lease, listener: Listener) -> Running:
    """Register the run and its deliveries, so that whatever happens next, the next attempt knows of them."""
    now = datetime.now(UTC)
    resumed = prepared.plan.resumed
    run = (
        checkpoint.resumed_run(workspace, request, resumed)
        if resumed
        else replace(checkpoint.new_run(workspace, request, now), run_id=prepared.run_id)
    )
    arrivals = prepared.plan.arrivals
    with workspace.warehouse.write() as session:
        control.start_run(session, run)
        control.record_batches(session, [*arrivals.new, *arrivals.replays])
    folder = run_folder(request.product, run.run_id)
    _delete_staged(workspace, request, keep=folder)
    fault.point("run.registered")
    loaded = (batch for batch in prepared.known if batch.status is BatchStatus.LOADED)
    return Running(
        workspace=workspace,
        request=request,
        run=run,
        lease=lease,
        published=prepared.published,
        batches=(*loaded, *arrivals.new),
        listener=listener,
        folder=folder,
    )


def _delete_staged(workspace: Workspace, request: Request, keep: str | None) -> None:
    """Remove what runs of the product staged, except for the folder to keep; for the holder of the lease."""
    for folder in run_folders(workspace.lake, request.product):
        if folder != keep:
            workspace.lake.delete(folder)


def _complete(running: Running, prepared: Prepared, started: float) -> Report:
    with ExitStack() as stack:
        engine = _Engine(running, stack)
        taken_in, notes = take_in(running, engine.session)
        by_id = {batch.batch_id: batch for batch in taken_in}
        running.batches = tuple(by_id.get(batch.batch_id, batch) for batch in running.batches)
        running.fingerprints.update(source_fingerprints(running.product, running.batches))
        running.spark = engine.session()
        running.tables = Tables(
            running.product,
            running.spark,
            running.lake,
            running.warehouse,
            folder=running.folder,
            batches=tuple(batch for batch in running.batches if batch.status is BatchStatus.LOADED),
            published=running.published,
        )
        reports, as_of, version = _layers(running)
    running.lake.delete(running.folder)
    fault.point("run.cleaned")
    return Report(
        product=running.product.name,
        run_id=running.run.run_id,
        is_resumed=prepared.plan.resumed is not None,
        as_of=as_of,
        version=version,
        tables=tuple(reports),
        checks=tuple(running.checks),
        notes=(*prepared.notes, *notes),
        seconds=time.monotonic() - started,
        location=running.warehouse.location,
    )


def _layers(running: Running) -> tuple[list[TableReport], date, int | None]:
    """Stage, audit and publish silver, then gold; the reports, the as-of date and the version published."""
    all_reports: list[TableReport] = []
    version: int | None = None
    as_of: date | None = None
    for layer in _LAYERS:
        staged, reports = stage_layer(running, layer, as_of)
        running.current = None
        if as_of is None:
            as_of = _as_of(running)
        checks = audit_layer(running, layer, staged, as_of)
        reports = [_with_checks(report, running) for report in reports]
        published = publish_layer(running, layer, staged, reports, checks, as_of)
        version = max((row.version for row in published), default=version)
        all_reports += reports
    return all_reports, as_of or running.run.started_at.date(), version


def _as_of(running: Running) -> date:
    """The date asked for, the one the run began with, or else the newest order date (the start's day without any)."""
    if running.run.as_of is not None:
        return running.run.as_of
    table, column = running.product.as_of
    with engine_failures(table, "reading"):
        newest: date | None = running.tables[table].agg(F.max(column).alias("newest")).collect()[0]["newest"]
    return newest or running.run.started_at.date()


def _with_checks(report: TableReport, running: Running) -> TableReport:
    own = [check for check in running.checks if check.table == report.name]
    passed = sum(check.passed for check in own)
    return replace(report, checks_passed=passed, checks_warned=len(own) - passed)


def _nothing_to_do(workspace: Workspace, request: Request, prepared: Prepared, started: float) -> Report:
    replays = prepared.plan.arrivals.replays
    if replays:
        with workspace.warehouse.write() as session:
            control.record_batches(session, replays)
    versions = [version for version in prepared.published.values() if version.layer == Layer.GOLD.value]
    return Report(
        product=request.product.name,
        run_id=None,
        is_resumed=False,
        as_of=prepared.plan.as_of,
        version=max((version.version for version in versions), default=None),
        tables=(),
        checks=(),
        notes=prepared.notes,
        seconds=time.monotonic() - started,
        location=workspace.warehouse.location,
    )


class _Engine:
    """Starts the engine when it is first needed and stops it with the run."""

    def __init__(self, running: Running, stack: ExitStack) -> None:
        self._running, self._stack = running, stack
        self._session: SparkSession | None = None

    def session(self) -> SparkSession:
        if self._session is None:
            from medallion import engine

            settings = self._running.workspace.settings
            self._running.tell(Event("engine", settings.engine, "starting"))
            self._session = self._stack.enter_context(
                engine.session(
                    settings.engine,
                    self._running.workspace.home,
                    master=settings.spark_master,
                    memory=settings.spark_memory,
                )
            )
        return self._session
