"""The audit: every promise of the contracts, checked on staged data before anybody can read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medallion.checks import ForeignKey, Probe, Severity
from medallion.contracts import BRONZE_PREFIX
from medallion.hashing import key_hash
from medallion.spark import F

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pyspark.sql import DataFrame

    from medallion.contracts import Table

_SHOWN_KEYS = 5
KEYS = "keys "  # what a detail that names rows begins with


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


def audit_probe(probe: Probe, inputs: Sequence[DataFrame], rules: BaseModel) -> CheckResult:
    """A probe's own finding; its table is the first it looks at, the one made of it where that is bronze."""
    row = probe.measure(*inputs, rules=rules).collect()[0]
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
