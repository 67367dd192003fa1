"""What was sold of each item on each day, and at which prices."""

from __future__ import annotations

from medallion.arithmetic import MONEY, named, ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F, SparkColumn

# Keep the digits of a line total divided by its quantity; exact, so that a sum does not depend on the rows' order.
UNIT_PRICE = "decimal(28,12)"
UNIT_PRICE_SUM = "decimal(38,12)"

TABLE = Table(
    name="item_days",
    layer=Layer.SILVER,
    grain=("order_date", "item_name", "currency"),
    description="One row a day, item (by its name on the menu) and currency, from lines. An order counts in each of "
    "its items.",
    columns=(
        shared.ORDER_DATE,
        shared.ITEM_NAME,
        shared.CURRENCY,
        shared.ORDER_COUNT,
        shared.ITEM_QUANTITY,
        Column("priced_line_count", "bigint", "Lines that say a unit price.", "count", False, minimum=0),
        Column("unit_price_sum", UNIT_PRICE_SUM, "Sum of these unit prices; NULL without any.", "currency"),
        Column("lowest_unit_price", MONEY, "Lowest unit price of a line.", "currency"),
        Column("highest_unit_price", MONEY, "Highest unit price of a line.", "currency"),
        shared.NET_AMOUNT,
    ),
    sort=("order_date",),
)


READS = {
    "order_lines": ("order_id", "order_date", "currency", "item_name", "item_quantity", "item_price", "net_amount")
}


_KEYS = ["order_date", "item_name", "currency"]


def build(order_lines: DataFrame, *, rules: RestaurantRules) -> DataFrame:
    """Lines summed by the day of their order. Grain: (order_date, item_name, currency)."""
    price = _unit_price(rules)
    lines = order_lines.withColumn("item_name", named("item_name"))
    # Apart from the sums: to count distinct orders of so many groups, or to sum first by order, takes twice as long.
    orders = lines.select("order_id", *_KEYS).distinct().groupBy(*_KEYS).agg(F.count(F.lit(1)).alias("order_count"))
    sums = lines.groupBy(*_KEYS).agg(
        F.sum("item_quantity").alias("item_quantity"),
        F.count(price).alias("priced_line_count"),
        F.sum(price).alias("unit_price_sum"),
        F.min(price).alias("lowest_unit_price"),
        F.max(price).alias("highest_unit_price"),
        F.sum("net_amount").cast(MONEY).alias("net_amount"),
    )
    # One to one: both are grouped by the keys of the same lines.
    return TABLE.conform(sums.join(orders, _KEYS, how="inner"))


def _unit_price(rules: RestaurantRules) -> SparkColumn:
    """Price of one unit of a line; NULL where the line's total says nothing of it, at quantity 0."""
    if rules.item_price_semantics == "unit":
        return F.col("item_price")
    return ratio("item_price", "item_quantity").cast(UNIT_PRICE)
