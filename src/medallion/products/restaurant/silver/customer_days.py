"""On which days each customer ordered: what retention, silence and distinct customers of a period are read from."""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, count_where
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import of_customers, up_to
from medallion.products.restaurant.discounts import is_discounted
from medallion.spark import DataFrame, F, SparkColumn, Window

TABLE = Table(
    name="customer_days",
    layer=Layer.SILVER,
    grain=("user_id", "currency", "order_date"),
    description="One row a customer, currency and day with orders; guests have none.",
    columns=(
        shared.USER_ID,
        shared.CURRENCY,
        shared.ORDER_DATE,
        Column("first_order_date", "date", "The customer's first such day in the currency.", nullable=False),
        Column("next_order_date", "date", "The customer's next such day in the currency; NULL for the newest."),
        Column("previous_order_date", "date", "The customer's previous such day in the currency; NULL for the first."),
        Column(
            "order_day_number", "bigint", "Which of the customer's such days it is, from 1.", "count", False, minimum=1
        ),
        shared.ORDER_COUNT,
        shared.LOYALTY_ORDER_COUNT,
        shared.DISCOUNTED_ORDER_COUNT,
        shared.NET_AMOUNT,
    ),
    checks=(
        Check(
            name="days_are_in_order",
            expression="first_order_date <= order_date AND coalesce(order_date < next_order_date, true)",
            description="first_order_date is not after order_date, next_order_date is",
        ),
    ),
    distribution="user_id",
    sort=("order_date",),
)


def build(orders: DataFrame) -> DataFrame:
    """Customers' orders summed by day. Grain: (user_id, currency, order_date)."""
    days = (
        of_customers(orders)
        .groupBy("user_id", "currency", "order_date")
        .agg(
            F.count(F.lit(1)).alias("order_count"),
            count_where(F.col("is_loyalty")).alias("loyalty_order_count"),
            count_where(is_discounted()).alias("discounted_order_count"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
    in_order = Window.partitionBy("user_id", "currency").orderBy("order_date")
    # Over the whole partition: a frame that grows row by row is slow.
    whole = in_order.rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    return TABLE.conform(
        days.withColumns(
            {
                "first_order_date": F.first("order_date").over(whole),
                "next_order_date": F.lead("order_date").over(in_order),
                "previous_order_date": F.lag("order_date").over(in_order),
                "order_day_number": F.row_number().over(in_order).cast("bigint"),
            }
        )
    )


def known_on(customer_days: DataFrame, as_of: date) -> DataFrame:
    """The days up to `as_of`; a next_order_date after it is NULL, as nobody knew of it then."""
    known = F.when(F.col("next_order_date") <= F.lit(as_of), F.col("next_order_date"))
    return up_to(customer_days, as_of).withColumn("next_order_date", known)


def is_first_of(period: str) -> SparkColumn:
    """Whether a row is its customer's first of the day, week or month: every customer of the period has one such row.

    By the days since the one before: to cut dates off to a week or month takes the engines twice as long.
    """
    if period == "day":
        return F.lit(True)
    # Monday is 1. Not by `weekday`, which in Sail 0.7.2 is -1 of a Sunday.
    day_of_week = (F.dayofweek("order_date") + 5) % 7 + 1
    day_of_period = day_of_week if period == "week" else F.dayofmonth("order_date")
    return F.coalesce(F.datediff("order_date", "previous_order_date") >= day_of_period, F.lit(True))
