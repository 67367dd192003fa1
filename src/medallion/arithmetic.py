"""Arithmetic that tables share: exact sums of money, ratios that mean something or are NULL, and counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from medallion.contracts import Table
from medallion.spark import DataFrame, F, SparkColumn

MONEY = "decimal(18,2)"
NO_MONEY = f"cast(0 as {MONEY})"
_DECIMALS = 6
UNKNOWN = "(unknown)"  # stands for a name that rows leave out, where the name is part of a grain


def dated_up_to(dated: DataFrame, column: str, day: date | None) -> DataFrame:
    """The rows that count on a day, by the date in a column; all rows for no day."""
    return dated.where(F.col(column) <= F.lit(day)) if day else dated


def named(name: str) -> SparkColumn:
    """The column under its own name, `(unknown)` where it is NULL."""
    return F.coalesce(F.col(name), F.lit(UNKNOWN)).alias(name)


def count_where(condition: SparkColumn) -> SparkColumn:
    """The number of rows for which the condition holds."""
    return F.coalesce(F.sum(condition.cast("bigint")), F.lit(0).cast("bigint"))


def money_sum(amount: SparkColumn | str) -> SparkColumn:
    """Exact sum; 0 over no rows or none but NULLs."""
    return F.coalesce(F.sum(amount).cast(MONEY), F.expr(NO_MONEY))


def ratio(part: SparkColumn | str, whole: SparkColumn | str) -> SparkColumn:
    """part / whole as double; NULL where whole is zero or either is missing.

    Not right behind a join by an inequality: it may pass on a batch of no rows, in which the embedded engine sees a
    division by zero.
    """
    return _double(part) / F.nullif(_double(whole), F.lit(0.0))


def percent_change(now: SparkColumn | str, before: SparkColumn | str) -> SparkColumn:
    """(now − before) / before × 100 as double; NULL where before is zero or either is missing."""
    return ratio(_column(now) - _column(before), before) * F.lit(100.0)


def class_of(value: SparkColumn, bounds: Iterable[int]) -> SparkColumn:
    """How many of the bounds a value is above; NULL stays NULL."""
    above = F.lit(0)
    for bound in bounds:
        above = above + (value > bound).cast("int")
    return above


def rounded(df: DataFrame, table: Table) -> DataFrame:
    """The contract's doubles to six decimals: the last digits of summed ones depend on the order of the rows."""
    doubles = (column.name for column in table.columns if column.type == "double")
    return df.withColumns({name: F.round(name, _DECIMALS) for name in doubles})


def _column(value: SparkColumn | str) -> SparkColumn:
    return F.col(value) if isinstance(value, str) else value


def _double(value: SparkColumn | str) -> SparkColumn:
    return _column(value).cast("double")
