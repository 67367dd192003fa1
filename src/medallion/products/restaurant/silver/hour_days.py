"""What was sold in each hour of each day."""

from __future__ import annotations

from medallion.arithmetic import MONEY
from medallion.contracts import Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver.business_day import business_hour
from medallion.spark import DataFrame, F

TABLE = Table(
    name="hour_days",
    layer=Layer.SILVER,
    grain=("order_date", "hour", "currency"),
    description="One row a day, hour and currency with orders; the hour in which an order's first line was created.",
    columns=(
        shared.ORDER_DATE,
        shared.HOUR,
        shared.CURRENCY,
        shared.ORDER_COUNT,
        shared.ITEM_QUANTITY,
        shared.NET_AMOUNT,
    ),
    sort=("order_date",),
)


def build(orders: DataFrame, *, rules: RestaurantRules) -> DataFrame:
    """Orders summed. Grain: (order_date, hour, currency)."""
    return TABLE.conform(
        orders.groupBy("order_date", business_hour(F.col("ordered_at"), rules).alias("hour"), "currency").agg(
            F.count(F.lit(1)).alias("order_count"),
            F.sum("item_quantity").alias("item_quantity"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
