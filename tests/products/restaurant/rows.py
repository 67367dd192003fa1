"""Rows of the silver tables: a test names what matters to it, the rest is filled in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from frames import Row, frame
from pyspark.sql import DataFrame, SparkSession

from medallion.products.restaurant.silver import date_dim, order_items, order_lines, orders


def order(
    order_id: str,
    day: date,
    net: str = "10.00",
    *,
    user_id: str | None = "anna",
    discount: str = "0.00",
    refund: str = "0.00",
    **given: Any,
) -> Row:
    """An order in USD at location r1, of one unit. Its options are the discount alone."""
    net_amount, discount_amount, refund_amount = Decimal(net), Decimal(discount), Decimal(refund)
    return {
        "order_id": order_id,
        "user_id": user_id,
        "restaurant_id": "r1",
        "app_name": "app",
        "currency": "USD",
        "ordered_at": datetime.combine(day, time(12), UTC),
        "order_date": day,
        "is_loyalty": False,
        "line_count": 1,
        "item_quantity": 1,
        "item_amount": net_amount + discount_amount,
        "option_amount": -discount_amount,
        "gross_amount": net_amount + discount_amount + refund_amount,
        "discount_amount": discount_amount,
        "refund_amount": refund_amount,
        "net_amount": net_amount,
        **given,
    }


def line(order_id: str, net: str = "10.00", *, user_id: str | None = "anna", **given: Any) -> Row:
    """A line of one unit in USD, without options."""
    amount = Decimal(net)
    return {
        "order_id": order_id,
        "lineitem_id": "1",
        "app_name": "app",
        "restaurant_id": "r1",
        "user_id": user_id,
        "creation_time_utc": datetime(2024, 1, 1, 12, tzinfo=UTC),
        "currency": "USD",
        "item_category": "Pizza",
        "item_name": "Margherita",
        "item_price": amount,
        "item_quantity": 1,
        "item_amount": amount,
        "option_amount": Decimal("0.00"),
        "gross_amount": amount,
        "discount_amount": Decimal("0.00"),
        "refund_amount": Decimal("0.00"),
        "net_amount": amount,
        **given,
    }


def orders_of(spark: SparkSession, *rows: Row) -> DataFrame:
    return frame(spark, orders.TABLE, rows)


def lines_of(spark: SparkSession, *rows: Row) -> DataFrame:
    return frame(spark, order_lines.TABLE, rows)


def items_of(spark: SparkSession, *rows: Row) -> DataFrame:
    return frame(spark, order_items.TABLE, rows)


def calendar_of(spark: SparkSession, *rows: Row) -> DataFrame:
    return frame(spark, date_dim.TABLE, rows)
