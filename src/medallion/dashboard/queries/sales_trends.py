"""Sales over time: totals of a range of days, periods, weekdays and hours, categories, holidays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard.queries import known

if TYPE_CHECKING:
    from datetime import date

    from medallion.dashboard.filters import Filters
    from medallion.dashboard.reading import Marts, Row

_RATIO = "CAST(sum(net_amount) AS DOUBLE PRECISION) / nullif(sum(order_count), 0)"
PERIODS = ("day", "week", "month")


def totals(marts: Marts, filters: Filters, start: date | None = None, end: date | None = None) -> Row:
    """Orders, units, net amount and average order value of a range of days (that of the filters), location and app."""
    sales, where, values = known.sales_of(filters)
    return marts.one(
        "order_count item_quantity net_amount average_order_value",
        "SELECT coalesce(sum(order_count), 0), coalesce(sum(item_quantity), 0), coalesce(sum(net_amount), 0),"
        f" {_RATIO} FROM {{{sales}}} WHERE currency = ? AND order_date BETWEEN ? AND ?{where}",
        filters.currency,
        start or filters.start,
        end or filters.end,
        *values,
    )


def change(marts: Marts, filters: Filters, start: date, end: date) -> float | None:
    """By how many percent the net amount of the filters' range differs from that of another; None against nothing."""
    sales, where, values = known.sales_of(filters)
    row = marts.one(
        "change_pct",
        "SELECT 100.0 * (now_amount - then_amount) / nullif(CAST(then_amount AS DOUBLE PRECISION), 0) FROM (SELECT"
        " sum(CASE WHEN order_date BETWEEN ? AND ? THEN net_amount ELSE 0 END) AS now_amount,"
        " sum(CASE WHEN order_date BETWEEN ? AND ? THEN net_amount ELSE 0 END) AS then_amount"
        f" FROM {{{sales}}} WHERE currency = ?{where}) AS both_ranges",
        filters.start,
        filters.end,
        start,
        end,
        filters.currency,
        *values,
    )
    return None if row["change_pct"] is None else float(row["change_pct"])


def periods(marts: Marts, filters: Filters, period: str) -> list[Row]:
    """Periods that start in the range, of all orders: amounts, moving averages, the year before, holidays."""
    return marts.ask(
        "period_start net_amount year_ago_net_amount year_over_year_pct order_count average_order_value customer_count"
        " net_amount_avg_7d net_amount_avg_28d holiday_name is_partial",
        "SELECT period_start, net_amount, year_ago_net_amount, year_over_year_pct, order_count, average_order_value,"
        " customer_count, net_amount_avg_7d, net_amount_avg_28d, holiday_name, is_partial FROM {sales_trends}"
        " WHERE period = ? AND currency = ? AND period_start BETWEEN ? AND ? ORDER BY period_start",
        period,
        filters.currency,
        filters.start,
        filters.end,
    )


def periods_of_part(marts: Marts, filters: Filters, period: str) -> list[Row]:
    """Periods with orders of one location or app in the range: orders, net amount, average order value."""
    sales, where, values = known.sales_of(filters)
    return marts.ask(
        "period_start order_count net_amount average_order_value",
        f"SELECT CAST(date_trunc('{PERIODS[PERIODS.index(period)]}', order_date) AS DATE), sum(order_count),"
        f" sum(net_amount), {_RATIO} FROM {{{sales}}}"
        f" WHERE currency = ? AND order_date BETWEEN ? AND ?{where} GROUP BY 1 ORDER BY 1",
        filters.currency,
        filters.start,
        filters.end,
        *values,
    )


def categories(marts: Marts, filters: Filters, limit: int = 12) -> list[Row]:
    """Menu categories by net amount in the range, with their share of all categories; those of most first."""
    return marts.ask(
        "item_category net_amount item_quantity order_count share",
        "SELECT item_category, net_amount, item_quantity, order_count,"
        " CAST(net_amount AS DOUBLE PRECISION) / nullif(sum(net_amount) OVER (), 0) FROM (SELECT item_category,"
        " sum(net_amount) AS net_amount, sum(item_quantity) AS item_quantity, sum(order_count) AS order_count"
        " FROM {sales_by_category} WHERE currency = ? AND order_date BETWEEN ? AND ? GROUP BY item_category) AS sums"
        f" ORDER BY net_amount DESC, item_category LIMIT {int(limit)}",
        filters.currency,
        filters.start,
        filters.end,
    )


def hours(marts: Marts, filters: Filters) -> list[Row]:
    """Weekdays (0 is Sunday) and hours with the mean orders of such an hour, over all days of the range."""
    return marts.ask(
        "weekday hour order_count orders_per_day net_amount",
        "SELECT sums.weekday, sums.hour, sums.order_count,"
        " CAST(sums.order_count AS DOUBLE PRECISION) / days.day_count, sums.net_amount"
        " FROM (SELECT CAST(extract(dow FROM order_date) AS INTEGER) AS weekday, hour, sum(order_count) AS order_count,"
        " sum(net_amount) AS net_amount FROM {sales_by_hour} WHERE currency = ? AND order_date BETWEEN ? AND ?"
        " GROUP BY 1, 2) AS sums JOIN (SELECT CAST(extract(dow FROM period_start) AS INTEGER) AS weekday,"
        " count(*) AS day_count FROM {sales_trends} WHERE period = 'day' AND currency = ?"
        " AND period_start BETWEEN ? AND ? GROUP BY 1) AS days ON sums.weekday = days.weekday ORDER BY 1, 2",
        filters.currency,
        filters.start,
        filters.end,
        filters.currency,
        filters.start,
        filters.end,
    )


def best_day(marts: Marts, filters: Filters) -> Row:
    """The day of the range with the most net amount, and its holiday if it is one."""
    return marts.one(
        "period_start net_amount holiday_name",
        "SELECT period_start, net_amount, holiday_name FROM {sales_trends} WHERE period = 'day' AND currency = ?"
        " AND period_start BETWEEN ? AND ? ORDER BY net_amount DESC, period_start LIMIT 1",
        filters.currency,
        filters.start,
        filters.end,
    )
