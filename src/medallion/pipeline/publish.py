"""Publishing a layer: its tables, checkpoints, checks and batches, all in one warehouse transaction or none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.ingest import bronze
from medallion.lineage import Disposition
from medallion.pipeline import fault
from medallion.pipeline.checkpoint import checkpoints_of, quality_of
from medallion.pipeline.progress import Event
from medallion.warehouse import control, lease, versions
from medallion.warehouse.records import BatchStatus
from medallion.warehouse.versions import Publication, Staged

if TYPE_CHECKING:
    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.progress import TableReport
    from medallion.pipeline.running import Running
    from medallion.pipeline.stage import StagedTable
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Version


def publish_layer(
    running: Running,
    layer: Layer,
    staged: Sequence[StagedTable],
    reports: Sequence[TableReport],
    checks: Sequence[CheckResult],
    as_of: date,
) -> list[Version]:
    """Make the layer's staged tables what readers see. With gold, the run is finished in the same transaction."""
    now = datetime.now(UTC)
    publication = Publication(run_id=running.run.run_id, as_of=as_of, published_at=now)
    files = [_as_published(running, one) for one in staged]
    fault.point(f"publish.{layer.value}.begin")
    with running.warehouse.write() as session:
        lease.confirm(session, running.lease)
        published = _publish_tables(running, session, layer, files, publication)
        fault.point(f"publish.{layer.value}.tables")
        for checkpoint in checkpoints_of(running, staged, reports, now):
            control.record_checkpoint(session, checkpoint)
        control.record_quality(session, quality_of(running, checks, now))
        control.start_run(session, replace(running.run, as_of=as_of))
        if layer is Layer.SILVER:
            control.record_batches(session, [batch for batch in running.batches if batch.run_id == running.run.run_id])
        else:
            control.finish_run(session, running.run.run_id, now)
        fault.point(f"publish.{layer.value}.before_commit")
    fault.point(f"publish.{layer.value}.committed")
    seconds = (datetime.now(UTC) - now).total_seconds()
    running.tell(Event(layer.value, "publish", "published", sum(one.row_count for one in staged), seconds))
    return published


def _publish_tables(
    running: Running, session: Session, layer: Layer, files: list[Staged], publication: Publication
) -> list[Version]:
    if not files:
        return []
    if layer is Layer.SILVER:
        return versions.publish_silver(session, running.product, files, publication)
    keep = running.workspace.settings.keep_versions
    return versions.publish_gold(session, running.product, files, publication, keep)


def _as_published(running: Running, staged: StagedTable) -> Staged:
    table = staged.step.table
    rejected = [running.lake.uri(file.path) for file in staged.files.get(Disposition.REJECTED, ())]
    if table.source:
        source = running.product.source(table.source)
        found = (
            bronze.rejected_file(running.lake, running.product, source, batch.batch_id)
            for batch in running.batches
            if batch.source == source.name and batch.status is BatchStatus.LOADED
        )
        rejected += [uri for uri in found if uri]
    return Staged(
        table=table,
        files=tuple(running.lake.uri(file.path) for file in staged.table_files),
        fingerprint=staged.fingerprint,
        rejected=tuple(rejected),
    )
