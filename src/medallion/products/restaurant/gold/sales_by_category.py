"""Which menu categories sold on each day?"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant.gold import columns as shared
from medallion.products.restaurant.gold.amounts import MONEY, named, up_to
from medallion.spark import DataFrame, F

TABLE = Table(
    name="sales_by_category",
    layer=Layer.GOLD,
    grain=("order_date", "item_category", "currency"),
    description="One row a day, menu category and currency, from lines. An order counts in each of its categories.",
    columns=(
        shared.ORDER_DATE,
        Column("item_category", "varchar(50)", "Menu category; `(unknown)` where lines name none.", nullable=False),
        shared.CURRENCY,
        shared.AS_OF,
        Column("order_count", "bigint", "Orders with a line of the category.", "count", False, minimum=1),
        shared.ITEM_QUANTITY,
        shared.NET_AMOUNT,
    ),
    sort=("order_date",),
)


def build(orders: DataFrame, order_lines: DataFrame, *, as_of: date) -> DataFrame:
    """Lines summed by the day of their order. Grain: (order_date, item_category, currency)."""
    per_order = order_lines.groupBy("order_id", named("item_category")).agg(
        F.sum("item_quantity").alias("item_quantity"), F.sum("net_amount").alias("net_amount")
    )
    # Many to one: order_id is the grain of orders.
    dated = per_order.join(up_to(orders, as_of).select("order_id", "order_date", "currency"), "order_id", how="inner")
    sales = dated.groupBy("order_date", "item_category", "currency").agg(
        F.count(F.lit(1)).alias("order_count"),
        F.sum("item_quantity").alias("item_quantity"),
        F.sum("net_amount").cast(MONEY).alias("net_amount"),
    )
    return TABLE.conform(sales.withColumn("as_of", F.lit(as_of)))
