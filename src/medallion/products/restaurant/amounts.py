"""Which orders count, on a day and between days, and what of them is a customer's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from medallion.arithmetic import MONEY, dated_up_to, money_sum
from medallion.spark import DataFrame, F, SparkColumn


def up_to(dated: DataFrame, day: date | None) -> DataFrame:
    """The rows that count on a day, by their order_date; all rows for no day."""
    return dated_up_to(dated, "order_date", day)


def daily_sales(location_days: DataFrame, by: Sequence[str], as_of: date) -> DataFrame:
    """Orders, units and net amount of the days up to `as_of`, discount depths summed. Grain: `by`."""
    sums = (F.sum(name).alias(name) for name in ("order_count", "item_quantity"))
    days = up_to(location_days, as_of).groupBy(*by).agg(*sums, F.sum("net_amount").cast(MONEY).alias("net_amount"))
    return days.withColumn("as_of", F.lit(as_of))


def of_customers(orders: DataFrame) -> DataFrame:
    """The orders whose customer is known: all but those of guests."""
    return orders.where(F.col("user_id").isNotNull())


def money_sum_between(amount: str, after: date, until: date) -> SparkColumn:
    """Exact sum over orders with order_date in (after, until]; 0 where there are none."""
    return money_sum(F.when(is_between(after, until), F.col(amount)))


def is_between(after: date, until: date) -> SparkColumn:
    """Whether order_date is in (after, until]."""
    return (F.col("order_date") > F.lit(after)) & (F.col("order_date") <= F.lit(until))


def a_year_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February, as add_months does."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
