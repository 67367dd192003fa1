"""A run from beginning to end: plan, take in, and for each layer stage, audit, publish."""

from __future__ import annotations

import time
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from medallion import engine, fault
from medallion.contracts import Layer
from medallion.pipeline import checkpoint, resuming
from medallion.pipeline.held_lease import create_records, kept_lease, take_lease
from medallion.pipeline.inputs import input_fingerprints, notes_of
from medallion.pipeline.intake import take_in
from medallion.pipeline.layers import run_layers
from medallion.pipeline.plan import grown_sources, source_fingerprints
from medallion.pipeline.prepare import Prepared, prepare, prepare_again
from medallion.pipeline.progress import Event, Listener, Report, TableReport
from medallion.pipeline.running import Request, Running, Workspace
from medallion.pipeline.stage import run_folder, run_folders
from medallion.pipeline.tables import Origin, Tables
from medallion.warehouse import control
from medallion.warehouse.records import BatchStatus

if TYPE_CHECKING:
    from threading import Thread

    from pyspark.sql import SparkSession

    from medallion.warehouse.base import Session
    from medallion.warehouse.lease import Lease
    from medallion.warehouse.records import Run


def execute(workspace: Workspace, request: Request, listener: Listener = lambda _: None) -> Report:
    """Bring the product up to date; an interrupted or failed run is gone on with, under its own id and as-of date.

    One that failed on tables or a day of its own is left, unless the same is asked for. Raises the
    MedallionError that stopped it; what was published before stays readable, what was staged is kept.
    """
    started = time.monotonic()
    prepared = prepare(workspace, request)
    staged = run_folders(workspace.lake, request.product)
    if prepared.plan.is_empty and not staged and not prepared.recorded.left:
        return _nothing_to_do(workspace, prepared, started)
    loading = engine.load_ahead(workspace.settings.engine)

    def register(session: Session) -> tuple[Lease, Prepared, Run | None]:
        lease = take_lease(session, workspace, request.product)
        # Another run may have published before the lease was ours.
        again = prepare_again(workspace, request, session, prepared)
        return lease, again, _registered(session, workspace, again)

    with workspace.warehouse.kept_open():
        create_records(workspace)
        lease, prepared, run = workspace.warehouse.transact(register)
        with kept_lease(workspace, lease):
            if run is None:
                _delete_staged(workspace, request, keep=None)  # left by a run that was killed after its last publish
                return _nothing_to_do(workspace, prepared, started)
            running = _begin(workspace, prepared, run, lease, listener)
            try:
                return _complete(running, prepared, started, loading)
            except BaseException as error:
                with suppress(Exception):  # the failure itself is what the user must see
                    checkpoint.record_failure(running, error)
                resuming.explain(error, run)
                raise


def _registered(session: Session, workspace: Workspace, prepared: Prepared) -> Run | None:
    """The run, registered with its deliveries: whatever happens next, the next attempt knows of them.

    None where there is nothing to do; a run that is left is given up even then, or each later run would tell of it.
    """
    request, resumed, arrivals = prepared.request, prepared.plan.resumed, prepared.plan.arrivals
    left = prepared.recorded.left
    if prepared.plan.is_empty:
        if left:
            control.abandon_run(session, left.run_id, left.finished_at or datetime.now(UTC))
        return None
    if resumed:
        run = checkpoint.resumed_run(workspace, request, resumed)
    else:
        run = replace(checkpoint.new_run(workspace, request, datetime.now(UTC)), run_id=prepared.run_id)
    if run.number is None:
        run = replace(run, number=control.next_run_number(session, request.product.name))
    control.start_run(session, run)
    control.record_batches(session, [*arrivals.new, *arrivals.replays])
    return run


def _begin(workspace: Workspace, prepared: Prepared, run: Run, lease: Lease, listener: Listener) -> Running:
    request, arrivals = prepared.request, prepared.plan.arrivals
    folder = run_folder(request.product, run.run_id)
    _delete_staged(workspace, request, keep=folder)
    fault.point("run.registered")
    gone = {batch.batch_id for batch in arrivals.replaced}
    loaded = (b for b in prepared.known if b.status is BatchStatus.LOADED and b.batch_id not in gone)
    return Running(
        workspace=workspace,
        request=request,
        run=run,
        lease=lease,
        published=prepared.published,
        inputs=prepared.recorded.inputs,
        earlier=prepared.recorded.earlier,
        batches=(*loaded, *arrivals.new),
        listener=listener,
        wish=prepared.recorded.wish,
        new=frozenset(batch.batch_id for batch in arrivals.new),
        replaced=arrivals.replaced,
        folder=folder,
    )


def _delete_staged(workspace: Workspace, request: Request, keep: str | None) -> None:
    """Remove what runs of the product staged, except for the folder to keep; for the holder of the lease."""
    for folder in run_folders(workspace.lake, request.product):
        if folder != keep:
            workspace.lake.delete(folder)


def _complete(running: Running, prepared: Prepared, started: float, loading: Thread) -> Report:
    with ExitStack() as stack:
        starter = _Engine(running, stack, loading)
        taken_in, notes = take_in(running, starter.session)
        by_id = {batch.batch_id: batch for batch in taken_in}
        running.batches = tuple(by_id.get(batch.batch_id, batch) for batch in running.batches)
        # Only now is known how much a pull of a database table brings.
        arrivals = replace(prepared.plan.arrivals, new=tuple(b for b in running.batches if b.batch_id in running.new))
        running.grown = grown_sources(running.product, prepared.known, arrivals)
        running.fingerprints.update(source_fingerprints(running.product, running.batches))
        running.fingerprints.update(input_fingerprints(running.inputs))
        through = running.request.through
        reports: list[TableReport] = []
        version = prepared.version
        if through is not Layer.BRONZE:
            _open_tables(running, starter.session())
            reports, version = run_layers(running)
    if through is Layer.GOLD:
        running.lake.delete(running.folder)
        fault.point("run.cleaned")
    return Report(
        product=running.product.name,
        run_id=running.run.run_id,
        is_resumed=prepared.plan.resumed is not None,
        as_of=running.as_of,
        version=version,
        tables=tuple(reports),
        checks=tuple(running.checks),
        notes=(*prepared.notes, *notes, *notes_of(running.product, running.inputs), *running.notes),
        seconds=time.monotonic() - started,
        location=running.warehouse.location,
        stopped_after=None if through is Layer.GOLD else through,
    )


def _open_tables(running: Running, spark: SparkSession) -> None:
    origin = Origin(
        lake=running.lake,
        warehouse=running.warehouse,
        folder=running.folder,
        batches=tuple(batch for batch in running.batches if batch.status is BatchStatus.LOADED),
        new=running.new,
        published={**running.published, **running.inputs},
    )
    running.spark, running.tables = spark, Tables(running.product, spark, origin)


def _nothing_to_do(workspace: Workspace, prepared: Prepared, started: float) -> Report:
    replays = prepared.plan.arrivals.replays
    if replays:
        workspace.warehouse.transact(lambda session: control.record_batches(session, replays))
    return Report(
        product=prepared.request.product.name,
        run_id=None,
        is_resumed=False,
        as_of=prepared.plan.as_of,
        version=prepared.version,
        tables=(),
        checks=(),
        notes=prepared.notes,
        seconds=time.monotonic() - started,
        location=workspace.warehouse.location,
    )


class _Engine:
    """Starts the engine when it is first needed and stops it with the run."""

    def __init__(self, running: Running, stack: ExitStack, loading: Thread) -> None:
        self._running, self._stack, self._loading = running, stack, loading
        self._session: SparkSession | None = None

    def session(self) -> SparkSession:
        if self._session is None:
            self._loading.join()
            settings = self._running.workspace.settings
            self._running.tell(Event("engine", settings.engine, "starting"))
            self._session = self._stack.enter_context(
                engine.session(
                    settings.engine,
                    self._running.workspace.home,
                    master=settings.spark_master,
                    memory=settings.spark_memory,
                    at_once=self._running.at_once,
                )
            )
        return self._session
