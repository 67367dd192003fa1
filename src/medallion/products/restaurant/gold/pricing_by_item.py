"""At which prices was each item sold, how often, and for how much in all?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.spark import DataFrame, F

TABLE = Table(
    name="pricing_by_item",
    layer=Layer.GOLD,
    grain=("item_name", "currency"),
    description="One row an item, by its name on the menu, and currency.",
    columns=(
        shared.ITEM_NAME,
        shared.CURRENCY,
        shared.AS_OF,
        Column("order_count", "bigint", "Orders with the item.", "count", False, minimum=1),
        shared.ITEM_QUANTITY,
        Column("average_unit_price", "double", "Mean unit price of the lines, each counting once.", "currency"),
        Column("lowest_unit_price", MONEY, "Lowest unit price of a line.", "currency"),
        Column("highest_unit_price", MONEY, "Highest unit price of a line.", "currency"),
        shared.NET_AMOUNT,
    ),
    sort=("currency", "item_name"),
)


def build(item_days: DataFrame, *, as_of: date) -> DataFrame:
    """Days summed by item. Grain: (item_name, currency)."""
    items = (
        up_to(item_days, as_of)
        .groupBy("item_name", "currency")
        # An order has one day, so the orders of an item are those of its days.
        .agg(
            *(F.sum(name).alias(name) for name in ("order_count", "item_quantity")),
            ratio(F.sum("unit_price_sum"), F.sum("priced_line_count")).alias("average_unit_price"),
            F.min("lowest_unit_price").alias("lowest_unit_price"),
            F.max("highest_unit_price").alias("highest_unit_price"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
    return TABLE.conform(items.withColumn("as_of", F.lit(as_of)))
