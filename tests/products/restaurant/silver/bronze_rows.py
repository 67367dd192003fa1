"""Delivered records, as text: a test names what matters to it, the rest is filled in.

Records are numbered in the order in which they are given, as in a file; `delivery` says which file they came with.
"""

from __future__ import annotations

from frames import Row, delivered
from pyspark.sql import DataFrame, SparkSession

from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver import (
    date_dim,
    location_days,
    order_item_options,
    order_items,
    repeated_options,
    repeated_order_lines,
)
from medallion.products.restaurant.sources import DATE_DIM, ORDER_ITEM_OPTIONS, ORDER_ITEMS

RULES = RestaurantRules()


def item(order_id: str | None = "o1", lineitem_id: str | None = "l1", *, delivery: int = 1, **text: str | None) -> Row:
    """A delivered order line: one Margherita for 10.00 USD at noon of 1 May 2024."""
    return {
        "app_name": "app",
        "restaurant_id": "r1",
        "creation_time_utc": "2024-05-01T12:00:00Z",
        "order_id": order_id,
        "user_id": "anna",
        "printed_card_number": None,
        "is_loyalty": "FALSE",
        "currency": "USD",
        "lineitem_id": lineitem_id,
        "item_category": "Pizza",
        "item_name": "Margherita",
        "item_price": "10.00",
        "item_quantity": "1",
        **text,
        "delivery": delivery,
    }


def option(
    option_name: str | None = "Cheese",
    *,
    order_id: str | None = "o1",
    lineitem_id: str | None = "l1",
    delivery: int = 1,
    **text: str | None,
) -> Row:
    """A delivered option: extra cheese for 1.00."""
    return {
        "order_id": order_id,
        "lineitem_id": lineitem_id,
        "option_group_name": "Extras",
        "option_name": option_name,
        "option_price": "1.00",
        "option_quantity": "1",
        **text,
        "delivery": delivery,
    }


def day(date_key: str | None, *, delivery: int = 1, **text: str | None) -> Row:
    """A delivered day that is no holiday; what follows from the day itself is left empty."""
    return {"date_key": date_key, "is_holiday": "FALSE", **text, "delivery": delivery}


def items_built(spark: SparkSession, *records: Row, rules: RestaurantRules = RULES) -> DataFrame:
    bronze = delivered(spark, ORDER_ITEMS, *records)
    return order_items.build(bronze, repeated_order_lines.build(bronze), rules=rules)


def options_built(spark: SparkSession, items: DataFrame, *records: Row) -> DataFrame:
    """`items` are the accepted lines that the options may belong to."""
    bronze = delivered(spark, ORDER_ITEM_OPTIONS, *records)
    return order_item_options.build(bronze, repeated_options.build(bronze), items)


def days_built(spark: SparkSession, orders: DataFrame, *records: Row) -> DataFrame:
    return date_dim.build(delivered(spark, DATE_DIM, *records), location_days.build(orders))
