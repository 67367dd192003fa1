"""How locations compare: over all time from their mart, and in a range of days from their daily sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard.queries import known

if TYPE_CHECKING:
    from medallion.dashboard.filters import Filters
    from medallion.dashboard.reading import Marts, Row

COLUMNS = (
    "restaurant_id currency revenue_rank net_amount net_amount_share growth_28d_pct orders_per_trading_day"
    " average_order_value order_count customer_count item_quantity loyalty_order_rate net_amount_last_28d"
    " net_amount_prior_28d trading_days first_order_date last_order_date order_rank average_order_value_rank"
)


def ranking(marts: Marts, filters: Filters, limit: int) -> list[Row]:
    """Locations by net amount in the range, with their share of all, mean order and orders a day with orders."""
    sales, where, values = known.sales_of(filters)
    return marts.ask(
        "restaurant_id net_amount share order_count average_order_value trading_days orders_per_trading_day",
        "SELECT restaurant_id, net_amount, CAST(net_amount AS DOUBLE PRECISION) / nullif(sum(net_amount) OVER (), 0),"
        " order_count, CAST(net_amount AS DOUBLE PRECISION) / nullif(order_count, 0), trading_days,"
        " CAST(order_count AS DOUBLE PRECISION) / nullif(trading_days, 0) FROM (SELECT restaurant_id,"
        " sum(net_amount) AS net_amount, sum(order_count) AS order_count, count(DISTINCT order_date) AS trading_days"
        f" FROM {{{sales}}} WHERE currency = ? AND order_date BETWEEN ? AND ?{where} GROUP BY restaurant_id) AS sums"
        f" ORDER BY net_amount DESC, restaurant_id LIMIT {int(limit)}",
        filters.currency,
        filters.start,
        filters.end,
        *values,
    )


def performance(marts: Marts, currency: str) -> list[Row]:
    """All locations as their mart has them, by revenue: at most a few hundred."""
    return marts.ask(
        COLUMNS,
        f"SELECT {', '.join(COLUMNS.split())} FROM {{location_performance}} WHERE currency = ?"
        " ORDER BY revenue_rank, restaurant_id LIMIT 1000",
        currency,
    )


def summary(marts: Marts, currency: str) -> Row:
    """Locations, those that grow and shrink over the last 28 days, and the share of the three largest."""
    return marts.one(
        "location_count growing_count shrinking_count top_share",
        "SELECT count(*), coalesce(sum(CASE WHEN growth_28d_pct > 0 THEN 1 ELSE 0 END), 0),"
        " coalesce(sum(CASE WHEN growth_28d_pct < 0 THEN 1 ELSE 0 END), 0),"
        " sum(CASE WHEN revenue_rank <= 3 THEN net_amount_share ELSE 0 END)"
        " FROM {location_performance} WHERE currency = ?",
        currency,
    )


def growth(marts: Marts, currency: str, limit: int) -> list[Row]:
    """Locations that sold in the 28 days before the last 28, by how their sales changed in money."""
    return marts.ask(
        "restaurant_id growth_28d_pct net_amount_last_28d net_amount_prior_28d change_amount",
        "SELECT restaurant_id, growth_28d_pct, net_amount_last_28d, net_amount_prior_28d, change_amount FROM (SELECT"
        " restaurant_id, growth_28d_pct, net_amount_last_28d, net_amount_prior_28d,"
        " net_amount_last_28d - net_amount_prior_28d AS change_amount FROM {location_performance}"
        " WHERE currency = ? AND (net_amount_last_28d <> 0 OR net_amount_prior_28d <> 0)) AS changed"
        f" ORDER BY abs(change_amount) DESC, restaurant_id LIMIT {int(limit)}",
        currency,
    )


def months(marts: Marts, filters: Filters, places: int = 5) -> list[Row]:
    """Net amount by month in the range, of the locations with most of it in the range."""
    sales, where, values = known.sales_of(filters)
    chosen = (filters.currency, filters.start, filters.end, *values)
    return marts.ask(
        "month restaurant_id net_amount order_count",
        "SELECT CAST(date_trunc('month', order_date) AS DATE), coalesce(restaurant_id, ''), sum(net_amount),"
        f" sum(order_count) FROM {{{sales}}} WHERE currency = ? AND order_date BETWEEN ? AND ?{where}"
        f" AND coalesce(restaurant_id, '') IN (SELECT coalesce(restaurant_id, '') FROM {{{sales}}}"
        f" WHERE currency = ? AND order_date BETWEEN ? AND ?{where} GROUP BY 1 ORDER BY sum(net_amount) DESC, 1"
        f" LIMIT {int(places)}) GROUP BY 1, 2 ORDER BY 1, 2",
        *chosen,
        *chosen,
    )
