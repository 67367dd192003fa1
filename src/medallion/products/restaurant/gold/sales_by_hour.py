"""At which hours of which days do orders come in?"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.spark import DataFrame, F

TABLE = Table(
    name="sales_by_hour",
    layer=Layer.GOLD,
    grain=("order_date", "hour", "currency"),
    description="One row a day, hour and currency with orders; the hour in which an order's first line was created.",
    columns=(
        shared.ORDER_DATE,
        shared.HOUR,
        shared.CURRENCY,
        shared.AS_OF,
        shared.ORDER_COUNT,
        shared.ITEM_QUANTITY,
        shared.NET_AMOUNT,
    ),
    sort=("order_date", "hour"),
    exclusions="Orders after as_of.",
)


def build(hour_days: DataFrame, *, as_of: date) -> DataFrame:
    """The days up to `as_of`. Grain: (order_date, hour, currency)."""
    return TABLE.conform(up_to(hour_days, as_of).withColumn("as_of", F.lit(as_of)))
