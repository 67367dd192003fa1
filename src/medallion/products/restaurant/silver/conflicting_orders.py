"""Orders whose lines do not agree on customer, location, app, currency or day, and what their first lines say (an
intermediate result of order_lines).

First is by creation time, then line id, among the lines that say anything.
"""

from __future__ import annotations

from medallion.contracts import Column, Layer, Table
from medallion.hashing import key_hash
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver.business_day import business_day
from medallion.spark import DataFrame, F, SparkColumn

ATTRIBUTES = ("user_id", "restaurant_id", "app_name", "currency")

TABLE = Table(
    name="conflicting_orders",
    layer=Layer.INTERMEDIATE,
    grain=("order_id",),
    description="One row an order whose lines differ in an attribute or their day, with the first of each.",
    columns=(
        Column("order_id", "varchar(255)", "The order.", nullable=False),
        Column("order_user_id", "varchar(255)", "First customer named.", pii="customer id"),
        Column("order_restaurant_id", "varchar(255)", "First location named."),
        Column("order_app_name", "varchar(50)", "First app named."),
        Column("order_currency", "varchar(3)", "First currency named.", nullable=False),
        Column("order_order_date", "date", "Day of the first line, in rule business_timezone.", nullable=False),
        Column("has_conflicting_lines", "boolean", "Whether users, locations or currencies differ.", nullable=False),
    ),
)


def build(order_items: DataFrame, *, rules: RestaurantRules) -> DataFrame:
    """Grain: order_id."""
    # The hash passes over NULLs: without a mark in their place (NULL, x) and (x, NULL) would look the same.
    fingerprint = key_hash(*(F.coalesce(F.col(name), F.lit("\0")) for name in ATTRIBUTES))
    created = F.col("creation_time_utc")
    spread = order_items.groupBy("order_id").agg(
        F.min(fingerprint).alias("lowest"),
        F.max(fingerprint).alias("highest"),
        business_day(F.min(created), rules).alias("first_date"),
        business_day(F.max(created), rules).alias("last_date"),
    )
    apart = spread.where("lowest <> highest OR first_date <> last_date").select("order_id")
    variety = F.greatest(*(F.count_distinct(name) for name in ("user_id", "restaurant_id", "currency")))
    return TABLE.conform(
        order_items.join(F.broadcast(apart), "order_id", how="left_semi")
        .groupBy("order_id")
        .agg(
            *(_first(name).alias(f"order_{name}") for name in ATTRIBUTES),
            business_day(F.min(created), rules).alias("order_order_date"),
            variety.alias("variety"),
        )
        .withColumn("has_conflicting_lines", F.col("variety") > 1)
    )


def _first(name: str) -> SparkColumn:
    place = F.struct("creation_time_utc", "lineitem_id")
    return F.min_by(F.col(name), F.when(F.col(name).isNotNull(), place))
