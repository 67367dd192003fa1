"""What the marts estimate and expect: effects with their intervals, forecasts, and how long customers stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row


def loyalty(marts: Marts, currency: str, metric: str) -> list[Row]:
    """The effect estimates of a metric that could be made: two comparisons at most, or the reasons why not."""
    return marts.ask(
        "comparison metric estimate low high p_value first_count second_count reason",
        "SELECT comparison, metric, estimate, confidence_low, confidence_high, p_value, first_count, second_count,"
        " reason FROM {loyalty_effect} WHERE currency = ? AND metric = ? ORDER BY comparison",
        currency,
        metric,
    )


def discount_repeat(marts: Marts, currency: str) -> list[Row]:
    """How much more often discounted order days are followed by another order, within 30, 60 and 90 days."""
    return marts.ask(
        "repeat_days estimate low high p_value reason",
        "SELECT repeat_days, estimate, confidence_low, confidence_high, p_value, reason FROM {discount_repeat_effect}"
        " WHERE currency = ? ORDER BY repeat_days",
        currency,
    )


def elasticities(marts: Marts, currency: str, limit: int) -> list[Row]:
    """Items whose price elasticity could be told, of those with most net amount."""
    return marts.ask(
        "item_name estimate low high month_count",
        "SELECT item_name, price_elasticity, price_elasticity_low, price_elasticity_high, month_count"
        " FROM {pricing_by_item} WHERE currency = ? AND price_elasticity_low IS NOT NULL"
        f" ORDER BY net_amount DESC, item_name LIMIT {int(limit)}",
        currency,
    )


def holidays(marts: Marts, currency: str, limit: int, most_unsure: float) -> list[Row]:
    """Holidays whose uplift could be told to so many percent up or down, greatest first."""
    return marts.ask(
        "holiday_name estimate low high compared_day_count",
        "SELECT holiday_name, uplift_pct, uplift_pct_low, uplift_pct_high, compared_day_count FROM {holiday_uplift}"
        " WHERE currency = ? AND uplift_pct_high - uplift_pct_low <= ?"
        f" ORDER BY uplift_pct DESC, holiday_name LIMIT {int(limit)}",
        currency,
        2 * most_unsure,
    )


def comparable(marts: Marts, currency: str, months: int = 12) -> list[Row]:
    """The newest complete months of comparable locations: how much of the change is traffic, how much ticket."""
    return marts.ask(
        "month part amount change_pct",
        "SELECT substring(CAST(month_start AS VARCHAR), 1, 7), part, CASE WHEN part = 'Traffic' THEN traffic_amount"
        " ELSE ticket_amount END, change_pct FROM (SELECT month_start, traffic_amount, ticket_amount, change_pct"
        " FROM {comparable_sales} WHERE currency = ? AND is_complete"
        f" ORDER BY month_start DESC LIMIT {int(months)}) AS months"
        " CROSS JOIN (SELECT CAST('Traffic' AS VARCHAR) AS part UNION ALL SELECT CAST('Ticket' AS VARCHAR)) AS parts"
        " ORDER BY 1, 2",
        currency,
    )


def forecast(marts: Marts, currency: str) -> list[Row]:
    """The days to come, with their interval and the error that the method had on past days."""
    return marts.ask(
        "forecast_date forecast_value low high backtest_error_pct",
        "SELECT forecast_date, forecast_value, forecast_value_low, forecast_value_high, backtest_error_pct"
        " FROM {sales_forecast} WHERE currency = ? AND forecast_value IS NOT NULL ORDER BY forecast_date",
        currency,
    )


def survival(marts: Marts, currency: str, cohorts: int = 6) -> list[Row]:
    """The curves of the largest cohorts: the share of customers who have not churned, by days."""
    return marts.ask(
        "cohort days_since_first_order survival_rate at_risk_count",
        "SELECT substring(CAST(cohort_month AS VARCHAR), 1, 7), days_since_first_order, survival_rate, at_risk_count"
        " FROM {customer_survival} WHERE currency = ? AND days_since_first_order <= 730 AND cohort_month IN"
        " (SELECT cohort_month FROM {customer_survival} WHERE currency = ? AND days_since_first_order = 0"
        f" ORDER BY at_risk_count DESC, cohort_month LIMIT {int(cohorts)}) ORDER BY 1, 2",
        currency,
        currency,
    )


def segment_moves(marts: Marts, currency: str) -> list[Row]:
    """Customers by segment on an earlier day and now, as the mart of changes has them; none without an earlier day."""
    return marts.ask(
        "from_segment to_segment customer_count net_amount from_as_of",
        "SELECT CASE WHEN from_segment = '(none)' THEN '(new)' ELSE from_segment END, to_segment, customer_count,"
        " net_amount, from_as_of FROM {customer_segment_changes} WHERE currency = ? AND from_as_of IS NOT NULL"
        " AND to_segment <> '(none)' ORDER BY 3 DESC, 1, 2",
        currency,
    )
