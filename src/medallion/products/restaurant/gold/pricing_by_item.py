"""At which prices was each item sold, how often, for how much in all, and how much do its sales depend on its price?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.products.restaurant.gold.item_elasticity import ELASTICITY, KEYS, elasticities
from medallion.spark import DataFrame, F

TABLE = Table(
    name="pricing_by_item",
    layer=Layer.GOLD,
    grain=("item_name", "currency"),
    description="One row an item, by its name on the menu, and currency. The elasticity compares months: it is the "
    "price's effect only if nothing else moved the item's sales together with its price, such as a new recipe, or "
    "prices raised where demand grew.",
    columns=(
        shared.ITEM_NAME,
        shared.CURRENCY,
        shared.AS_OF,
        Column(
            "order_count",
            "bigint",
            "Orders with the item.",
            "count",
            False,
            minimum=1,
            formula="count(distinct orders with the item)",
        ),
        shared.ITEM_QUANTITY,
        Column(
            "average_unit_price",
            "double",
            "Mean unit price of the lines, each counting once.",
            "currency",
            formula="sum(unit price of lines) / count(lines with a unit price)",
        ),
        Column(
            "lowest_unit_price", MONEY, "Lowest unit price of a line.", "currency", formula="min(unit price of lines)"
        ),
        Column(
            "highest_unit_price", MONEY, "Highest unit price of a line.", "currency", formula="max(unit price of lines)"
        ),
        shared.NET_AMOUNT,
        *ELASTICITY,
    ),
    sort=("currency", "item_name"),
    exclusions="Orders after as_of. Of elasticities also: days without a price above 0, and those on which no "
    "more was sold than taken back.",
)


def build(item_days: DataFrame, hour_days: DataFrame, *, as_of: date) -> DataFrame:
    """Days summed by item, and compared by month. Grain: (item_name, currency)."""
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
    # At most one match: both have one row an item and currency.
    measured = items.join(elasticities(item_days, hour_days, as_of), list(KEYS), how="left")
    unpriced = F.when(F.col("month_count").isNull(), F.lit("no sale at a price above 0"))
    return TABLE.conform(
        measured.withColumns(
            {"as_of": F.lit(as_of), "price_elasticity_reason": F.coalesce("price_elasticity_reason", unpriced)}
        ).fillna(0, ["month_count", "price_point_count"])
    )
