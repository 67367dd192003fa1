"""Too many rejected or deleted rows stop a run: a delivery whose prices nobody can read, or a table that somebody
emptied, must not become a mart without sales.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from medallion.checks import DEFAULT_DELETIONS, DeletionLimit, RejectLimit, Severity
from medallion.lineage import REASONS, Disposition
from medallion.pipeline.audit import CheckResult
from medallion.pipeline.rejected_examples import first_kept_out, first_rejected

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
    examples: dict[str, str] = {}
    if limit.is_exceeded(reasons.total(), read):
        examples = first_rejected(running, staged)
        if kept_out:
            examples[_OF_THE_GATE] = first_kept_out(running, new)
    return check_rejects(table.name, limit, reasons, read, examples)


def audit_deletions(running: Running, staged: StagedTable) -> CheckResult:
    """Whether the rows of a database table that are gone since the last pull are within their limit."""
    table = staged.step.table
    name = f"{running.product.name}.{table.name}"
    limit = running.workspace.settings.deletion_limits.get(name, DEFAULT_DELETIONS)
    gone = sum(count for batch_id, count in staged.deleted.items() if batch_id in running.new)
    version = running.published.get(table.name)
    origin = str(running.product.source(str(table.source)).table)
    return check_deletions(name, origin, limit, gone, version.row_count or 0 if version else 0)


def check_deletions(name: str, origin: str, limit: DeletionLimit, gone: int, before: int) -> CheckResult:
    """The check of rows that are gone from a table of a database; `before` are those that were published of it."""
    return CheckResult(
        name.partition(".")[2],
        "deletions_are_within_the_limit",
        Severity.FAIL,
        f"at most {limit} are gone at once; where that is right, allow it: MEDALLION_DELETION_LIMITS="
        f'\'{{"{name}": {{"ratio": null}}}}\'',
        gone if limit.is_exceeded(gone, before) else 0,
        f"{gone:,} of {before:,} rows are gone from {origin}",
    )


def check_rejects(
    table: str, limit: RejectLimit, reasons: Counter[str], read: int, examples: Mapping[str, str] | None = None
) -> CheckResult:
    """The check of `reasons` (rejected rows by reason) of the rows read against the limit; `examples` by reason."""
    rejected, first = reasons.total(), examples or {}
    shown = ", ".join(
        f"{reason} {count:,}" + (f" (first: {first[reason]})" if reason in first else "")
        for reason, count in reasons.most_common(_SHOWN)
    )
    return CheckResult(
        table,
        "rejects_are_within_the_limit",
        Severity.FAIL,
        f"at most {limit} are rejected, see setting reject_limits",
        rejected if limit.is_exceeded(rejected, read) else 0,
        f"{rejected:,} of {read:,} rows read{': ' if shown else ''}{shown}",
    )
