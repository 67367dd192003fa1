"""Which values filters offer: those that the marts have."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.filters import Filters
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


def apps(marts: Marts, currency: str) -> list[str]:
    """Apps with orders in a currency, that with most net amount first; `` stands for orders that name none."""
    if not marts.has("sales_by_app"):
        return []
    rows = marts.ask(
        "app_name net_amount",
        "SELECT coalesce(app_name, ''), sum(net_amount) FROM {sales_by_app} WHERE currency = ?"
        " GROUP BY 1 ORDER BY 2 DESC, 1",
        currency,
    )
    return [row["app_name"] for row in rows]


def sales_of(filters: Filters) -> tuple[str, str, tuple[str, ...]]:
    """The mart of daily sales that knows what the filters ask for, the condition for it, and its parameters."""
    chosen = {"restaurant_id": filters.location, "app_name": filters.app}
    values = {column: value for column, value in chosen.items() if value is not None}
    where = "".join(f" AND coalesce({column}, '') = ?" for column in values)
    return ("sales_by_app" if "app_name" in values else "sales_by_location"), where, tuple(values.values())


def days(marts: Marts) -> tuple[date, date] | None:
    """The first day that the marts tell of, and the day they are as of; None where there is none."""
    row = marts.one("first last", "SELECT min(first_order_date), max(as_of) FROM {location_performance}")
    return (row["first"], row["last"]) if row["first"] else None
