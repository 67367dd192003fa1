"""Customers who fall silent: how many, what they used to spend, and whom to call first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

AT_RISK, ACTIVE = "at risk", "active"
OWN_RHYTHM_TIMES = 2.0  # silent for more than so many of the customer's own gaps between orders
RHYTHMS = ("one day only", "within rhythm", "beyond rhythm")
RHYTHM_STATUSES = ("one day", "active", "overdue", "lost")
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
    "user_id currency customer_lifetime_value last_order_date days_since_last_order average_days_between_orders"
    " order_day_count spend_last_90d spend_prior_90d spend_change_pct churn_status"
)
MORE_COLUMNS = ("rhythm_status", "value_at_risk")  # of versions that have them


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


def rule_days(marts: Marts) -> int | None:
    """The days of silence beyond which customers are at risk; None where no customers stand on both sides of it."""
    row = marts.one(
        "longest_active shortest_at_risk",
        "SELECT max(CASE WHEN churn_status = ? THEN days_since_last_order END),"
        " min(CASE WHEN churn_status = ? THEN days_since_last_order END) FROM {churn_indicators}",
        ACTIVE,
        AT_RISK,
    )
    longest, shortest = row["longest_active"], row["shortest_at_risk"]
    return int(longest) if longest is not None and shortest == longest + 1 else None


def worth_calling(marts: Marts, currency: str, limit: int) -> list[Row]:
    """Customers at risk who came on several days, by their value so far: whom a call may bring back."""
    columns = [*COLUMNS.split(), *(MORE_COLUMNS if marts.has("churn_indicators", *MORE_COLUMNS) else ())]
    shown = ", ".join(_SPENT if name == "customer_lifetime_value" else f"churn.{name}" for name in columns)
    return marts.ask(
        " ".join(columns),
        f"SELECT {shown} FROM {_WITH_VALUE} WHERE churn.currency = ? AND churn.churn_status = ?"
        f" AND churn.order_day_count >= 2 ORDER BY {_SPENT} DESC, churn.user_id LIMIT {int(limit)}",
        currency,
        AT_RISK,
    )


def worth_calling_count(marts: Marts, currency: str) -> Row:
    """How many these are, and their value so far."""
    return marts.one(
        "customer_count value",
        f"SELECT count(*), coalesce(sum({_SPENT}), 0) FROM {_WITH_VALUE} WHERE churn.currency = ?"
        " AND churn.churn_status = ? AND churn.order_day_count >= 2",
        currency,
        AT_RISK,
    )


def rhythm(marts: Marts, currency: str) -> list[Row]:
    """Customers and their value by the one rule for all and by their own rhythm of ordering."""
    return marts.ask(
        "rhythm churn_status customer_count value",
        f"SELECT rhythm, churn_status, count(*), sum(value) FROM (SELECT {_RHYTHM} AS rhythm, churn.churn_status,"
        f" {_SPENT} AS value FROM {_WITH_VALUE} WHERE churn.currency = ?) AS customers"
        " GROUP BY rhythm, churn_status ORDER BY 1, 2",
        OWN_RHYTHM_TIMES,
        currency,
    )


def rhythm_statuses(marts: Marts, currency: str) -> list[Row]:
    """Customers by their status in their own rhythm, as the mart has it, and by the one rule for all."""
    return marts.ask(
        "rhythm_status churn_status customer_count",
        "SELECT rhythm_status, churn_status, count(*) FROM {churn_indicators} WHERE currency = ?"
        " GROUP BY rhythm_status, churn_status ORDER BY 1, 2",
        currency,
    )


def silence(marts: Marts, currency: str) -> list[Row]:
    """Customers by how long they have been silent, in steps of 15 days up to a year, and their status."""
    return marts.ask(
        "days churn_status customer_count",
        "SELECT CASE WHEN days_since_last_order >= 360 THEN 360"
        " ELSE CAST(floor(days_since_last_order / 15.0) * 15 AS INTEGER) END, churn_status, count(*)"
        " FROM {churn_indicators} WHERE currency = ? GROUP BY 1, 2 ORDER BY 1, 2",
        currency,
    )


def value_at_risk(marts: Marts, currency: str) -> Row:
    """What is expected to be lost, of all customers."""
    return marts.one(
        "value_at_risk", "SELECT coalesce(sum(value_at_risk), 0) FROM {churn_indicators} WHERE currency = ?", currency
    )
