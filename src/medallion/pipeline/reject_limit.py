"""Too many rejected rows stop a run: a delivery whose prices nobody can read must not become a mart without sales."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from medallion.checks import RejectLimit, Severity
from medallion.lineage import REASONS, Disposition
from medallion.pipeline.audit import CheckResult

if TYPE_CHECKING:
    from medallion.pipeline.running import Running
    from medallion.pipeline.stage import StagedTable

_SHOWN = 4
_OF_THE_GATE = "unreadable"


def audit_rejects(running: Running, staged: StagedTable) -> CheckResult:
    """Whether the rows that this run read for a table and rejected, silver or the gate, are within its limit."""
    table = staged.step.table
    limit = running.workspace.settings.reject_limits.get(f"{running.product.name}.{table.name}", table.reject_limit)
    new = [b for b in running.batches if b.source == table.source and (not staged.keys or b.batch_id in running.new)]
    kept_out = sum(batch.rejected_count or 0 for batch in new)
    delivered = (Disposition.ACCEPTED, Disposition.REJECTED, Disposition.DUPLICATE)
    read = sum(staged.rows.get(one, 0) for one in delivered) + kept_out
    reasons: Counter[str] = Counter({_OF_THE_GATE: kept_out} if kept_out else {})
    for texts, count in running.lake.value_counts(staged.files.get(Disposition.REJECTED, ()), REASONS).items():
        if not set(texts.split(",")) <= set(table.waiting):
            reasons[texts] += count
    return check_rejects(table.name, limit, reasons, read)


def check_rejects(table: str, limit: RejectLimit, reasons: Counter[str], read: int) -> CheckResult:
    """The check of `reasons` (rejected rows by reason) of the rows read against the limit."""
    rejected = reasons.total()
    shown = ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common(_SHOWN))
    return CheckResult(
        table,
        "rejects_are_within_the_limit",
        Severity.FAIL,
        f"at most {limit} are rejected, see setting reject_limits",
        rejected if limit.is_exceeded(rejected, read) else 0,
        f"{rejected:,} of {read:,} rows read{': ' if shown else ''}{shown}",
    )
