"""What did each location sell on each day?"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import daily_sales
from medallion.spark import DataFrame

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
    exclusions="Orders after as_of.",
)


def build(location_days: DataFrame, *, as_of: date) -> DataFrame:
    """Apps and discount depths summed. Grain: (order_date, restaurant_id, currency)."""
    return TABLE.conform(daily_sales(location_days, TABLE.grain, as_of))
