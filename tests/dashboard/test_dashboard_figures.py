"""Every headline figure of every page equals what plain SQL finds, and says what it is and where it is defined."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shown import asked, opened, words

from medallion import cli
from medallion.dashboard import wording
from medallion.dashboard.pages import PAGES

SOURCE = Path(cli.__file__).parents[1]
ALL = "FROM restaurant_silver.orders WHERE currency = 'USD'"
YEAR = f"{ALL} AND order_date BETWEEN DATE '2023-04-02' AND DATE '2024-03-31'"
CUSTOMERS = f"{ALL} AND user_id IS NOT NULL"
EACH = (
    "(SELECT user_id, sum(net_amount) AS value, count(*) AS orders, count(DISTINCT order_date) AS days,"
    f" max(order_date) AS last, bool_or(is_loyalty) AS is_member {CUSTOMERS} GROUP BY 1)"
)
SILENT = "last < DATE '2024-03-31' - 45"
PLACES = (
    "(SELECT sum(net_amount) AS value, sum(net_amount) FILTER (order_date > DATE '2024-03-31' - 28) AS late,"
    " sum(net_amount) FILTER (order_date BETWEEN DATE '2024-03-31' - 55 AND DATE '2024-03-31' - 28) AS earlier"
    f" {ALL} GROUP BY restaurant_id)"
)
SEGMENTS = "FROM restaurant.customer_segments WHERE currency = 'USD'"
FADING = "segment IN ('Can''t Lose', 'At Risk', 'About To Sleep')"
ACTIVITY = "FROM marketing_360.customer_activity"
STORES, GOING = "FROM card_payments.store_ranking", "FROM card_payments.store_activation_summary WHERE scope = 'all'"


def growth(start: str, end: str) -> str:
    """The percent by which the year's sales differ from those of other days."""
    then = f"(SELECT sum(net_amount) {ALL} AND order_date BETWEEN DATE '{start}' AND DATE '{end}')"
    return f"SELECT 100.0 * (sum(net_amount) / {then} - 1) {YEAR}"


def repeats(is_discounted: str) -> str:
    """Of customers' orders 30 days old or older, the share with another on a later day within 30 days."""
    return (
        "SELECT avg(CASE WHEN EXISTS (SELECT 1 FROM restaurant_silver.orders AS more WHERE more.user_id = one.user_id"
        " AND more.currency = one.currency AND more.order_date > one.order_date"
        " AND more.order_date <= one.order_date + 30) THEN 1.0 ELSE 0 END) FROM restaurant_silver.orders AS one"
        " WHERE currency = 'USD' AND user_id IS NOT NULL AND order_date <= DATE '2024-03-31' - 30"
        f" AND (discount_amount > 0) = {is_discounted}"
    )


FIGURES: dict[str, dict[str, tuple[str, str | None]]] = {
    "overview": {
        "Net sales": (f"SELECT sum(net_amount) {YEAR}", "currency"),
        "Orders": (f"SELECT count(*) {YEAR}", "count"),
        "Average order": (f"SELECT sum(net_amount) / count(*) {YEAR}", "currency"),
        "Customers": (f"SELECT count(DISTINCT user_id) {CUSTOMERS}", "count"),
        "At risk": (f"SELECT avg(CASE WHEN {SILENT} THEN 1 ELSE 0 END) FROM {EACH}", "rate"),
    },
    "customer-lifetime-value": {
        "Value of all customers": (f"SELECT sum(net_amount) {CUSTOMERS}", "currency"),
        "Customers": (f"SELECT count(DISTINCT user_id) {CUSTOMERS}", "count"),
        "Average customer": (f"SELECT avg(value) FROM {EACH}", "currency"),
        "Next 365 days": (
            "SELECT sum(predicted_clv_365d) FROM restaurant.customer_lifetime_value WHERE currency = 'USD'",
            "currency",
        ),
        "Came back": (f"SELECT avg(CASE WHEN orders > 1 THEN 1 ELSE 0 END) FROM {EACH}", "rate"),
    },
    "segments": {
        "Customers": (f"SELECT count(DISTINCT user_id) {CUSTOMERS}", "count"),
        "Champions": (f"SELECT count(*) {SEGMENTS} AND segment = 'Champions'", "count"),
        "Fading": (f"SELECT count(*) {SEGMENTS} AND {FADING}", "count"),
        "Spent by the fading": (
            f"SELECT sum(net_amount) {CUSTOMERS} AND user_id IN (SELECT user_id {SEGMENTS} AND {FADING})",
            "currency",
        ),
        "Moved": ("SELECT NULL", "count"),  # of a first version nothing is known to have moved
    },
    "churn": {
        "At risk": (f"SELECT avg(CASE WHEN {SILENT} THEN 1 ELSE 0 END) FROM {EACH}", "rate"),
        "Worth a call": (f"SELECT count(*) FROM {EACH} WHERE {SILENT} AND days > 1", "count"),
        "Value at risk": (
            "SELECT coalesce(sum(value_at_risk), 0) FROM restaurant.churn_indicators WHERE currency = 'USD'",
            "currency",
        ),
        "Spent in 90 days": (f"SELECT sum(net_amount) {CUSTOMERS} AND order_date > DATE '2024-03-31' - 90", "currency"),
        "Median silence": (f"SELECT median(DATE '2024-03-31' - last) FROM {EACH}", "days"),
    },
    "loyalty": {
        "Members": (f"SELECT count(*) FROM {EACH} WHERE is_member", "count"),
        "Value: members": (f"SELECT avg(value) FROM {EACH} WHERE is_member", "currency"),
        "Other customers": (f"SELECT count(*) FROM {EACH} WHERE NOT is_member", "count"),
        "Value: others": (f"SELECT avg(value) FROM {EACH} WHERE NOT is_member", "currency"),
        "Members' revenue": (
            f"SELECT sum(value) FILTER (is_member) / (SELECT sum(net_amount) {ALL}) FROM {EACH}",
            "rate",
        ),
    },
    "sales-trends": {
        "Net sales": (f"SELECT sum(net_amount) {YEAR}", "currency"),
        "Orders": (f"SELECT count(*) {YEAR}", "count"),
        "Average order": (f"SELECT sum(net_amount) / count(*) {YEAR}", "currency"),
        "On 365 days before": (growth("2022-04-02", "2023-04-01"), "percent"),
        "Year on year": (growth("2022-04-03", "2023-04-02"), "percent"),  # 364 days earlier
    },
    "locations": {
        "Locations": (f"SELECT count(DISTINCT restaurant_id) {ALL}", "count"),
        "Share of the top 3": (
            f"SELECT sum(value) / (SELECT sum(value) FROM {PLACES})"
            f" FROM (FROM {PLACES} ORDER BY value DESC LIMIT 3) AS top",
            "rate",
        ),
        "Growing": (f"SELECT count(*) FROM {PLACES} WHERE earlier <> 0 AND coalesce(late, 0) > earlier", "count"),
        "Shrinking": (f"SELECT count(*) FROM {PLACES} WHERE earlier <> 0 AND coalesce(late, 0) < earlier", "count"),
    },
    "pricing": {
        "Discounted orders": (f"SELECT avg(CASE WHEN discount_amount > 0 THEN 1 ELSE 0 END) {ALL}", "rate"),
        "Given away": (f"SELECT sum(discount_amount) {ALL}", "currency"),
        "Discount rate": (f"SELECT sum(discount_amount) / sum(gross_amount) {ALL}", "rate"),
        "Repeat: discounted": (repeats("TRUE"), "rate"),
        "Repeat: full price": (repeats("FALSE"), "rate"),
    },
    "card-payments": {
        "Amount": (f"SELECT sum(transacted_amount) {STORES}", "currency"),
        "Transactions": (f"SELECT sum(transaction_count) {STORES}", "count"),
        "Average transaction": (f"SELECT sum(transacted_amount) / sum(transaction_count) {STORES}", "currency"),
        "To five transactions": (f"SELECT average_days_to_five_transactions {GOING}", "days"),
        "Stores with five": (f"SELECT activated_store_count / store_count {GOING}", "rate"),
    },
    "customer-activity": {
        "Customers": (f"SELECT count(DISTINCT customer_id) {ACTIVITY}", "count"),
        "Orders": (f"SELECT count(order_id) {ACTIVITY}", "count"),
        "Ordered for": (f"SELECT sum(order_total) {ACTIVITY}", "currency"),
        "To shipping": (f"SELECT avg(days_from_order_to_ship) {ACTIVITY}", "days"),
        "Not shipped": (
            f"SELECT count(*) {ACTIVITY} WHERE order_id IS NOT NULL AND days_from_order_to_ship IS NULL",
            "count",
        ),
    },
}
OF_NO_CURRENCY = ("card-payments", "customer-activity")


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_of_a_page_equals_sql(published_home: Path, name: str) -> None:
    currency = "" if name in OF_NO_CURRENCY else "USD"
    expected = {
        label: wording.number(asked(published_home, sql), unit, currency)
        for label, (sql, unit) in FIGURES[name].items()
    }
    assert {one.label: one.value for one in opened(name, published_home).metric} == expected


def test_what_a_member_is_worth_less_than_others_equals_sql(published_home: Path) -> None:
    means = "avg(value) FILTER (NOT is_member) - avg(value) FILTER (is_member)"
    less = wording.number(asked(published_home, f"SELECT {means} FROM {EACH}"), "currency", "USD")
    assert f"A member is worth **{less} less** than another customer on average." in words(
        opened("loyalty", published_home, currency="USD")
    )


def test_no_page_is_without_such_a_check() -> None:
    own = "pipeline"  # whose figures are those of `medallion status`, see test_dashboard_pages
    assert {page.name for page in PAGES} == {*FIGURES, own}


@pytest.mark.parametrize("name", [page.name for page in PAGES])
def test_every_figure_says_what_it_is_and_where_that_is_defined(published_home: Path, name: str) -> None:
    strays = []
    for one in opened(name, published_home).metric:
        found = re.search(r"(.+)(?:column|property) `(\w+)`, defined in `([\w/.]+):(\d+)`", one.help.replace("\n", " "))
        assert found, one.help
        words, defined, file, line = found.groups()
        text = (SOURCE / file).read_text().splitlines()[int(line) - 1]
        if len(words) < 30 or defined not in text:
            strays.append((one.label, one.help, text))
    assert strays == []
