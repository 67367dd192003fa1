"""Which rows a run rejected, where it stops for them: nothing is published, so quarantine does not have them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medallion.ingest import bronze
from medallion.lineage import REASONS, Disposition

if TYPE_CHECKING:
    from medallion.pipeline.running import Running
    from medallion.pipeline.stage import StagedTable
    from medallion.warehouse.records import Batch


def first_rejected(running: Running, staged: StagedTable) -> dict[str, str]:
    """Of the rows that silver rejected the first of each combination of reasons: its file and record."""
    return _first(running, [file.path for file in staged.files.get(Disposition.REJECTED, ())])


def first_kept_out(running: Running, batches: Sequence[Batch]) -> str:
    """The first record that the gate kept out of some deliveries of a source: its file and record, and why."""
    sources = (running.product.source(batch.source) for batch in batches)
    found = (
        bronze.rejected_file(running.lake, running.product, source, batch.batch_id)
        for source, batch in zip(sources, batches, strict=True)
    )
    first = next(path for path in found if path)
    return next(f"{place}, {reasons}" for reasons, place in _first(running, [first]).items())


def _first(running: Running, paths: Sequence[str]) -> dict[str, str]:
    """File and record of the row that was delivered first, of each combination of reasons."""
    found: dict[str, tuple[str, int]] = {}
    read = (running.lake.columns(paths, name) for name in ("_source_file", "_row_number", REASONS))
    for columns in zip(*read, strict=True):
        for file, record, reasons in zip(*(column.to_pylist() for column in columns), strict=True):
            found[reasons] = min(found.get(reasons, (file, record)), (file, record))
    return {reasons: f"{file} record {record:,}" for reasons, (file, record) in found.items()}
