"""Publishing a layer: its tables, checkpoints, checks and deliveries, all in one warehouse transaction or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from medallion import fault
from medallion.contracts import Layer
from medallion.errors import AuditError
from medallion.ingest import bronze
from medallion.lineage import Disposition
from medallion.pipeline import audit
from medallion.pipeline.checkpoint import checkpoints_of, quality_of
from medallion.pipeline.inputs import inputs_read
from medallion.pipeline.progress import Event
from medallion.pipeline.reconcile import account, reconcile_layer
from medallion.pipeline.report import layer_reports
from medallion.warehouse import control, input_versions, lease, silver, versions
from medallion.warehouse.granting import apply_grants
from medallion.warehouse.records import BatchStatus
from medallion.warehouse.versions import Publication, Staged

if TYPE_CHECKING:
    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.layer import LayerTable
    from medallion.pipeline.progress import TableReport
    from medallion.pipeline.running import Running
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Batch, Version

    Published = tuple[list[TableReport], list[Version]]


def publish_layer(
    running: Running,
    layer: Layer,
    staged: Iterable[LayerTable],
    audited: Callable[[], Sequence[LayerTable]],
    *,
    on_begin: Callable[[], None] = lambda: None,
) -> Published:
    """Make a layer what readers see: one transaction; with gold, the run is finished in it.

    `staged` are its tables with rows, which may be still to come: each is loaded when it is there. `audited` returns
    all tables of the layer, or raises what is against them. Totals and records are checked over the tables as loaded.
    Raises AuditError where they do not add up; then, as with any other failure, readers see what they saw before.
    """
    now = datetime.now(UTC)
    fault.point(f"publish.{layer.value}.begin")
    given = _Remembered(staged)
    added: list[CheckResult] = []

    def publish(session: Session) -> tuple[Published, int, tuple[str, ...]]:
        on_begin()
        while added:  # of an attempt that the warehouse took back
            running.found[layer].remove(added.pop())
        lease.confirm(session, running.lease)
        publication = Publication(run_id=running.run.run_id, as_of=running.as_of, published_at=now)
        published = _publish_tables(
            running, session, layer, (_as_published(running, table) for table in given), publication
        )
        fault.point(f"publish.{layer.value}.tables")
        tables = audited()
        counted = _check(running, session, layer, [table for table in tables if table.staged], added)
        fault.point(f"publish.{layer.value}.checked")
        reports = layer_reports(running, tables, published)
        notes = _record(running, session, layer, tables, reports, counted, now)
        fault.point(f"publish.{layer.value}.before_commit")
        return (reports, published), sum(table.staged.row_count for table in tables if table.staged), notes

    result, staged_rows, notes = running.warehouse.transact(
        publish, lambda session: control.is_published(session, running.run.run_id, layer, now)
    )
    fault.point(f"publish.{layer.value}.committed")
    running.notes += notes
    running.noted.add(layer)
    seconds = (datetime.now(UTC) - now).total_seconds()
    running.tell(Event(layer.value, "publish", "published", staged_rows, seconds))
    return result


def _record(
    running: Running,
    session: Session,
    layer: Layer,
    tables: Sequence[LayerTable],
    reports: Sequence[TableReport],
    counted: Sequence[Batch],
    now: datetime,
) -> tuple[str, ...]:
    """Note what was published, the control tables always in this order; gold ends the run. Returns notes on grants."""
    control.record_checkpoints(session, checkpoints_of(running, tables, reports, now))
    fault.point(f"publish.{layer.value}.checkpoints")
    control.record_quality(session, quality_of(running, running.found.get(layer, []), now))
    fresh = [table for table in tables if table.staged]
    input_versions.record_inputs(session, inputs_read(running, fresh, now))
    control.start_run(session, replace(running.run, as_of=running.as_of))
    if layer is Layer.SILVER:
        control.record_batches(session, _batches(running, counted))
        return ()
    control.finish_run(session, running.run.run_id, now)
    return apply_grants(session, running.product, running.workspace.settings.reader_role, now)


class _Remembered:
    """Tables that may be still to come, to be gone through again by a transaction that is done again."""

    def __init__(self, tables: Iterable[LayerTable]) -> None:
        self._coming = iter(tables)
        self._seen: list[LayerTable] = []

    def __iter__(self) -> Iterator[LayerTable]:
        yield from tuple(self._seen)
        for table in self._coming:
            self._seen.append(table)
            yield table


def _publish_tables(
    running: Running, session: Session, layer: Layer, staged: Iterator[Staged], publication: Publication
) -> list[Version]:
    first = next(staged, None)
    if first is None:
        return []
    tables = chain([first], staged)
    if layer is Layer.SILVER:
        return silver.publish_silver(session, running.product, tables, publication)
    keep, is_anew = running.workspace.settings.keep_versions, running.wish.takes_removed_away
    return versions.publish_gold(session, running.product, tables, publication, keep, ends_removed=is_anew)


def _check(
    running: Running, session: Session, layer: Layer, fresh: Sequence[LayerTable], added: list[CheckResult]
) -> list[Batch]:
    """Check totals and records as loaded; returns the deliveries whose counts have changed. Raises AuditError.

    The results are the run's, and noted in `added`.
    """
    found: list[CheckResult] = reconcile_layer(running, session, layer, [table.name for table in fresh])
    counted: list[Batch] = []
    if layer is Layer.SILVER:
        checks, counted = account(running, session, fresh)
        found += checks
    running.found.setdefault(layer, []).extend(found)
    added += found
    if audit.failures(found):
        raise AuditError(audit.failure_message(found))
    return counted


def _batches(running: Running, counted: Sequence[Batch]) -> list[Batch]:
    """The deliveries to record: those of this run, and others whose counts changed."""
    own = {(b.source, b.batch_id): b for b in running.batches if b.batch_id in running.new}
    own |= {(b.source, b.batch_id): b for b in running.replaced}
    return list((own | {(b.source, b.batch_id): b for b in counted}).values())


def _as_published(running: Running, table: LayerTable) -> Staged:
    staged = table.staged
    assert staged is not None
    keys = staged.keys
    uris = running.lake.uri
    return Staged(
        table=staged.step.table,
        files=tuple(uris(file.path) for file in staged.table_files),
        fingerprint=staged.fingerprint,
        definition=running.wish.recorded_definition(
            table.definition, table.decision, running.published.get(table.name)
        ),
        inputs=table.inputs,
        keys=(keys.column.name, tuple(uris(file.path) for file in keys.files)) if keys else None,
        refused=tuple(uris(file.path) for file in staged.files.get(Disposition.REJECTED, ())),
        kept_out=_kept_out(running, table, is_update=keys is not None),
        key_column=staged.step.key,
    )


def _kept_out(running: Running, table: LayerTable, *, is_update: bool) -> tuple[str, ...]:
    """Files of the records that the gate kept out of the table's source, in an update those of new deliveries."""
    if not table.step.table.source:
        return ()
    source = running.product.source(table.step.table.source)
    found = (
        bronze.rejected_file(running.lake, running.product, source, batch.batch_id)
        for batch in running.batches
        if batch.source == source.name
        and batch.status is BatchStatus.LOADED
        and (not is_update or batch.batch_id in running.new)
    )
    return tuple(running.lake.uri(path) for path in found if path)
