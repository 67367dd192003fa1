"""How locations compare: over all time from their mart, and in a range of days from their daily sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.filters import Filters
    from medallion.dashboard.reading import Marts, Row


def ranking(marts: Marts, filters: Filters, limit: int) -> list[Row]:
    """Locations by net amount in the range, with their share of all, mean order and orders a day with orders."""
    return marts.ask(
        "restaurant_id net_amount share order_count average_order_value trading_days orders_per_trading_day",
        "SELECT restaurant_id, net_amount, CAST(net_amount AS DOUBLE PRECISION) / nullif(sum(net_amount) OVER (), 0),"
        " order_count, CAST(net_amount AS DOUBLE PRECISION) / nullif(order_count, 0), trading_days,"
        " CAST(order_count AS DOUBLE PRECISION) / nullif(trading_days, 0) FROM (SELECT restaurant_id,"
        " sum(net_amount) AS net_amount, sum(order_count) AS order_count, count(DISTINCT order_date) AS trading_days"
        " FROM {sales_by_location} WHERE currency = ? AND order_date BETWEEN ? AND ? GROUP BY restaurant_id) AS sums"
        f" ORDER BY net_amount DESC, restaurant_id LIMIT {int(limit)}",
        filters.currency,
        filters.start,
        filters.end,
    )
