"""The audit: every promise of the contracts, checked on staged data before anybody can read it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from medallion.checks import ForeignKey, Probe, Severity
from medallion.contracts import BRONZE_PREFIX
from medallion.hashing import key_hash
from medallion.pipeline.footers import GRAIN
from medallion.spark import DataFrame, F, SparkColumn

if TYPE_CHECKING:
    from pydantic import BaseModel

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


@dataclass(frozen=True)
class Question:
    """What is asked of a layer's data: `answer` is one row (figures array<bigint>, detail string), None to ask nothing.

    `results` makes of both (of nothing asked, no figures) the results of checks, where something failed by a second
    look at the data.
    """

    answer: DataFrame | None
    results: Callable[[Sequence[int | None], str], list[CheckResult]]


def answered(questions: Sequence[Question]) -> list[CheckResult]:
    """The results of all questions in their order, asked in one command: to plan and send one takes its time."""
    numbered = [
        question.answer.withColumn("question", F.lit(number))
        for number, question in enumerate(questions)
        if question.answer is not None
    ]
    rows = reduce(lambda above, below: above.union(below), numbered).collect() if numbered else []
    answers = {row["question"]: (row["figures"], row["detail"] or "") for row in rows}
    return [
        result
        for number, question in enumerate(questions)
        for result in question.results(*answers.get(number, ((), "")))
    ]


def table_question(table: Table, staged: DataFrame, proven: Collection[str] = ()) -> Question:
    """All row checks and the grain, in one pass over the data; a second look only at what failed.

    Nothing is asked of the checks that are `proven` already.
    """
    asked = [check for check in table.row_checks if check.name not in proven]
    # Two keys may share a hash, never two hashes a key: as many hashes as rows proves the grain, fewer are looked into.
    keys = key_hash(*(F.coalesce(F.col(name).cast("string"), F.lit("\0")) for name in table.grain))
    grain = () if GRAIN in proven else (F.count(F.lit(1)), F.count_distinct(keys))
    broken = [F.sum(F.when(F.expr(f"NOT ({check.expression})"), 1).otherwise(0)) for check in asked]

    def results(figures: Sequence[int | None], _: str) -> list[CheckResult]:
        counts, failed = figures[: len(grain)], figures[len(grain) :]
        failed_counts = {check.name: count or 0 for check, count in zip(asked, failed, strict=True)}
        found = [_grain(table, staged, suspicious=len(set(counts)) > 1)]
        for check in table.row_checks:
            count = failed_counts.get(check.name, 0)
            detail = _keys_of(table, staged.where(f"NOT ({check.expression})")) if count else ""
            found.append(CheckResult(table.name, check.name, check.severity, check.description, count, detail))
        return found

    return Question(_answer(staged, *grain, *broken) if grain or broken else None, results)


def foreign_key_question(table: Table, key: ForeignKey, staged: DataFrame, target: DataFrame) -> Question:
    """Rows whose key, where it has no NULL, is not in the referenced table."""
    known = target.select(*(F.col(to).alias(name) for name, to in zip(key.columns, key.target, strict=True)))
    filled = staged.where(" AND ".join(f"{name} IS NOT NULL" for name in key.columns))
    lost = filled.join(known, list(key.columns), how="left_anti")

    def results(figures: Sequence[int | None], _: str) -> list[CheckResult]:
        failed = figures[0] or 0
        name, meaning = f"foreign_key.{key.references}", f"({', '.join(key.columns)}) exists in {key.references}"
        return [CheckResult(table.name, name, Severity.FAIL, meaning, failed, _keys_of(table, lost) if failed else "")]

    return Question(_answer(lost, F.count(F.lit(1))), results)


def probe_question(probe: Probe, inputs: Sequence[DataFrame], rules: BaseModel) -> Question:
    """A probe's own finding; its table is the first it looks at, the one made of it where that is bronze."""
    found = probe.measure(*inputs, rules=rules)
    table = probe.inputs[0].removeprefix(BRONZE_PREFIX)

    def results(figures: Sequence[int | None], detail: str) -> list[CheckResult]:
        return [CheckResult(table, probe.name, probe.severity, probe.description, figures[0] or 0, detail)]

    figures = F.array(F.col("failed_count").cast("bigint")).alias("figures")
    return Question(found.select(figures, F.col("detail").cast("string")), results)


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


def _answer(rows: DataFrame, *figures: SparkColumn) -> DataFrame:
    """One row: aggregates of the rows, in their order."""
    named = {f"f{number}": figure for number, figure in enumerate(figures)}
    sums = rows.agg(*(figure.cast("bigint").alias(name) for name, figure in named.items()))
    return sums.select(F.array(*named).alias("figures"), F.lit(None).cast("string").alias("detail"))


def _grain(table: Table, staged: DataFrame, *, suspicious: bool) -> CheckResult:
    name, meaning = GRAIN, f"no two rows share ({', '.join(table.grain)})"
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
