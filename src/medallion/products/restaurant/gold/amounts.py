"""Arithmetic that the marts share: exact sums of money, and ratios that are NULL where they mean nothing."""

from __future__ import annotations

from datetime import date

from medallion.spark import DataFrame, F, SparkColumn

MONEY = "decimal(18,2)"
NO_MONEY = f"cast(0 as {MONEY})"
UNKNOWN = "(unknown)"  # stands for a name that lines leave out, where the name is part of a grain


def up_to(orders: DataFrame, as_of: date) -> DataFrame:
    """The orders that count on the day `as_of`."""
    return orders.where(F.col("order_date") <= F.lit(as_of))


def of_customers(orders: DataFrame) -> DataFrame:
    """The orders whose customer is known: all but those of guests."""
    return orders.where(F.col("user_id").isNotNull())


def lines_up_to(order_lines: DataFrame, orders: DataFrame, as_of: date) -> DataFrame:
    """The lines of the orders that count on the day `as_of`. Lines know no date, their orders do.

    Leaves out the lines of later orders, which are few or none, rather than look up the order of every line.
    """
    later = orders.where(F.col("order_date") > F.lit(as_of)).select("order_id")
    return order_lines.join(later, "order_id", how="left_anti")


def named(name: str) -> SparkColumn:
    """The column under its own name, `(unknown)` where it is NULL."""
    return F.coalesce(F.col(name), F.lit(UNKNOWN)).alias(name)


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
