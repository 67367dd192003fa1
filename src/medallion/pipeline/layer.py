"""One layer of a run: stage its tables, audit them, publish them all in one transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from medallion.contracts import Layer
from medallion.data_product import Step
from medallion.errors import AuditError
from medallion.lineage import Disposition
from medallion.pipeline import audit, fault
from medallion.pipeline.engine_failure import engine_failures
from medallion.pipeline.fingerprint import step_fingerprint
from medallion.pipeline.progress import Event, TableReport
from medallion.pipeline.stage import StagedTable, stage, staged_before

if TYPE_CHECKING:
    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.running import Running

_LAYERS = (Layer.SILVER, Layer.GOLD)


@dataclass(frozen=True)
class LayerResult:
    """What a layer came to: the tables to publish, a report for each of its tables, and the results of its checks."""

    layer: Layer
    staged: tuple[StagedTable, ...]
    reports: tuple[TableReport, ...]
    checks: tuple[CheckResult, ...]


def stage_layer(running: Running, layer: Layer, as_of: date | None) -> tuple[list[StagedTable], list[TableReport]]:
    """Build what is not published with the same fingerprint; what an earlier attempt staged is used as it is."""
    to_publish: list[StagedTable] = []
    reports: list[TableReport] = []
    for step in running.product.layer(layer):
        name = step.table.name
        fingerprint = step_fingerprint(running.product, step, running.rules, as_of, running.fingerprints)
        running.fingerprints[name] = fingerprint
        staged = staged_before(running.lake, running.folder, step, fingerprint)
        if staged:
            running.tables.add(staged)
        version = running.published.get(name)
        if version and version.fingerprint == fingerprint and not running.is_full:
            # What an earlier attempt of this run published is its own work, and is on record as that.
            is_own = version.run_id == running.run.run_id
            reports.append(_report(running, step, "reused" if is_own else "skipped", staged, 0.0))
            continue
        if staged is None:
            staged = _build(running, step, fingerprint, as_of)
            running.tables.add(staged)
        to_publish.append(staged)
        reports.append(_report(running, step, "reused" if staged.is_reused else "built", staged, staged.seconds))
        running.tell(Event(layer.value, name, "staged", staged.row_count, staged.seconds))
    return to_publish, reports


def audit_layer(running: Running, layer: Layer, staged: Iterable[StagedTable], as_of: date) -> list[CheckResult]:
    """All checks of the layer. Raises AuditError where one of severity `fail` does not hold, after recording all."""
    results: list[CheckResult] = []
    fresh = {one.step.table.name: one for one in staged}
    for name, one in fresh.items():
        started = time.monotonic()
        table = one.step.table
        with engine_failures(name, "auditing"):
            results += audit.audit_table(table, running.tables[name])
            for key in table.foreign_keys:
                target = running.tables[key.references]
                results.append(audit.audit_foreign_key(table, key, running.tables[name], target))
        if table.source:
            results.append(_accounting(running, one))
        running.tell(Event(layer.value, name, "audited", one.row_count, time.monotonic() - started))
    if fresh:
        with engine_failures(f"layer {layer.value}", "auditing"):
            results += _audit_across(running, layer, as_of)
    fault.point(f"audit.{layer.value}.done")
    running.checks += results
    if audit.failures(results):
        raise AuditError(audit.failure_message(results))
    return results


def _audit_across(running: Running, layer: Layer, as_of: date) -> list[CheckResult]:
    """Reconciliations and probes whose tables are all there with this layer, and not before.

    Bronze is there before any layer is audited; what looks at it alone is due with the first.
    """
    layers = {source.bronze.name: _LAYERS[0] for source in running.product.sources}
    layers |= {step.table.name: step.table.layer for step in running.product.steps}
    reachable = set(_LAYERS[: _LAYERS.index(layer) + 1])

    def is_due(names: Iterable[str]) -> bool:
        concerned = {layers[name] for name in names}
        return layer in concerned and concerned <= reachable

    rules = [rule for rule in running.product.reconciliations if is_due((rule.left.table, rule.right.table))]
    ledger = audit.TotalsLedger(running.tables, as_of, rules)
    probes = [probe for probe in running.product.probes if is_due(probe.inputs)]
    return [
        *(ledger.reconcile(rule) for rule in rules),
        *(audit.audit_probe(probe, running.tables, running.rules) for probe in probes),
    ]


def _build(running: Running, step: Step, fingerprint: str, as_of: date | None) -> StagedTable:
    name = step.table.name
    running.tell(Event(step.table.layer.value, name, "building"))
    for needed in step.inputs:
        _stage_intermediate(running, needed, as_of)
    given: Mapping[str, Any] = {"as_of": as_of, "cutoff": None, "rules": running.rules}
    running.current = (step, datetime.now(UTC))
    with engine_failures(name, "building"):
        rows = step.build(
            *(running.tables[table] for table in step.inputs), **{key: given[key] for key in step.parameters}
        )
        return stage(running.lake, running.folder, step, fingerprint, rows)


def _stage_intermediate(running: Running, name: str, as_of: date | None) -> None:
    """Stage an intermediate result that a build asks for, once a run; nothing to do for other tables."""
    step = next((one for one in running.product.intermediates if one.table.name == name), None)
    if step is None or name in running.tables.staged:
        return
    fingerprint = step_fingerprint(running.product, step, running.rules, as_of, running.fingerprints)
    staged = staged_before(running.lake, running.folder, step, fingerprint)
    running.tables.add(staged or _build(running, step, fingerprint, as_of))


def _accounting(running: Running, staged: StagedTable) -> CheckResult:
    source = staged.step.table.source
    batches = [batch for batch in running.batches if batch.source == source]
    kept_out = sum(batch.rejected_count or 0 for batch in batches)
    return audit.audit_accounting(
        staged.step.table,
        delivered=sum(batch.record_count or 0 for batch in batches),
        accepted=staged.rows.get(Disposition.ACCEPTED, 0),
        rejected=staged.rows.get(Disposition.REJECTED, 0) + kept_out,
        duplicate=staged.rows.get(Disposition.DUPLICATE, 0),
    )


def _report(running: Running, step: Step, action: str, staged: StagedTable | None, seconds: float) -> TableReport:
    table, rows = step.table, staged.rows if staged else {}
    kept_out = sum(batch.rejected_count or 0 for batch in running.batches if batch.source == table.source)
    return TableReport(
        name=table.name,
        layer=table.layer.value,
        action=action,
        rows_in=_rows_in(running, step),
        rows_out=running.tables.row_count(table.name),
        rows_rejected=rows.get(Disposition.REJECTED, 0) + (kept_out if staged else 0),
        rows_duplicate=rows.get(Disposition.DUPLICATE, 0),
        seconds=seconds,
    )


def _rows_in(running: Running, step: Step) -> int:
    """Delivered records of a table's source; for other tables the rows of all its inputs."""
    if step.table.source:
        return sum(batch.record_count or 0 for batch in running.batches if batch.source == step.table.source)
    return sum(running.tables.row_count(name) for name in running.product.published_inputs(step))
