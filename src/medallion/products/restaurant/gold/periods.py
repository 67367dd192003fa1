"""Days, weeks and months without gaps, and the sales in each."""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, count_where, money_sum
from medallion.products.restaurant.amounts import up_to
from medallion.products.restaurant.silver.customer_days import is_first_of
from medallion.spark import DataFrame, F

DAY, WEEK, MONTH = "day", "week", "month"
PERIODS = (DAY, WEEK, MONTH)

_AMOUNTS = ("gross_amount", "discount_amount", "refund_amount", "net_amount")
_COUNTS = ("order_count", "item_quantity")


def period_sales(location_days: DataFrame, customer_days: DataFrame, as_of: date) -> DataFrame:
    """Sales of every period from the first order date to `as_of`: zeros in those without orders.

    Grain: (period, period_start, currency), with first_date (the first order date of all currencies), order_count,
    customer_count, item_quantity and the four amounts. A currency is there once it has an order.
    """
    sales = (
        up_to(location_days, as_of)
        .groupBy("order_date", "currency")
        .agg(
            *(F.sum(name).alias(name) for name in _COUNTS),
            *(F.sum(name).cast(MONEY).alias(name) for name in _AMOUNTS),
        )
    )
    customers = (
        up_to(customer_days, as_of)
        .groupBy("order_date", "currency")
        .agg(*(count_where(is_first_of(period)).alias(f"{period}_customers") for period in PERIODS))
    )
    # At most one match each: both are grouped by the day and the currency.
    days = (
        _calendar(sales, as_of)
        .join(sales, ["order_date", "currency"], how="left")
        .join(customers, ["order_date", "currency"], how="left")
    )
    each_period = (
        F.struct(
            F.lit(period).alias("period"),
            (F.col("order_date") if period == DAY else F.trunc("order_date", period)).alias("period_start"),
            F.col(f"{period}_customers").alias("customer_count"),
        )
        for period in PERIODS
    )
    return (
        days.withColumn("of_period", F.explode(F.array(*each_period)))
        .select("*", "of_period.*")
        .groupBy("period", "period_start", "currency")
        .agg(
            F.min("first_date").alias("first_date"),
            *(F.coalesce(F.sum(name), F.lit(0).cast("bigint")).alias(name) for name in (*_COUNTS, "customer_count")),
            *(money_sum(name).alias(name) for name in _AMOUNTS),
        )
    )


def _calendar(sales: DataFrame, as_of: date) -> DataFrame:
    """Every day from the first one to `as_of` in every currency: (order_date, currency, first_date)."""
    first = sales.agg(F.min("order_date").alias("first_date")).where("first_date IS NOT NULL")
    days = F.explode(F.expr(f"sequence(first_date, DATE '{as_of}', interval 1 day)"))
    return first.withColumn("order_date", days).join(F.broadcast(sales.select("currency").distinct()), how="cross")
