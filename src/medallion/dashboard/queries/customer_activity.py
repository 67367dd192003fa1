"""Customers of Marketing 360 with their orders, and how long shipping takes; names and addresses are not asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

NO_SHIPMENT = "(no shipment)"
LONGEST = 14  # days in a bar of their own; longer ones share the last
COLUMNS = "customer_id account_age_days order_id order_total days_from_order_to_ship delivery_status"


def summary(marts: Marts) -> Row:
    """Customers, those who ordered, orders and their total, mean days to shipping, and orders not shipped yet."""
    found = marts.one(
        "customer_count ordering_count order_count order_total average_days waiting_count",
        "SELECT count(DISTINCT customer_id), count(DISTINCT CASE WHEN order_id IS NOT NULL THEN customer_id END),"
        " count(order_id), coalesce(sum(order_total), 0), avg(CAST(days_from_order_to_ship AS DOUBLE PRECISION)),"
        " coalesce(sum(CASE WHEN order_id IS NOT NULL AND days_from_order_to_ship IS NULL THEN 1 ELSE 0 END), 0)"
        " FROM {customer_activity}",
    )
    # A query of its own: Redshift takes no median beside a DISTINCT aggregate.
    median = "SELECT CAST(median(days_from_order_to_ship) AS DOUBLE PRECISION) FROM {customer_activity}"
    return found | marts.one("median_days", median)


def delays(marts: Marts) -> list[Row]:
    """Orders by the days from order to shipping."""
    return marts.ask(
        "days order_count",
        "SELECT CASE WHEN days_from_order_to_ship > ? THEN ? ELSE days_from_order_to_ship END, count(*)"
        " FROM {customer_activity} WHERE days_from_order_to_ship IS NOT NULL GROUP BY 1 ORDER BY 1",
        LONGEST,
        LONGEST,
    )


def statuses(marts: Marts) -> list[Row]:
    """Orders by where their delivery stands, with their total."""
    return marts.ask(
        "delivery_status order_count order_total",
        "SELECT coalesce(delivery_status, ?), count(*), sum(order_total) FROM {customer_activity}"
        " WHERE order_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1",
        NO_SHIPMENT,
    )


def orders_per_customer(marts: Marts) -> list[Row]:
    """Customers by how many orders they have."""
    return marts.ask(
        "orders customer_count",
        "SELECT CASE WHEN orders >= 10 THEN 10 ELSE orders END, count(*) FROM (SELECT customer_id,"
        " count(order_id) AS orders FROM {customer_activity} GROUP BY customer_id) AS customers GROUP BY 1 ORDER BY 1",
    )


def orders(marts: Marts, status: str | None, limit: int) -> list[Row]:
    """Orders and customers without any, longest waiting first; those of one delivery status or all."""
    where, values = (" WHERE coalesce(delivery_status, ?) = ?", (NO_SHIPMENT, status)) if status else ("", ())
    return marts.ask(
        COLUMNS,
        f"SELECT {', '.join(COLUMNS.split())} FROM {{customer_activity}}{where}"
        f" ORDER BY days_from_order_to_ship DESC NULLS LAST, customer_id, order_id LIMIT {int(limit)}",
        *values,
    )


def count(marts: Marts, status: str | None) -> int:
    """How many rows those are."""
    where, values = (" WHERE coalesce(delivery_status, ?) = ?", (NO_SHIPMENT, status)) if status else ("", ())
    return int(marts.one("rows", f"SELECT count(*) FROM {{customer_activity}}{where}", *values)["rows"])
