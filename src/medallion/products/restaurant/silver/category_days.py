"""What was sold of each menu category on each day."""

from __future__ import annotations

from medallion.arithmetic import MONEY, named
from medallion.contracts import Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.spark import DataFrame, F

TABLE = Table(
    name="category_days",
    layer=Layer.SILVER,
    grain=("order_date", "item_category", "currency"),
    description="One row a day, menu category and currency, from lines. An order counts in each of its categories.",
    columns=(
        shared.ORDER_DATE,
        shared.ITEM_CATEGORY,
        shared.CURRENCY,
        shared.ORDER_COUNT,
        shared.ITEM_QUANTITY,
        shared.NET_AMOUNT,
    ),
    sort=("order_date",),
)


READS = {"order_lines": ("order_id", "order_date", "currency", "item_category", "item_quantity", "net_amount")}


def build(order_lines: DataFrame) -> DataFrame:
    """Lines summed by the day of their order. Grain: (order_date, item_category, currency)."""
    # First one row an order and category: to count distinct orders of many groups is slow.
    per_order = order_lines.groupBy("order_id", "order_date", "currency", named("item_category")).agg(
        F.sum("item_quantity").alias("item_quantity"), F.sum("net_amount").cast(MONEY).alias("net_amount")
    )
    return TABLE.conform(
        per_order.groupBy("order_date", "item_category", "currency").agg(
            F.count(F.lit(1)).alias("order_count"),
            F.sum("item_quantity").alias("item_quantity"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
