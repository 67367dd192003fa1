"""Discounted against full-price orders, how deep discounts are, and the prices of items."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

DISCOUNTED, FULL_PRICE = "discounted", "full_price"
BUCKETS = ("0", "0-10", "10-20", "20-30", "30-50", "50+")
COLUMNS = (
    "order_class currency order_count order_share customer_count item_quantity gross_amount discount_amount net_amount"
    " discount_rate average_order_value average_gross_order_value items_per_order repeat_30d_rate"
)
ITEM_COLUMNS = (
    "item_name currency net_amount item_quantity order_count average_unit_price lowest_unit_price highest_unit_price"
)
ELASTICITY = ("price_elasticity",)


def classes(marts: Marts, currency: str) -> dict[str, Row]:
    """Both classes of orders of a currency, by their names."""
    rows = marts.ask(
        COLUMNS,
        f"SELECT {', '.join(COLUMNS.split())} FROM {{pricing_discount_effectiveness}} WHERE currency = ? ORDER BY 1",
        currency,
    )
    return {row["order_class"]: row for row in rows}


def totals(marts: Marts, currency: str) -> Row:
    """What was given away in all, as a share of gross sales."""
    return marts.one(
        "gross_amount discount_amount discount_rate",
        "SELECT coalesce(sum(gross_amount), 0), coalesce(sum(discount_amount), 0),"
        " CAST(sum(discount_amount) AS DOUBLE PRECISION) / nullif(sum(gross_amount), 0)"
        " FROM {pricing_discount_effectiveness} WHERE currency = ?",
        currency,
    )


def depths(marts: Marts, currency: str) -> list[Row]:
    """Orders by how deeply they were discounted."""
    order = " ".join(f"WHEN '{bucket}' THEN {place}" for place, bucket in enumerate(BUCKETS))
    return marts.ask(
        "bucket order_count customer_count gross_amount discount_amount net_amount average_order_value",
        "SELECT bucket, order_count, customer_count, gross_amount, discount_amount, net_amount, average_order_value"
        f" FROM {{pricing_by_discount_depth}} WHERE currency = ? ORDER BY CASE bucket {order} ELSE 9 END",
        currency,
    )


def items(marts: Marts, currency: str, limit: int) -> list[Row]:
    """Items by net amount, with their prices."""
    return marts.ask(
        ITEM_COLUMNS,
        f"SELECT {', '.join(ITEM_COLUMNS.split())} FROM {{pricing_by_item}} WHERE currency = ?"
        f" ORDER BY net_amount DESC, item_name LIMIT {int(limit)}",
        currency,
    )


def item_count(marts: Marts, currency: str) -> int:
    """How many items there are."""
    return int(marts.one("rows", "SELECT count(*) FROM {pricing_by_item} WHERE currency = ?", currency)["rows"])
