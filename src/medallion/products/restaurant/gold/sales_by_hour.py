"""At which hours of which days do orders come in?"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant.gold import columns as shared
from medallion.products.restaurant.gold.amounts import MONEY, up_to
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F

TABLE = Table(
    name="sales_by_hour",
    layer=Layer.GOLD,
    grain=("order_date", "hour", "currency"),
    description="One row a day, hour and currency with orders; the hour in which an order's first line was created.",
    columns=(
        shared.ORDER_DATE,
        Column("hour", "smallint", "Hour of the day in rule business_timezone.", nullable=False, minimum=0, maximum=23),
        shared.CURRENCY,
        shared.AS_OF,
        shared.ORDER_COUNT,
        shared.ITEM_QUANTITY,
        shared.NET_AMOUNT,
    ),
    sort=("order_date", "hour"),
)


def build(orders: DataFrame, *, as_of: date, rules: RestaurantRules) -> DataFrame:
    """Orders summed. Grain: (order_date, hour, currency)."""
    ordered_here = F.from_utc_timestamp(F.col("ordered_at"), rules.business_timezone)
    sales = (
        up_to(orders, as_of)
        .groupBy("order_date", F.hour(ordered_here).alias("hour"), "currency")
        .agg(
            F.count(F.lit(1)).alias("order_count"),
            F.sum("item_quantity").alias("item_quantity"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
    return TABLE.conform(sales.withColumn("as_of", F.lit(as_of)))
