"""Where each customer orders."""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY
from medallion.contracts import Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import of_customers, up_to
from medallion.spark import DataFrame, F

TABLE = Table(
    name="customer_locations",
    layer=Layer.SILVER,
    grain=("user_id", "restaurant_id", "currency"),
    description="One row a customer, location and currency with orders; guests have none.",
    columns=(
        shared.USER_ID,
        shared.RESTAURANT_ID,
        shared.CURRENCY,
        shared.ORDER_COUNT,
        shared.NET_AMOUNT,
    ),
    distribution="user_id",
)


def build(orders: DataFrame, *, cutoff: date | None) -> DataFrame:
    """Customers' orders up to `cutoff` summed by location. Grain: (user_id, restaurant_id, currency)."""
    return TABLE.conform(
        of_customers(up_to(orders, cutoff))
        .groupBy("user_id", "restaurant_id", "currency")
        .agg(F.count(F.lit(1)).alias("order_count"), F.sum("net_amount").cast(MONEY).alias("net_amount"))
    )
