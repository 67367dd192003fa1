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
ALL = "FROM restaurant_silver.orders WHERE currency = ?"


def test_figures_follow_the_filters(published_home: Path) -> None:
    page = opened("sales-trends", published_home, currency="EUR", range="28d")
    sql = f"SELECT sum(net_amount) {ALL} AND order_date > DATE '2024-03-31' - 28"
    assert figure(page, "Net sales") == wording.money(asked(published_home, sql, "EUR"), "EUR")


def test_one_location_is_summed_alone(published_home: Path) -> None:
    page = opened("sales-trends", published_home, location="place-1", range="all")
    sql = f"SELECT sum(net_amount) {ALL} AND restaurant_id = 'place-1'"
    assert figure(page, "Net sales") == wording.money(asked(published_home, sql, "USD"), "USD")


def test_one_app_is_summed_alone(published_home: Path) -> None:
    page = opened("sales-trends", published_home, app="kiosk", range="all")
    sql = "SELECT sum(net_amount) FROM restaurant.sales_by_app WHERE currency = ? AND app_name = 'kiosk'"
    assert figure(page, "Net sales") == wording.money(asked(published_home, sql, "USD"), "USD")
    assert "in kiosk" in words(page)


def test_locations_are_ranked_within_an_app_at_a_location_of_it(published_home: Path) -> None:
    sql = (
        "SELECT restaurant_id FROM restaurant.sales_by_app WHERE currency = ? AND app_name = 'kiosk'"
        " GROUP BY ALL ORDER BY sum(net_amount) DESC, 1 LIMIT 1"
    )
    leader = wording.location(asked(published_home, sql, "USD"))
    page = opened("locations", published_home, app="kiosk", range="all")
    assert f"**{leader}** leads with" in words(page)
    assert "in kiosk" in words(page)


def test_a_currency_with_one_app_has_none_to_choose(published_home: Path) -> None:
    labels = [one.label for one in opened("sales-trends", published_home, currency="EUR").selectbox]
    assert "Location" in labels
    assert "App" not in labels


def test_days_of_ones_own_are_kept_to(published_home: Path) -> None:
    page = opened("overview", published_home, range="custom", dates="2024-02-01..2024-02-29")
    sql = f"SELECT count(*) {ALL} AND order_date BETWEEN DATE '2024-02-01' AND DATE '2024-02-29'"
    assert figure(page, "Orders") == str(asked(published_home, sql, "USD"))


def test_customer_activity_shows_no_names(published_home: Path) -> None:
    page = opened("customer-activity", published_home)
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
    ("part", "found"), [("runs", "1 of 1 row"), ("checks", "last audit"), ("lineage", "Choose a box")]
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


@pytest.mark.parametrize("currency", ["EUR", "GBP"])
@pytest.mark.parametrize("name", [page.name for page in PAGES if page.filters])
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


def test_of_few_discounted_days_the_page_says_how_many_are_needed(published_home: Path) -> None:
    shown = words(opened("pricing", published_home, currency="USD"))
    assert "It cannot be told: 20 compared days of 8 customers are needed of each kind; there are " in shown


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


def test_names_in_the_data_are_shown_as_they_are(published_home: Path) -> None:
    page = opened("pricing", published_home)
    items = next(one.value for one in page.dataframe if "item_name" in one.value)
    assert HOSTILE in items["item_name"].to_list()
