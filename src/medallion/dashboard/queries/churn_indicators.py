"""Customers who fall silent: how many, what they used to spend, and whom to call first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

AT_RISK, ACTIVE = "at risk", "active"
OWN_RHYTHM_TIMES = 2.0  # silent for more than so many of the customer's own gaps between orders
RHYTHMS = ("one day only", "within rhythm", "beyond rhythm")
_RHYTHM = (
    "CASE WHEN average_days_between_orders IS NULL THEN 'one day only'"
    " WHEN days_since_last_order > ? * average_days_between_orders THEN 'beyond rhythm' ELSE 'within rhythm' END"
)
_SPENT = "coalesce(value.customer_lifetime_value, 0)"
_WITH_VALUE = (
    "{churn_indicators} AS churn LEFT JOIN {customer_lifetime_value} AS value"
    " ON churn.user_id = value.user_id AND churn.currency = value.currency"
)
COLUMNS = (
    "user_id currency last_order_date days_since_last_order order_day_count average_days_between_orders churn_status"
    " spend_last_90d spend_prior_90d spend_change_pct customer_lifetime_value"
)


def summary(marts: Marts, currency: str) -> Row:
    """Customers, those at risk with their share and earlier spend, and what all spent in both windows of 90 days."""
    return marts.one(
        "customer_count at_risk_count at_risk_rate at_risk_prior_spend spend_last_90d spend_prior_90d median_silence",
        "SELECT count(*), coalesce(sum(is_at_risk), 0),"
        " CAST(sum(is_at_risk) AS DOUBLE PRECISION) / nullif(count(*), 0),"
        " coalesce(sum(CASE WHEN is_at_risk = 1 THEN spend_prior_90d ELSE 0 END), 0),"
        " coalesce(sum(spend_last_90d), 0), coalesce(sum(spend_prior_90d), 0),"
        " CAST(median(days_since_last_order) AS DOUBLE PRECISION) FROM"
        " (SELECT CASE WHEN churn_status = ? THEN 1 ELSE 0 END AS is_at_risk, spend_last_90d, spend_prior_90d,"
        " days_since_last_order FROM {churn_indicators} WHERE currency = ?) AS customers",
        AT_RISK,
        currency,
    )
