"""Which locations lead by revenue, orders and basket, and which are growing?"""

from __future__ import annotations

from datetime import date, timedelta

from medallion.arithmetic import MONEY, percent_change, ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import money_sum_between, up_to
from medallion.spark import DataFrame, F, Window

GROWTH_DAYS = timedelta(days=28)  # four whole weeks, so that both windows hold the same weekdays

TABLE = Table(
    name="location_performance",
    layer=Layer.GOLD,
    grain=("restaurant_id", "currency"),
    description="One row a location and currency with orders; ranks are within the currency.",
    columns=(
        shared.RESTAURANT_ID,
        shared.CURRENCY,
        shared.AS_OF,
        shared.FIRST_ORDER_DATE,
        shared.LAST_ORDER_DATE,
        Column("order_count", "bigint", "Orders of the location.", "count", False, minimum=1, formula="count(orders)"),
        shared.CUSTOMER_COUNT,
        shared.ITEM_QUANTITY,
        shared.NET_AMOUNT,
        Column(
            "net_amount_share",
            "double",
            "Share of the currency's net amount; NULL if that is 0.",
            "rate",
            formula="net_amount / sum(net_amount) over currency",
        ),
        shared.AVERAGE_ORDER_VALUE,
        Column(
            "trading_days",
            "bigint",
            "Distinct days with an order.",
            "days",
            False,
            minimum=1,
            formula="count(distinct order_date)",
        ),
        Column(
            "orders_per_trading_day",
            "double",
            "order_count / trading_days.",
            "count",
            False,
            formula="order_count / trading_days",
        ),
        Column(
            "loyalty_order_rate",
            "double",
            "Share of the orders in the programme.",
            "rate",
            False,
            minimum=0,
            maximum=1,
            formula="count(orders where is_loyalty) / order_count",
        ),
        Column(
            "revenue_rank",
            "bigint",
            "Rank by net_amount, 1 is most; ties share.",
            "rank",
            False,
            minimum=1,
            formula="rank() over (partition by currency order by net_amount desc)",
        ),
        Column(
            "order_rank",
            "bigint",
            "Rank by order_count, 1 is most; ties share.",
            "rank",
            False,
            minimum=1,
            formula="rank() over (partition by currency order by order_count desc)",
        ),
        Column(
            "average_order_value_rank",
            "bigint",
            "Rank by average_order_value, 1 is highest; ties share.",
            "rank",
            False,
            minimum=1,
            formula="rank() over (partition by currency order by average_order_value desc)",
        ),
        Column(
            "net_amount_last_28d",
            MONEY,
            "Net amount of the 28 days up to as_of.",
            "currency",
            False,
            formula="sum(net_amount) of (as_of - 28, as_of]",
        ),
        Column(
            "net_amount_prior_28d",
            MONEY,
            "Net amount of the 28 days before those.",
            "currency",
            False,
            formula="sum(net_amount) of (as_of - 56, as_of - 28]",
        ),
        Column(
            "growth_28d_pct",
            "double",
            "The last 28 days against the prior 28; NULL if those are 0.",
            "percent",
            formula="100 * (net_amount_last_28d - net_amount_prior_28d) / net_amount_prior_28d",
        ),
    ),
    sort=("currency", "revenue_rank"),
    exclusions="Orders after as_of.",
)

_LOCATION = ("restaurant_id", "currency")


def build(location_days: DataFrame, customer_locations: DataFrame, *, as_of: date) -> DataFrame:
    """Locations with their orders summed and ranked. Grain: (restaurant_id, currency)."""
    last, prior = (as_of - GROWTH_DAYS, as_of), (as_of - 2 * GROWTH_DAYS, as_of - GROWTH_DAYS)
    locations = (
        up_to(location_days, as_of)
        .groupBy(*_LOCATION)
        .agg(
            F.min("order_date").alias("first_order_date"),
            F.max("order_date").alias("last_order_date"),
            F.sum("order_count").alias("order_count"),
            F.sum("item_quantity").alias("item_quantity"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
            F.count_distinct("order_date").alias("trading_days"),
            F.sum("loyalty_order_count").alias("loyalty_order_count"),
            money_sum_between("net_amount", *last).alias("net_amount_last_28d"),
            money_sum_between("net_amount", *prior).alias("net_amount_prior_28d"),
        )
        .withColumn("average_order_value", ratio("net_amount", "order_count"))
    )
    counted = _with_customers(locations, customer_locations)
    in_currency = Window.partitionBy("currency")
    ranked_by = {
        "revenue_rank": "net_amount",
        "order_rank": "order_count",
        "average_order_value_rank": "average_order_value",
    }
    return TABLE.conform(
        counted.select(
            "*",
            F.lit(as_of).alias("as_of"),
            ratio("net_amount", F.sum("net_amount").over(in_currency)).alias("net_amount_share"),
            ratio("order_count", "trading_days").alias("orders_per_trading_day"),
            ratio("loyalty_order_count", "order_count").alias("loyalty_order_rate"),
            *(F.rank().over(in_currency.orderBy(F.desc(name))).alias(rank) for rank, name in ranked_by.items()),
            percent_change("net_amount_last_28d", "net_amount_prior_28d").alias("growth_28d_pct"),
        )
    )


def _with_customers(locations: DataFrame, customer_locations: DataFrame) -> DataFrame:
    """Adds customer_count: 0 where only guests ordered."""
    counts = customer_locations.groupBy(
        F.col("restaurant_id").alias("at_restaurant_id"), F.col("currency").alias("in_currency")
    ).agg(F.count(F.lit(1)).alias("customer_count"))
    # At most one match: both are grouped by these. Orders that name no location are a location here.
    is_same = F.col("restaurant_id").eqNullSafe(F.col("at_restaurant_id")) & (F.col("currency") == F.col("in_currency"))
    return locations.join(counts, is_same, how="left").fillna(0, ["customer_count"])
