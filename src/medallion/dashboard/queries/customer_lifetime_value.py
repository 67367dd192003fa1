"""What customers are worth: sums, tiers, the spread of values, and how concentrated revenue is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

_BARS = 24
TIERS = ("High", "Medium", "Low")
# What matters first stands first; what is predicted, where a version has it, before what is known of each customer.
COLUMNS = "user_id currency value_tier customer_lifetime_value"
MORE_COLUMNS = (
    "order_count average_order_value last_order_date first_order_date tenure_days revenue_rank cumulative_revenue_share"
)
PREDICTED = ("predicted_clv_365d", "p_alive", "predicted_tier")


def summary(marts: Marts, currency: str) -> Row:
    """Customers, their value in all, on average and in the middle, orders, and how many came back."""
    return marts.one(
        "customer_count value average_value median_value average_order_value repeat_rate",
        "SELECT count(*), coalesce(sum(customer_lifetime_value), 0),"
        " CAST(sum(customer_lifetime_value) AS DOUBLE PRECISION) / nullif(count(*), 0),"
        " CAST(median(customer_lifetime_value) AS DOUBLE PRECISION),"
        " CAST(sum(customer_lifetime_value) AS DOUBLE PRECISION) / nullif(sum(order_count), 0),"
        " CAST(sum(CASE WHEN order_count >= 2 THEN 1 ELSE 0 END) AS DOUBLE PRECISION) / nullif(count(*), 0)"
        " FROM {customer_lifetime_value} WHERE currency = ?",
        currency,
    )


def tiers(marts: Marts, currency: str) -> list[Row]:
    """Each value tier: its customers, their value, and its share of all value."""
    return marts.ask(
        "value_tier customer_count customer_lifetime_value average_value share",
        "SELECT value_tier, customer_count, value, CAST(value AS DOUBLE PRECISION) / customer_count,"
        " CAST(value AS DOUBLE PRECISION) / nullif(sum(value) OVER (), 0) FROM (SELECT value_tier,"
        " count(*) AS customer_count, sum(customer_lifetime_value) AS value FROM {customer_lifetime_value}"
        " WHERE currency = ? GROUP BY value_tier) AS sums"
        " ORDER BY CASE value_tier WHEN 'High' THEN 1 WHEN 'Medium' THEN 2 ELSE 3 END",
        currency,
    )


def distribution(marts: Marts, currency: str) -> list[Row]:
    """Customers by value in steps of one width, from the lowest; the last step holds all above."""
    ends = marts.one(
        "lowest high",
        "SELECT CAST(min(customer_lifetime_value) AS DOUBLE PRECISION), CAST(percentile_cont(0.97)"
        " WITHIN GROUP (ORDER BY customer_lifetime_value) AS DOUBLE PRECISION)"
        " FROM {customer_lifetime_value} WHERE currency = ?",
        currency,
    )
    if ends["lowest"] is None:
        return []
    width = step_width(float(ends["high"]) - min(0.0, float(ends["lowest"])), _BARS)
    last = math.floor(float(ends["high"]) / width)
    rows = marts.ask(
        "step customer_count",
        "SELECT CAST(CASE WHEN customer_lifetime_value >= ? THEN ? ELSE floor(customer_lifetime_value / ?) END"
        " AS INTEGER), count(*) FROM {customer_lifetime_value} WHERE currency = ? GROUP BY 1 ORDER BY 1",
        last * width,
        last,
        width,
        currency,
    )
    return [
        {**row, "from": row["step"] * width, "to": (row["step"] + 1) * width, "is_last": row["step"] == last}
        for row in rows
    ]


def step_width(span: float, steps: int) -> float:
    """A round width (1, 2 or 5 times a power of ten) of which about `steps` cover the span."""
    if span <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(span / steps))
    return next(size * factor for factor in (1, 2, 5, 10) if size * factor >= span / steps)


def concentration(marts: Marts, currency: str) -> list[Row]:
    """The share of revenue that the best customers bring, for each percent of the customers, best first."""
    return marts.ask(
        "customer_share revenue_share",
        "SELECT max(CAST(revenue_rank AS DOUBLE PRECISION) / customers), max(cumulative_revenue_share) FROM"
        " (SELECT revenue_rank, cumulative_revenue_share, count(*) OVER () AS customers"
        " FROM {customer_lifetime_value} WHERE currency = ?) AS ranked"
        " GROUP BY ceil(100.0 * revenue_rank / customers) ORDER BY 1",
        currency,
    )


def cohort_values(marts: Marts, currency: str) -> list[Row]:
    """By year of the first order: mean net amount a customer so far, by months since; months that all cohorts have."""
    return marts.ask(
        "cohort_year month_number value_per_customer",
        "SELECT CAST(months.cohort_year AS VARCHAR), months.month_number, months.value_per_customer FROM"
        " (SELECT CAST(extract(year FROM cohort_month) AS INTEGER) AS cohort_year, month_number, count(*) AS cohorts,"
        " sum(cumulative_net_amount_per_customer * customer_count) / sum(customer_count) AS value_per_customer"
        " FROM {customer_cohorts} WHERE currency = ? AND is_complete GROUP BY 1, 2) AS months JOIN"
        " (SELECT CAST(extract(year FROM cohort_month) AS INTEGER) AS cohort_year,"
        " count(DISTINCT cohort_month) AS cohorts FROM {customer_cohorts} WHERE currency = ? AND is_complete"
        " GROUP BY 1) AS years ON months.cohort_year = years.cohort_year AND months.cohorts = years.cohorts"
        " ORDER BY 1, 2",
        currency,
        currency,
    )


def customers(marts: Marts, currency: str, tier: str | None, limit: int) -> list[Row]:
    """Customers by revenue, those of one tier or all; with what is expected of them where the version tells."""
    where, values = (" AND value_tier = ?", (tier,)) if tier else ("", ())
    predicted = PREDICTED if marts.has("customer_lifetime_value", *PREDICTED) else ()
    columns = " ".join((COLUMNS, *predicted, MORE_COLUMNS))
    return marts.ask(
        columns,
        f"SELECT {', '.join(columns.split())} FROM {{customer_lifetime_value}} WHERE currency = ?{where}"
        f" ORDER BY revenue_rank, user_id LIMIT {int(limit)}",
        currency,
        *values,
    )


def predictions(marts: Marts, currency: str) -> list[Row]:
    """By predicted tier: customers, what they are expected to spend in a year, and how likely they still buy."""
    return marts.ask(
        "predicted_tier customer_count predicted_clv_365d p_alive",
        "SELECT predicted_tier, count(*), sum(predicted_clv_365d), avg(p_alive) FROM {customer_lifetime_value}"
        " WHERE currency = ? AND predicted_tier IS NOT NULL GROUP BY predicted_tier ORDER BY 3 DESC",
        currency,
    )


def expected(marts: Marts, currency: str) -> Row:
    """What all customers are expected to spend in a year, those with a prediction, and those who likely still buy."""
    return marts.one(
        "predicted_clv_365d customer_count alive_count",
        "SELECT sum(predicted_clv_365d), count(predicted_clv_365d), sum(p_alive) FROM {customer_lifetime_value}"
        " WHERE currency = ?",
        currency,
    )


def share_of(rows: list[Row], tier: str) -> dict[str, Any]:
    """The row of one tier; all None where no customer is in it."""
    return next((row for row in rows if row["value_tier"] == tier), dict.fromkeys(("customer_count", "share")))
