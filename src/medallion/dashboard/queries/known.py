"""Which values filters offer: those that the marts have."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts


def currencies(marts: Marts) -> list[str]:
    """Currencies with orders, that with most orders first."""
    rows = marts.ask(
        "currency order_count",
        "SELECT currency, sum(order_count) FROM {location_performance} GROUP BY currency ORDER BY 2 DESC, 1",
    )
    return [row["currency"] for row in rows]


def locations(marts: Marts, currency: str) -> list[str]:
    """Locations with orders in a currency, that with most net amount first; `` stands for orders that name none."""
    rows = marts.ask(
        "restaurant_id",
        "SELECT coalesce(restaurant_id, '') FROM {location_performance} WHERE currency = ? ORDER BY revenue_rank, 1",
        currency,
    )
    return [row["restaurant_id"] for row in rows]


def days(marts: Marts) -> tuple[date, date] | None:
    """The first day that the marts tell of, and the day they are as of; None where there is none."""
    row = marts.one("first last", "SELECT min(first_order_date), max(as_of) FROM {location_performance}")
    return (row["first"], row["last"]) if row["first"] else None
