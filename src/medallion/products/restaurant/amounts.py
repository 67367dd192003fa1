"""Arithmetic that tables share: which orders count, exact sums of money, and ratios that mean something or are NULL."""

from __future__ import annotations

from datetime import date

from medallion.spark import DataFrame, F, SparkColumn

MONEY = "decimal(18,2)"
NO_MONEY = f"cast(0 as {MONEY})"
UNKNOWN = "(unknown)"  # stands for a name that lines leave out, where the name is part of a grain


def up_to(dated: DataFrame, day: date | None) -> DataFrame:
    """The rows that count on a day, by their order_date; all rows for no day."""
    return dated.where(F.col("order_date") <= F.lit(day)) if day else dated


def of_customers(orders: DataFrame) -> DataFrame:
    """The orders whose customer is known: all but those of guests."""
    return orders.where(F.col("user_id").isNotNull())


def named(name: str) -> SparkColumn:
    """The column under its own name, `(unknown)` where it is NULL."""
    return F.coalesce(F.col(name), F.lit(UNKNOWN)).alias(name)


def count_where(condition: SparkColumn) -> SparkColumn:
    """The number of rows for which the condition holds."""
    return F.coalesce(F.sum(condition.cast("bigint")), F.lit(0).cast("bigint"))


def money_sum(amount: SparkColumn | str) -> SparkColumn:
    """Exact sum; 0 over no rows or none but NULLs."""
    return F.coalesce(F.sum(amount).cast(MONEY), F.expr(NO_MONEY))


def money_sum_between(amount: str, after: date, until: date) -> SparkColumn:
    """Exact sum over orders with order_date in (after, until]; 0 where there are none."""
    is_between = (F.col("order_date") > F.lit(after)) & (F.col("order_date") <= F.lit(until))
    return money_sum(F.when(is_between, F.col(amount)))


def ratio(part: SparkColumn | str, whole: SparkColumn | str) -> SparkColumn:
    """part / whole as double; NULL where whole is zero or either is missing."""
    return _double(part) / F.nullif(_double(whole), F.lit(0.0))


def percent_change(now: SparkColumn | str, before: SparkColumn | str) -> SparkColumn:
    """(now − before) / before × 100 as double; NULL where before is zero or either is missing."""
    return ratio(_column(now) - _column(before), before) * F.lit(100.0)


def a_year_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February, as add_months does."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _column(value: SparkColumn | str) -> SparkColumn:
    return F.col(value) if isinstance(value, str) else value


def _double(value: SparkColumn | str) -> SparkColumn:
    return _column(value).cast("double")
