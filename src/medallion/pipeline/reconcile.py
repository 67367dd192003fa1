"""What is checked within the transaction that publishes, over the tables as they will be: totals, and every record.

A check that does not hold raises, and with that nothing of the transaction is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from medallion.checks import Reconciliation, Severity
from medallion.contracts import Layer
from medallion.pipeline.audit import CheckResult
from medallion.pipeline.layer import LAYERS, LayerTable
from medallion.warehouse import quarantine
from medallion.warehouse.ddl import quote_relation
from medallion.warehouse.records import BatchStatus
from medallion.warehouse.totals import Totals

if TYPE_CHECKING:
    from medallion.pipeline.running import Running
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Batch

_SHOWN = 5


def reconcile_layer(running: Running, session: Session, layer: Layer, published: Iterable[str]) -> list[CheckResult]:
    """The reconciliations that are due with a layer: whose tables are there with it and not all before."""
    layers = {step.table.name: step.table.layer for step in running.product.steps}
    reachable = set(LAYERS[: LAYERS.index(layer) + 1])
    fresh = set(published)

    def is_due(rule: Reconciliation) -> bool:
        names = {rule.left.table, rule.right.table}
        return bool(names & fresh) and {layers[name] for name in names} <= reachable

    rules = [rule for rule in running.product.reconciliations if is_due(rule)]

    def relation(name: str) -> str:
        return f"{running.product.schema(layers[name])}.{name}"

    assert running.as_of is not None
    totals = Totals(session, relation, running.as_of, [total for rule in rules for total in (rule.left, rule.right)])
    return [reconcile(totals, rule) for rule in rules]


def reconcile(totals: Totals, rule: Reconciliation) -> CheckResult:
    """The groups in which the two totals differ."""
    left, right = totals.groups(rule.left), totals.groups(rule.right)
    differing = sorted((key for key in left.keys() | right.keys() if left.get(key, 0) != right.get(key, 0)), key=str)
    shown = "; ".join(
        f"{'/'.join(map(str, key)) or 'all'}: {rule.left.table} {left.get(key, 0)},"
        f" {rule.right.table} {right.get(key, 0)}"
        for key in differing[:_SHOWN]
    )
    return CheckResult(rule.right.table, rule.name, Severity.FAIL, rule.description, len(differing), shown)


def account(
    running: Running, session: Session, published: Sequence[LayerTable]
) -> tuple[list[CheckResult], list[Batch]]:
    """Prove for every delivered file that each of its records is published, refused or a duplicate.

    Returns the checks, one a table, and the deliveries whose counts have changed.
    """
    checks, changed = [], []
    for table in published:
        source = table.step.table.source
        if source and table.staged:
            batches = [b for b in running.batches if b.source == source and b.status is BatchStatus.LOADED]
            counted = _counted(running, session, table, batches)
            changed += [now for now, before in zip(counted, batches, strict=True) if now != before]
            checks.append(account_for(table.name, counted))
    return checks, changed


def account_for(table: str, batches: Sequence[Batch]) -> CheckResult:
    """Whether the counts of every file add up to its records."""
    off = [(batch, _difference(batch)) for batch in batches if _difference(batch)]
    shown = "; ".join(f"{batch.file_name}: {_sum(batch)} is off by {by:,}" for batch, by in off[:_SHOWN])
    total = f"{sum(batch.record_count or 0 for batch in batches):,} records of {len(batches):,} files"
    return CheckResult(
        table,
        "every_record_is_accounted_for",
        Severity.FAIL,
        "of every file: delivered records = accepted + rejected + duplicates",
        sum(abs(difference) for _, difference in off),
        shown or total,
    )


def _counted(running: Running, session: Session, table: LayerTable, batches: Sequence[Batch]) -> list[Batch]:
    assert table.staged is not None
    relation = f"{running.product.schema(Layer.SILVER)}.{table.name}"
    accepted = dict(
        session.rows(
            f"SELECT _batch_id, count(*) FROM {quote_relation(relation)} WHERE _batch_id IS NOT NULL GROUP BY 1"
        )
    )
    rejected = quarantine.rejected_by_batch(session, running.product.name, table.name)
    is_update = table.staged.keys is not None
    return [
        replace(
            batch,
            published_count=accepted.get(batch.batch_id, 0),
            refused_count=rejected.get(batch.batch_id, 0) - (batch.rejected_count or 0),
            duplicate_count=((batch.duplicate_count or 0) if is_update else 0)
            + table.staged.duplicates.get(batch.batch_id, 0),
            deleted_count=((batch.deleted_count or 0) if is_update else 0)
            + table.staged.deleted.get(batch.batch_id, 0),
        )
        for batch in batches
    ]


def _difference(batch: Batch) -> int:
    kept_out = (batch.refused_count, batch.rejected_count, batch.duplicate_count, batch.deleted_count)
    accounted = (batch.published_count, *kept_out)
    return (batch.record_count or 0) - sum(count or 0 for count in accounted)


def _sum(batch: Batch) -> str:
    rejected = (batch.refused_count or 0) + (batch.rejected_count or 0)
    return (
        f"{batch.record_count or 0:,} delivered = {batch.published_count or 0:,} accepted + {rejected:,} rejected"
        f" + {batch.duplicate_count or 0:,} duplicates"
        + (f" + {batch.deleted_count:,} deleted" if batch.deleted_count else "")
    )
