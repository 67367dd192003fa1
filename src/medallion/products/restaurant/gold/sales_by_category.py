"""Which menu categories sold on each day?"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.spark import DataFrame, F

TABLE = Table(
    name="sales_by_category",
    layer=Layer.GOLD,
    grain=("order_date", "item_category", "currency"),
    description="One row a day, menu category and currency, from lines. An order counts in each of its categories.",
    columns=(
        shared.ORDER_DATE,
        shared.ITEM_CATEGORY,
        shared.CURRENCY,
        shared.AS_OF,
        Column(
            "order_count",
            "bigint",
            "Orders with a line of the category.",
            "count",
            False,
            minimum=1,
            formula="count(distinct orders with a line of item_category)",
        ),
        shared.ITEM_QUANTITY,
        shared.NET_AMOUNT,
    ),
    sort=("order_date",),
    exclusions="Orders after as_of.",
)


def build(category_days: DataFrame, *, as_of: date) -> DataFrame:
    """The days up to `as_of`. Grain: (order_date, item_category, currency)."""
    return TABLE.conform(up_to(category_days, as_of).withColumn("as_of", F.lit(as_of)))
