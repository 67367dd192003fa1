"""At which prices was each item sold, how often, and for how much in all?"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant.gold import columns as shared
from medallion.products.restaurant.gold.amounts import MONEY, lines_up_to, named, ratio
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F, SparkColumn

# Keeps the digits of a line total divided by its quantity; exact, so that a sum does not depend on the rows' order.
UNIT_PRICE = "decimal(28,12)"

TABLE = Table(
    name="pricing_by_item",
    layer=Layer.GOLD,
    grain=("item_name", "currency"),
    description="One row an item, by its name on the menu, and currency.",
    columns=(
        Column("item_name", "varchar(255)", "Name of the item; `(unknown)` where lines name none.", nullable=False),
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


def build(orders: DataFrame, order_lines: DataFrame, *, as_of: date, rules: RestaurantRules) -> DataFrame:
    """Lines summed by item. Grain: (item_name, currency)."""
    items = (
        lines_up_to(order_lines, orders, as_of)
        .withColumn("unit_price", _unit_price(rules))
        .groupBy(named("item_name"), "currency")
        .agg(
            F.count_distinct("order_id").alias("order_count"),
            F.sum("item_quantity").alias("item_quantity"),
            ratio(F.sum("unit_price"), F.count("unit_price")).alias("average_unit_price"),
            F.min("unit_price").alias("lowest_unit_price"),
            F.max("unit_price").alias("highest_unit_price"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
    return TABLE.conform(items.withColumn("as_of", F.lit(as_of)))


def _unit_price(rules: RestaurantRules) -> SparkColumn:
    """Price of one unit of a line; NULL where the line's total says nothing of it, at quantity 0."""
    if rules.item_price_semantics == "unit":
        return F.col("item_price").cast(UNIT_PRICE)
    return ratio("item_price", "item_quantity").cast(UNIT_PRICE)
