"""What did each location sell on each day?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY
from medallion.contracts import Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
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


def build(location_days: DataFrame, *, as_of: date) -> DataFrame:
    """Discount depths summed. Grain: (order_date, restaurant_id, currency)."""
    sales = (
        up_to(location_days, as_of)
        .groupBy("order_date", "restaurant_id", "currency")
        .agg(
            F.sum("order_count").alias("order_count"),
            F.sum("item_quantity").alias("item_quantity"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
    return TABLE.conform(sales.withColumn("as_of", F.lit(as_of)))
