"""Segments: how many customers each has, what they spent, who moved between them, and which cohorts stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.products.restaurant.gold.customer_segments import SEGMENTS as RULES

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

SEGMENTS = tuple(name for name, _, _ in RULES)
# From those that need nothing to those that are all but gone; what a manager looks for first stands first.
BEST_FIRST = (
    "Champions",
    "Loyal",
    "Potential Loyalist",
    "New",
    "Promising",
    "Need Attention",
    "About To Sleep",
    "Can't Lose",
    "At Risk",
    "Hibernating",
)
FADING = ("Can't Lose", "At Risk", "About To Sleep")
COLUMNS = (
    "user_id currency segment monetary_amount frequency recency_days rfm_code favourite_category"
    " favourite_restaurant_id average_basket_quantity is_loyalty_member cohort_month"
)
_MONTHS = 12


def sizes(marts: Marts, currency: str) -> list[Row]:
    """Each segment: customers, net amount, their shares, and means; those of most net amount first."""
    return marts.ask(
        "segment customer_count net_amount customer_share share average_amount recency_days frequency",
        "SELECT segment, customers, amount, CAST(customers AS DOUBLE PRECISION) / sum(customers) OVER (),"
        " CAST(amount AS DOUBLE PRECISION) / nullif(sum(amount) OVER (), 0),"
        " CAST(amount AS DOUBLE PRECISION) / customers, recency, frequency FROM (SELECT segment,"
        " count(*) AS customers, sum(monetary_amount) AS amount,"
        " avg(CAST(recency_days AS DOUBLE PRECISION)) AS recency,"
        " avg(CAST(frequency AS DOUBLE PRECISION)) AS frequency FROM {customer_segments} WHERE currency = ?"
        " GROUP BY segment) AS sums ORDER BY amount DESC, segment",
        currency,
    )


def fading(marts: Marts, currency: str) -> Row:
    """Customers in the segments that are about to leave, and what they have spent."""
    marks = ", ".join("?" for _ in FADING)
    return marts.one(
        "customer_count net_amount",
        "SELECT count(*), coalesce(sum(monetary_amount), 0) FROM {customer_segments}"
        f" WHERE currency = ? AND segment IN ({marks})",
        currency,
        *FADING,
    )


def grid(marts: Marts, currency: str) -> list[Row]:
    """Customers and their mean net amount by recency and frequency score."""
    return marts.ask(
        "r_score f_score customer_count average_amount segment",
        "SELECT r_score, f_score, count(*), CAST(sum(monetary_amount) AS DOUBLE PRECISION) / count(*), min(segment)"
        " FROM {customer_segments} WHERE currency = ? GROUP BY r_score, f_score ORDER BY 1, 2",
        currency,
    )


def moves(marts: Marts, currency: str) -> list[Row]:
    """Customers by segment in the version before and now; those who came since are `(new)` before."""
    return marts.ask(
        "from_segment to_segment customer_count net_amount",
        "SELECT coalesce(earlier.segment, '(new)'), later.segment, count(*), sum(later.monetary_amount)"
        " FROM {customer_segments} AS later LEFT JOIN {before_customer_segments} AS earlier"
        " ON later.user_id = earlier.user_id AND later.currency = earlier.currency"
        " WHERE later.currency = ? GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        currency,
    )


def retention(marts: Marts, currency: str) -> list[Row]:
    """The newest cohorts, month by month: the share of their customers who ordered in it; complete months only."""
    return marts.ask(
        "cohort month_number retention_rate customer_count",
        "SELECT substring(CAST(cohort_month AS VARCHAR), 1, 7), month_number, retention_rate, customer_count"
        " FROM {customer_cohorts} WHERE currency = ? AND is_complete AND month_number BETWEEN 1 AND ?"
        " AND cohort_month IN (SELECT cohort_month FROM {customer_cohorts} WHERE currency = ? AND month_number = 1"
        " AND is_complete ORDER BY cohort_month DESC LIMIT 18) ORDER BY 1, 2",
        currency,
        _MONTHS,
        currency,
    )


def customers(marts: Marts, currency: str, segment: str | None, limit: int) -> list[Row]:
    """Customers by net amount, those of one segment or all."""
    where, values = (" AND segment = ?", (segment,)) if segment else ("", ())
    return marts.ask(
        COLUMNS,
        f"SELECT {', '.join(COLUMNS.split())} FROM {{customer_segments}} WHERE currency = ?{where}"
        f" ORDER BY monetary_amount DESC, user_id LIMIT {int(limit)}",
        currency,
        *values,
    )
