"""Days, weeks and months without gaps, and the sales in each."""

from __future__ import annotations

from datetime import date
from functools import reduce

from medallion.products.restaurant.gold.amounts import MONEY, NO_MONEY, of_customers
from medallion.spark import DataFrame, F, SparkColumn

DAY, WEEK, MONTH = "day", "week", "month"
PERIODS = (DAY, WEEK, MONTH)

_AMOUNTS = ("gross_amount", "discount_amount", "refund_amount", "net_amount")
_COUNTS = ("order_count", "item_quantity")
_KEYS = ("period", "period_start", "currency")


def daily_sales(orders: DataFrame, as_of: date) -> DataFrame:
    """Sales of every period from the first order date to `as_of`: zeros in those without orders.

    Grain: (period, period_start, currency), with first_date (the first order date of all currencies), order_count,
    item_quantity and the four amounts. A currency is there once it has an order.
    """
    days = orders.groupBy(F.col("order_date").alias("day"), "currency").agg(
        F.count(F.lit(1)).alias("order_count"),
        F.sum("item_quantity").alias("item_quantity"),
        *(F.sum(name).cast(MONEY).alias(name) for name in _AMOUNTS),
    )
    first = days.agg(F.min("day").alias("first_date")).where("first_date IS NOT NULL")
    calendar = first.withColumn("day", F.explode(F.expr(f"sequence(first_date, DATE '{as_of}', interval 1 day)")))
    spine = calendar.join(F.broadcast(days.select("currency").distinct()), how="cross")
    filled = spine.join(days, ["day", "currency"], how="left").select(
        "day",
        "currency",
        "first_date",
        *(F.coalesce(F.col(name), F.lit(0).cast("bigint")).alias(name) for name in _COUNTS),
        *(F.coalesce(F.col(name), F.expr(NO_MONEY)).alias(name) for name in _AMOUNTS),
    )
    each_period = (
        F.struct(F.lit(period).alias("period"), start.alias("period_start")) for period, start in _starts("day").items()
    )
    return (
        filled.withColumn("of_period", F.explode(F.array(*each_period)))
        .select("*", "of_period.*")
        .groupBy(*_KEYS)
        .agg(
            F.min("first_date").alias("first_date"),
            *(F.sum(name).alias(name) for name in _COUNTS),
            *(F.sum(name).cast(MONEY).alias(name) for name in _AMOUNTS),
        )
    )


def period_customers(orders: DataFrame) -> DataFrame:
    """Distinct customers of each period that has any. Grain: (period, period_start, currency)."""
    customers = of_customers(orders)
    counts = (
        customers.groupBy(F.lit(period).alias("period"), start.alias("period_start"), "currency").agg(
            F.count_distinct("user_id").alias("customer_count")
        )
        for period, start in _starts("order_date").items()
    )
    return reduce(lambda one, other: one.unionByName(other), counts)


def _starts(day: str) -> dict[str, SparkColumn]:
    """The first day of each of the three periods that a day falls into."""
    return {DAY: F.col(day), WEEK: F.trunc(day, "week"), MONTH: F.trunc(day, "month")}
