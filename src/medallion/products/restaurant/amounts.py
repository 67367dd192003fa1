"""Which orders count, on a day and between days, and what of them is a customer's."""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import dated_up_to, money_sum
from medallion.spark import DataFrame, F, SparkColumn


def up_to(dated: DataFrame, day: date | None) -> DataFrame:
    """The rows that count on a day, by their order_date; all rows for no day."""
    return dated_up_to(dated, "order_date", day)


def of_customers(orders: DataFrame) -> DataFrame:
    """The orders whose customer is known: all but those of guests."""
    return orders.where(F.col("user_id").isNotNull())


def money_sum_between(amount: str, after: date, until: date) -> SparkColumn:
    """Exact sum over orders with order_date in (after, until]; 0 where there are none."""
    is_between = (F.col("order_date") > F.lit(after)) & (F.col("order_date") <= F.lit(until))
    return money_sum(F.when(is_between, F.col(amount)))


def a_year_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February, as add_months does."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)
