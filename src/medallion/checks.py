"""Checks as data: what must hold in a row, between tables, and between totals. The audit runs them on staged data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from inspect import Parameter, signature
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


class Severity(StrEnum):
    """What a check that does not hold means: nothing of the layer is published, or it is recorded and reported."""

    FAIL = "fail"
    WARN = "warn"


@dataclass(frozen=True, kw_only=True)
class Check:
    """A rule on each row: `expression` (Spark SQL) is true for a good row; NULL counts as good."""

    name: str
    expression: str
    description: str
    severity: Severity = Severity.FAIL


@dataclass(frozen=True)
class RejectLimit:
    """How many of the rows that a run reads for a table may be rejected before it stops with nothing published.

    `ratio` is a share of the rows read (0–1), which counts from `at_least` rejected rows on: a handful stops nothing.
    `count` is a number of rows. None: no such limit.
    """

    ratio: float | None = 0.10
    count: int | None = None
    at_least: int = 100

    def is_exceeded(self, rejected: int, read: int) -> bool:
        """Whether so many rejected rows of those read are too many."""
        too_many = self.count is not None and rejected > self.count
        too_large = self.ratio is not None and rejected >= self.at_least and rejected > self.ratio * read
        return too_many or too_large

    def __str__(self) -> str:
        share = f"{self.ratio:.1%} of the rows read (from {self.at_least:,} rows on)" if self.ratio is not None else ""
        return " and ".join(part for part in (share, f"{self.count:,} rows" if self.count is not None else "") if part)


DEFAULT_LIMIT = RejectLimit()


@dataclass(frozen=True)
class DeletionLimit(RejectLimit):
    """How many of the rows of a database table may be gone since the last pull before a run stops.

    `ratio` is a share of the rows that there were: an emptied table must not become a mart without rows.
    """

    ratio: float | None = 0.5
    at_least: int = 20

    def __str__(self) -> str:
        return super().__str__().replace("rows read", "rows that there were")


DEFAULT_DELETIONS = DeletionLimit()


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """Every row's `columns` exist in the table `references`, in its columns `to` (the same names by default)."""

    columns: tuple[str, ...]
    references: str
    to: tuple[str, ...] = ()

    @property
    def target(self) -> tuple[str, ...]:
        return self.to or self.columns


EVERY_ROW = "true"


@dataclass(frozen=True, kw_only=True)
class Total:
    """A sum over the rows where `where` holds (`{as_of}` stands for the run's date), one figure a group.

    `column="*"` counts those rows.
    """

    table: str
    column: str
    where: str = EVERY_ROW
    by: tuple[str, ...] = ("currency",)


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """Two totals that must be equal, group by group, to the last digit."""

    name: str
    left: Total
    right: Total
    description: str


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A check that looks at a whole table: `measure` returns one row (failed_count bigint, detail string)."""

    name: str
    description: str
    measure: Callable[..., DataFrame]
    severity: Severity = Severity.WARN

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        parameters = signature(self.measure).parameters.values()
        return tuple(p.name for p in parameters if p.kind is not Parameter.KEYWORD_ONLY)
