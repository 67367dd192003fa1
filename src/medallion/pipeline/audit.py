"""The audit: every promise of the contracts, checked on staged data before anybody can read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from medallion.checks import ForeignKey, Probe, Reconciliation, Severity, Total
from medallion.contracts import BRONZE_PREFIX
from medallion.hashing import key_hash
from medallion.spark import F

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pyspark.sql import DataFrame

    from medallion.contracts import Table

_SHOWN_KEYS = 5
KEYS = "keys "  # what a detail that names rows begins with
Groups = dict[tuple[Any, ...], Decimal | int]


@dataclass(frozen=True)
class CheckResult:
    """What became of a check: `failed_count` rows (or groups, or orders: the check says) do not keep it."""

    table: str
    name: str
    severity: Severity
    description: str
    failed_count: int
    detail: str = ""

    @property
    def passed(self) -> bool:
        return self.failed_count == 0


def audit_table(table: Table, staged: DataFrame) -> list[CheckResult]:
    """All row checks and the grain, in one pass over the data; a second look only at what failed."""
    checks = table.row_checks
    # Two keys may share a hash, never two hashes a key: as many hashes as rows proves the grain, fewer are looked into.
    figures = staged.agg(
        F.count(F.lit(1)).alias("row_count"),
        F.count_distinct(key_hash(*(F.coalesce(F.col(n).cast("string"), F.lit("\0")) for n in table.grain))).alias(
            "keys"
        ),
        *(
            F.sum(F.when(F.expr(f"NOT ({check.expression})"), 1).otherwise(0)).alias(f"c{i}")
            for i, check in enumerate(checks)
        ),
    ).collect()[0]
    results = [_grain(table, staged, suspicious=figures["keys"] < figures["row_count"])]
    for i, check in enumerate(checks):
        failed = figures[f"c{i}"] or 0
        detail = _keys_of(table, staged.where(f"NOT ({check.expression})")) if failed else ""
        results.append(CheckResult(table.name, check.name, check.severity, check.description, failed, detail))
    return results


def audit_foreign_key(table: Table, key: ForeignKey, staged: DataFrame, target: DataFrame) -> CheckResult:
    """Rows whose key, where it has no NULL, is not in the referenced table."""
    known = target.select(*(F.col(to).alias(name) for name, to in zip(key.columns, key.target, strict=True)))
    filled = staged.where(" AND ".join(f"{name} IS NOT NULL" for name in key.columns))
    lost = filled.join(known, list(key.columns), how="left_anti")
    failed = lost.count()
    return CheckResult(
        table.name,
        f"foreign_key.{key.references}",
        Severity.FAIL,
        f"({', '.join(key.columns)}) exists in {key.references}",
        failed,
        _keys_of(table, lost) if failed else "",
    )


def audit_accounting(table: Table, delivered: int, accepted: int, rejected: int, duplicate: int) -> CheckResult:
    """Every delivered record is accepted, rejected or a duplicate: nothing is lost, nothing counted twice."""
    found = accepted + rejected + duplicate
    return CheckResult(
        table.name,
        "every_record_is_accounted_for",
        Severity.FAIL,
        "delivered records = accepted + rejected + duplicates",
        abs(delivered - found),
        f"{delivered:,} delivered = {accepted:,} accepted + {rejected:,} rejected + {duplicate:,} duplicates"
        + ("" if delivered == found else f" is off by {delivered - found:,}"),
    )


class TotalsLedger:
    """The sums that reconciliations compare. Those over the same rows of a table are taken in one pass."""

    def __init__(self, tables: Mapping[str, DataFrame], as_of: date, rules: Sequence[Reconciliation]) -> None:
        self._tables = tables
        self._as_of = as_of
        self._totals = {total for rule in rules for total in (rule.left, rule.right)}
        self._known: dict[Total, Groups] = {}

    def groups(self, total: Total) -> Groups:
        """The total's figure for each group; groups whose figure is zero are left out."""
        if total not in self._known:
            over = (total.table, total.where, total.by)
            together = sorted(one.column for one in self._totals | {total} if (one.table, one.where, one.by) == over)
            figures = [F.count(F.lit(1)) if column == "*" else F.sum(column) for column in together]
            rows = (
                self._tables[total.table]
                .where(total.where.format(as_of=self._as_of))
                .groupBy(*total.by)
                .agg(*(figure.alias(f"figure{i}") for i, figure in enumerate(figures)))
                .collect()
            )
            width = len(total.by)
            for i, column in enumerate(together):
                found = {tuple(row[:width]): row[width + i] for row in rows if row[width + i]}
                self._known[replace(total, column=column)] = found
        return self._known[total]

    def reconcile(self, rule: Reconciliation) -> CheckResult:
        """The groups in which the two totals differ."""
        left, right = self.groups(rule.left), self.groups(rule.right)
        differing = sorted(
            (key for key in left.keys() | right.keys() if left.get(key, 0) != right.get(key, 0)), key=str
        )
        shown = "; ".join(
            f"{'/'.join(map(str, key)) or 'all'}: {rule.left.table} {left.get(key, 0)},"
            f" {rule.right.table} {right.get(key, 0)}"
            for key in differing[:_SHOWN_KEYS]
        )
        return CheckResult(rule.right.table, rule.name, Severity.FAIL, rule.description, len(differing), shown)


def audit_probe(probe: Probe, tables: Mapping[str, DataFrame], rules: BaseModel) -> CheckResult:
    """A probe's own finding; its table is the first it looks at, the one made of it where that is bronze."""
    row = probe.measure(*(tables[name] for name in probe.inputs), rules=rules).collect()[0]
    table = probe.inputs[0].removeprefix(BRONZE_PREFIX)
    failed, detail = row["failed_count"] or 0, row["detail"] or ""
    return CheckResult(table, probe.name, probe.severity, probe.description, failed, detail)


def failures(results: Sequence[CheckResult]) -> list[CheckResult]:
    """The results that block a publish."""
    return [result for result in results if not result.passed and result.severity is Severity.FAIL]


def failure_message(results: Sequence[CheckResult]) -> str:
    """One line for the failed checks: the first with its keys, how many more, and what to do."""
    first, *others = failures(results)
    more = f"; {len(others)} more checks failed: {', '.join(f'{o.table}.{o.name}' for o in others)}" if others else ""
    return (
        f"{first.table}: check '{first.name}' fails for {first.failed_count:,} rows"
        f" ({first.description}; {first.detail})"
        f"{more}; nothing was published: correct the rule or the data and run the same command again"
    )


def _grain(table: Table, staged: DataFrame, *, suspicious: bool) -> CheckResult:
    name, meaning = "grain_is_unique", f"no two rows share ({', '.join(table.grain)})"
    if not suspicious:
        return CheckResult(table.name, name, Severity.FAIL, meaning, 0)
    repeated = staged.groupBy(*table.grain).agg(F.count(F.lit(1)).alias("copies")).where("copies > 1")
    failed = repeated.count()
    return CheckResult(table.name, name, Severity.FAIL, meaning, failed, _keys_of(table, repeated) if failed else "")


def _keys_of(table: Table, rows: DataFrame) -> str:
    """The keys of the first few rows, in order, as text."""
    found = rows.select(*table.grain).orderBy(*table.grain).limit(_SHOWN_KEYS).collect()
    return KEYS + ", ".join(f"({', '.join(_one_line(value) for value in row)})" for row in found)


def _one_line(value: object) -> str:
    """The value as text without line breaks, which names in real files have."""
    return " ".join(str(value).split())
