"""What pages show equals what SQL finds, in every state of the marts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from odd_marts import AS_OF, HOSTILE
from shown import asked, errors, figure, opened, words

from medallion import cli
from medallion.dashboard import wording
from medallion.dashboard.pages import PAGES

NAMES = [page.name for page in PAGES]
ORDERS = (
    "FROM restaurant_silver.orders WHERE currency = ? AND order_date BETWEEN DATE '2023-04-02' AND DATE '2024-03-31'"
)
ALL = "FROM restaurant_silver.orders WHERE currency = ?"
CUSTOMERS = f"{ALL} AND user_id IS NOT NULL"
PER_CUSTOMER = (
    f"(SELECT user_id, sum(net_amount) AS value, count(*) AS orders, max(order_date) AS last {CUSTOMERS} GROUP BY 1)"
)
AT_RISK = "last < DATE '2024-03-31' - 45"
# page, label of the figure, SQL that computes it from the orders, its unit
FIGURES = [
    ("overview", "Net sales", f"SELECT sum(net_amount) {ORDERS}", "currency"),
    ("overview", "Orders", f"SELECT count(*) {ORDERS}", "count"),
    ("overview", "Average order", f"SELECT sum(net_amount) / count(*) {ORDERS}", "currency"),
    ("overview", "Customers", f"SELECT count(DISTINCT user_id) {CUSTOMERS}", "count"),
    ("overview", "At risk", f"SELECT avg(CASE WHEN {AT_RISK} THEN 1 ELSE 0 END) FROM {PER_CUSTOMER}", "rate"),
    ("customer-lifetime-value", "Value of all customers", f"SELECT sum(net_amount) {CUSTOMERS}", "currency"),
    ("customer-lifetime-value", "Average customer", f"SELECT avg(value) FROM {PER_CUSTOMER}", "currency"),
    (
        "customer-lifetime-value",
        "Came back",
        f"SELECT avg(CASE WHEN orders > 1 THEN 1 ELSE 0 END) FROM {PER_CUSTOMER}",
        "rate",
    ),
    ("segments", "Customers", f"SELECT count(DISTINCT user_id) {CUSTOMERS}", "count"),
    ("churn", "At risk", f"SELECT avg(CASE WHEN {AT_RISK} THEN 1 ELSE 0 END) FROM {PER_CUSTOMER}", "rate"),
    (
        "churn",
        "Spent in 90 days",
        f"SELECT sum(net_amount) {CUSTOMERS} AND order_date > DATE '2024-03-31' - 90",
        "currency",
    ),
    ("churn", "Median silence", f"SELECT median(DATE '2024-03-31' - last) FROM {PER_CUSTOMER}", "days"),
    ("sales-trends", "Net sales", f"SELECT sum(net_amount) {ORDERS}", "currency"),
    ("sales-trends", "Average order", f"SELECT sum(net_amount) / count(*) {ORDERS}", "currency"),
    ("locations", "Locations", f"SELECT count(DISTINCT restaurant_id) {ALL}", "count"),
    (
        "loyalty",
        "Members",
        f"SELECT count(*) FROM (SELECT user_id {CUSTOMERS} GROUP BY 1 HAVING bool_or(is_loyalty))",
        "count",
    ),
    ("pricing", "Given away", f"SELECT sum(discount_amount) {ALL}", "currency"),
    ("pricing", "Of gross sales", f"SELECT sum(discount_amount) / sum(gross_amount) {ALL}", "rate"),
    ("pricing", "Discounted orders", f"SELECT avg(CASE WHEN discount_amount > 0 THEN 1 ELSE 0 END) {ALL}", "rate"),
]


@pytest.mark.parametrize("name", sorted({page for page, *_ in FIGURES}))
def test_figures_equal_sql_over_the_orders(published_home: Path, name: str) -> None:
    page = opened(name, published_home)
    expected = {
        label: wording.number(asked(published_home, sql, "USD"), unit, "USD")
        for page_name, label, sql, unit in FIGURES
        if page_name == name
    }
    assert {label: figure(page, label) for label in expected} == expected


def test_figures_follow_the_filters(published_home: Path) -> None:
    page = opened("sales-trends", published_home, currency="EUR", range="28d")
    sql = f"SELECT sum(net_amount) {ALL} AND order_date > DATE '2024-03-31' - 28"
    assert figure(page, "Net sales") == wording.money(asked(published_home, sql, "EUR"), "EUR")


def test_one_location_is_summed_alone(published_home: Path) -> None:
    page = opened("sales-trends", published_home, location="place-1", range="all")
    sql = f"SELECT sum(net_amount) {ALL} AND restaurant_id = 'place-1'"
    assert figure(page, "Net sales") == wording.money(asked(published_home, sql, "USD"), "USD")


def test_days_of_ones_own_are_kept_to(published_home: Path) -> None:
    page = opened("overview", published_home, range="custom", dates="2024-02-01..2024-02-29")
    sql = f"SELECT count(*) {ALL} AND order_date BETWEEN DATE '2024-02-01' AND DATE '2024-02-29'"
    assert figure(page, "Orders") == str(asked(published_home, sql, "USD"))


def test_the_figures_of_card_payments(published_home: Path) -> None:
    page = opened("card-payments", published_home)
    shown = {
        label: figure(page, label) for label in ("Amount", "Transactions", "Average transaction", "Stores with five")
    }
    # 600.00 + 50.00 from 6 + 2 transactions; one of two stores has five
    assert shown == {
        "Amount": "650.00",
        "Transactions": "8",
        "Average transaction": "81.25",
        "Stores with five": "50.0 %",
    }


def test_customer_activity_shows_no_names(published_home: Path) -> None:
    page = opened("customer-activity", published_home)
    assert (figure(page, "Customers"), figure(page, "Orders"), figure(page, "Ordered for")) == ("2", "2", "50.00")
    everything = words(page) + "".join(one.value.to_string() for one in page.dataframe)
    assert "Secret" not in everything
    assert "@example" not in everything


def test_the_pipeline_page_equals_the_status_command(published_home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    assert cli.main(["status", "restaurant", "--home", str(published_home), "--json"]) == 0
    status: dict[str, Any] = json.loads(capfd.readouterr().out)
    page = opened("pipeline", published_home, part="tables")
    assert figure(page, "Version") == str(status["version"])
    assert figure(page, "As of") == wording.day(AS_OF)
    assert figure(page, "Last run") == f"{status['last_run']['seconds']:,.1f} s"
    assert figure(page, "In quarantine") == str(sum(group["rows"] for group in status["quarantine"]))
    shown = page.dataframe[0].value.set_index("table")["rows"].to_dict()
    assert {mart["name"]: mart["rows"] for mart in status["marts"]}.items() <= shown.items()


def test_quarantine_shows_rows_as_delivered(published_home: Path) -> None:
    page = opened("pipeline", published_home, part="quarantine")
    delivered = page.dataframe[1].value["delivered"].to_list()
    assert len(delivered) == 1
    assert "never" in delivered[0]


@pytest.mark.parametrize(
    ("part", "found"), [("runs", "Duration of runs"), ("checks", "Checks"), ("lineage", "Choose a box")]
)
def test_every_part_of_the_pipeline_page_can_be_shown(published_home: Path, part: str, found: str) -> None:
    page = opened("pipeline", published_home, part=part)
    assert errors(page) == []
    assert found in words(page)


def test_the_dictionary_can_be_searched(published_home: Path) -> None:
    page = opened("pipeline", published_home, part="dictionary")
    page.text_input[0].set_value("discount RATE gross").run()
    assert "discount_rate" in page.dataframe[0].value["column"].to_list()
    page.text_input[0].set_value("no such words at all").run()
    assert "No column matches." in words(page)


@pytest.mark.parametrize("currency", ["USD", "EUR", "GBP", "CHF"])
@pytest.mark.parametrize("name", NAMES)
def test_every_page_makes_sense_of_every_currency(published_home: Path, name: str, currency: str) -> None:
    page = opened(name, published_home, currency=currency)
    assert errors(page) == []
    assert len(words(page)) > 40
    assert "nan" not in words(page).lower().split()
    assert "None" not in words(page).split()


@pytest.mark.parametrize("name", ["customer-lifetime-value", "segments", "churn"])
def test_guests_alone_are_no_customers(published_home: Path, name: str) -> None:
    page = opened(name, published_home, currency="GBP")
    assert "No order names a customer" in words(page)
    assert not page.metric


def test_without_discounts_the_page_says_so(published_home: Path) -> None:
    assert "No order carries a discount" in words(opened("pricing", published_home, currency="CHF"))


def test_without_members_there_is_nothing_to_compare(published_home: Path) -> None:
    page = opened("loyalty", published_home, currency="CHF")
    assert "there are no members to compare" in words(page)
    assert figure(page, "Members") == "0"


def test_money_of_several_currencies_is_never_added(published_home: Path) -> None:
    shown = {
        figure(opened("overview", published_home, currency=one, range="all"), "Net sales") for one in ("EUR", "CHF")
    }
    # EUR 30 + 25 + 25, CHF 3 × 25
    assert shown == {"€80.00", "CHF 75.00"}


@pytest.mark.parametrize("name", NAMES)
def test_empty_marts_are_no_error(empty_home: Path, name: str) -> None:
    page = opened(name, empty_home)
    assert errors(page) == []
    assert words(page)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_published_is_no_error(tmp_path: Path, name: str) -> None:
    page = opened(name, tmp_path)
    assert errors(page) == []
    assert "medallion run" in words(page) or "never run here" in words(page)


def test_a_figure_says_what_it_is_and_where_it_is_defined(published_home: Path) -> None:
    page = opened("pricing", published_home)
    help_text = next(one.help for one in page.metric if one.label == "Of gross sales")
    assert "discount_amount / gross_amount" in help_text.replace("\\", "")
    place = help_text.rpartition("defined in `")[2].rstrip("`.")
    file, line = place.split(":")
    source = Path(cli.__file__).parents[1] / file
    assert '"discount_rate"' in source.read_text().splitlines()[int(line) - 1]


def test_names_in_the_data_are_shown_as_they_are(published_home: Path) -> None:
    page = opened("pricing", published_home)
    assert HOSTILE in page.dataframe[0].value["item_name"].to_list()
