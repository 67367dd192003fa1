"""What did each location sell on each day?"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Layer, Table
from medallion.products.restaurant.gold import columns as shared
from medallion.products.restaurant.gold.amounts import MONEY, up_to
from medallion.spark import DataFrame, F

TABLE = Table(
    name="sales_by_location",
    layer=Layer.GOLD,
    grain=("order_date", "restaurant_id", "currency"),
    description="One row a day, location and currency with orders.",
    columns=(
        shared.ORDER_DATE,
        shared.RESTAURANT_ID,
        shared.CURRENCY,
        shared.AS_OF,
        shared.ORDER_COUNT,
        shared.ITEM_QUANTITY,
        shared.NET_AMOUNT,
    ),
    sort=("order_date",),
)


def build(orders: DataFrame, *, as_of: date) -> DataFrame:
    """Orders summed. Grain: (order_date, restaurant_id, currency)."""
    sales = (
        up_to(orders, as_of)
        .groupBy("order_date", "restaurant_id", "currency")
        .agg(
            F.count(F.lit(1)).alias("order_count"),
            F.sum("item_quantity").alias("item_quantity"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
    return TABLE.conform(sales.withColumn("as_of", F.lit(as_of)))
