"""A run's report of each table of a layer: what was done, and its rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from medallion.contracts import BRONZE_PREFIX
from medallion.lineage import Disposition
from medallion.pipeline.decision import PUBLISHED_BEFORE, Action
from medallion.pipeline.progress import TableReport

if TYPE_CHECKING:
    from medallion.pipeline.layer import LayerTable
    from medallion.pipeline.running import Running
    from medallion.warehouse.records import Batch, Version

_DONE = {Action.BUILD: "built", Action.UPDATE: "updated"}


def layer_reports(running: Running, tables: Sequence[LayerTable], published: Sequence[Version]) -> list[TableReport]:
    """One report a table, with the rows that it has as published."""
    running.row_counts.update({name: version.row_count or 0 for name, version in running.inputs.items()})
    for version in running.published.values():  # as the run found it; what an earlier layer published since counts
        running.row_counts.setdefault(version.table_name, version.row_count or 0)
    running.row_counts.update({version.table_name: version.row_count or 0 for version in published})
    return [_report(running, table) for table in tables]


def _report(running: Running, table: LayerTable) -> TableReport:
    staged, contract = table.staged, table.step.table
    own = [check for check in running.checks if check.table == table.name]
    passed = sum(check.passed for check in own)
    kept_out = sum(b.rejected_count or 0 for b in _batches(running, table)) if staged else 0
    refused = staged.rows.get(Disposition.REJECTED, 0) if staged else 0
    return TableReport(
        name=table.name,
        layer=contract.layer.value,
        action=_action(table),
        reason=table.decision.reason,
        rows_in=_rows_in(running, table),
        rows_out=running.row_counts.get(table.name, 0),
        rows_rejected=refused + kept_out,
        rows_duplicate=staged.rows.get(Disposition.DUPLICATE, 0) if staged else 0,
        seconds=staged.seconds if staged else 0.0,
        checks_passed=passed,
        checks_warned=len(own) - passed,
    )


def _action(table: LayerTable) -> str:
    if table.staged is None:
        return "reused" if table.decision.reason == PUBLISHED_BEFORE else "skipped"
    return "reused" if table.staged.is_reused else _DONE[table.decision.action]


def _batches(running: Running, table: LayerTable) -> list[Batch]:
    """The deliveries whose records the table was built from: in an update the new ones."""
    is_update = bool(table.staged and table.staged.keys)
    return [
        batch
        for batch in running.batches
        if batch.source == table.step.table.source and (not is_update or batch.batch_id in running.new)
    ]


def _rows_in(running: Running, table: LayerTable) -> int | None:
    """Delivered records of a table's source; for other tables the rows of all inputs; None where only some are read."""
    if table.step.table.source:
        return sum(batch.record_count or 0 for batch in _batches(running, table))
    if table.staged and table.staged.keys:
        return None
    names = running.product.published_inputs(table.step)
    return sum(running.row_counts.get(name, 0) for name in names if not name.startswith(BRONZE_PREFIX))
