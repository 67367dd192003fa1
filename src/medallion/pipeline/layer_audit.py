"""The audit of a layer as staged: rows, keys and probes, before anything of it is loaded."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from medallion import fault
from medallion.contracts import BRONZE_PREFIX, Layer
from medallion.errors import AuditError
from medallion.pipeline import audit
from medallion.pipeline.engine_failure import engine_failures
from medallion.pipeline.progress import Event
from medallion.pipeline.reject_limit import audit_deletions, audit_rejects
from medallion.pipeline.side_by_side import side_by_side

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from medallion.checks import ForeignKey
    from medallion.data_product import DataProduct
    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.layer import LayerTable
    from medallion.pipeline.running import Running
    from medallion.pipeline.stage import StagedTable

# So few rows are audited in one command: each takes its time to plan. Of more, a table's at a time are in memory.
_ROWS_AT_ONCE = 2_000_000


def audit_layer(running: Running, layer: Layer, tables: Sequence[LayerTable]) -> None:
    """Check what was staged: every row and key of a table, of an update those of the affected values.

    Adds the results to those of the run. Raises AuditError where one of severity `fail` does not hold.
    """
    fresh = {table.name: table.staged for table in tables if table.staged}
    everything, probes = f"layer {layer.value}", _probes(running, fresh.keys())
    if sum(staged.row_count for staged in fresh.values()) <= _ROWS_AT_ONCE:
        results = _audited(running, everything, list(fresh.values()), probes)
    else:
        found = side_by_side(
            list(fresh), {}, lambda name: _audited(running, name, [fresh[name]]), at_once=running.at_once
        )
        results = [result for name in fresh for result in found[name]] + _audited(running, everything, [], probes)
    fault.point(f"audit.{layer.value}.done")
    running.found.setdefault(layer, []).extend(results)
    if audit.failures(results):
        raise AuditError(audit.failure_message(results))


def _audited(
    running: Running, subject: str, tables: Sequence[StagedTable], probes: Sequence[audit.Question] = ()
) -> list[CheckResult]:
    """The checks of some tables and the probes given, all asked at once."""
    started = time.monotonic()
    with engine_failures(subject, "auditing"):
        questions = [question for staged in tables for question in _questions(running, staged)]
        results = audit.answered([*questions, *probes])
    seconds = (time.monotonic() - started) / max(len(tables), 1)
    for staged in tables:
        table = staged.step.table
        if table.source:
            results.append(audit_rejects(running, staged))
            if running.product.source(table.source).table:
                results.append(audit_deletions(running, staged))
        running.tell(Event(table.layer.value, table.name, "audited", staged.row_count, seconds))
    return results


def _questions(running: Running, staged: StagedTable) -> list[audit.Question]:
    table = staged.step.table
    rows = running.tables.processed(table.name)
    keys = [
        audit.foreign_key_question(table, key, rows, _referenced(running, staged, key)) for key in table.foreign_keys
    ]
    return [audit.table_question(table, rows, staged.proven), *keys]


def _probes(running: Running, fresh: Collection[str]) -> list[audit.Question]:
    """The probes of what the fresh tables were made of."""
    return [
        audit.probe_question(probe, [running.tables.processed(name) for name in probe.inputs], running.rules)
        for probe in running.product.probes
        if made_of(running.product, probe.inputs) & set(fresh)
    ]


def made_of(product: DataProduct, names: Sequence[str]) -> set[str]:
    """The tables named; for bronze the tables that account for its rows, for inputs the first table made of each."""
    sources = {step.table.source: step.table.name for step in product.steps if step.table.source}
    stand_in = {BRONZE_PREFIX + str(source): table for source, table in sources.items()}
    for step in reversed(product.steps):
        stand_in |= {one.name: step.table.name for one in product.inputs if one.name in step.inputs}
    return {stand_in.get(name, name) for name in names}


def _referenced(running: Running, staged: StagedTable, key: ForeignKey) -> DataFrame:
    """The rows that a foreign key may refer to: those of the same affected values, where both tables have these."""
    target = running.tables.staged.get(key.references)
    if target and target.keys and staged.keys and target.keys.column.name == staged.keys.column.name:
        return running.tables.processed(key.references)
    return running.tables[key.references]
