"""On which days did something happen? The newest of them is the day that customers are seen from."""

from __future__ import annotations

from medallion.contracts import Column, Layer, Table
from medallion.spark import DataFrame, F

TABLE = Table(
    name="activity_days",
    layer=Layer.SILVER,
    grain=("activity_date",),
    description="One row a calendar day on which somebody signed up or ordered, or an order was shipped.",
    columns=(
        Column("activity_date", "date", "The day.", nullable=False),
        Column("signup_count", "bigint", "Customers who signed up.", "count", False, minimum=0),
        Column("order_count", "bigint", "Orders placed.", "count", False, minimum=0),
        Column("shipment_count", "bigint", "Shipments.", "count", False, minimum=0),
    ),
    sort=("activity_date",),
)


def build(customers: DataFrame, orders: DataFrame, shipments: DataFrame) -> DataFrame:
    """Days with what happened on them. Grain: activity_date."""
    happened = (
        _on(customers, "signup_date", "signup_count")
        .unionByName(_on(orders, "order_date", "order_count"))
        .unionByName(_on(shipments, "shipped_date", "shipment_count"))
    )
    counts = ("signup_count", "order_count", "shipment_count")
    days = happened.groupBy("activity_date").agg(*(F.sum(name).alias(name) for name in counts))
    return TABLE.conform(days.where(F.col("activity_date").isNotNull()))


def _on(rows: DataFrame, moment: str, counted: str) -> DataFrame:
    """A row each, with its day and a 1 where it is counted."""
    names = ("signup_count", "order_count", "shipment_count")
    ones = (F.lit(1 if name == counted else 0).cast("bigint").alias(name) for name in names)
    return rows.select(F.col(moment).cast("date").alias("activity_date"), *ones)
