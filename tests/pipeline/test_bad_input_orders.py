"""Orders whose lines contradict each other: accepted, counted by a warning, the first line's word taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from restaurant_input import ITEMS_HEADER, OPTIONS_HEADER, Bench, workspace_in, write_csv, write_input

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from medallion.pipeline.progress import Report

CHECK = "lines_agree_on_user_restaurant_currency"
LINES = [
    # order, line, time, user, currency, restaurant
    ("later-line-first", "l2", "10:00", "u-early", "USD", "r1"),
    ("later-line-first", "l1", "10:05", "u-late", "USD", "r1"),
    ("same-time", "l2", "10:00", "u-second", "USD", "r1"),
    ("same-time", "l1", "10:00", "u-first", "USD", "r1"),
    ("guest-first", "l1", "10:00", "", "USD", "r1"),
    ("guest-first", "l2", "10:05", "u-known", "USD", "r1"),
    ("two-currencies", "l1", "10:05", "u5", "EUR", "r1"),
    ("two-currencies", "l2", "10:00", "u5", "GBP", "r1"),
    ("two-restaurants", "l1", "10:00", "u6", "USD", "r8"),
    ("two-restaurants", "l2", "10:05", "u6", "USD", "r9"),
    ("one-word", "l1", "10:00", "u7", "USD", "r1"),
    ("one-word", "l2", "10:05", "u7", "USD", "r1"),
]


@pytest.fixture(scope="module")
def contradicting(
    tmp_path_factory: pytest.TempPathFactory, engine_name: str, spark: SparkSession
) -> tuple[Bench, Report]:
    """A run over the usual files, and one file of orders that contradict themselves."""
    folder = tmp_path_factory.mktemp("contradicting")
    bench = Bench(workspace_in(folder / "home", engine_name), folder / "input")
    write_input(bench.input)
    rows = [
        f"app,{restaurant},2024-01-03T{time}:00Z,{order},{user},,FALSE,{currency},{line},Mains,Soup,4.00,1"
        for order, line, time, user, currency, restaurant in LINES
    ]
    write_csv(bench.input, "order_items_2.csv", ITEMS_HEADER, rows)
    return bench, bench.run()


def order(bench: Bench, name: str, column: str) -> Any:
    return bench.value(f"SELECT {column} FROM restaurant_silver.orders WHERE order_id = '{name}'")


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        pytest.param("later-line-first", "user_id", "u-early", id="the earlier line's user"),
        pytest.param("same-time", "user_id", "u-first", id="at the same time the lower line id's user"),
        pytest.param("guest-first", "user_id", "u-known", id="a line that names a user before one that names none"),
        pytest.param("two-currencies", "currency", "GBP", id="the earlier line's currency"),
        pytest.param("two-restaurants", "restaurant_id", "r8", id="the earlier line's restaurant"),
    ],
)
def test_of_contradicting_lines_the_first_that_says_anything_counts(
    contradicting: tuple[Bench, Report], name: str, column: str, value: str
) -> None:
    assert order(contradicting[0], name, column) == value


def test_no_line_of_a_contradicting_order_is_rejected_or_left_out(contradicting: tuple[Bench, Report]) -> None:
    bench, _ = contradicting
    found = bench.rows(
        "SELECT order_id, line_count, net_amount FROM restaurant_silver.orders WHERE order_id LIKE '%-%' ORDER BY ALL"
    )
    assert [(name, count, str(amount)) for name, count, amount in found] == [
        (name, 2, "8.00") for name in sorted({line[0] for line in LINES})
    ]
    assert bench.value("SELECT count(*) FROM quarantine.rejected_row WHERE source_file = 'order_items_2.csv'") == 0


def test_contradicting_orders_are_counted_by_a_warning_that_stops_nothing(contradicting: tuple[Bench, Report]) -> None:
    bench, report = contradicting
    # Two users twice, two currencies, two restaurants; a guest's line beside a user's is no contradiction.
    assert [(one.severity, one.failed_count) for one in report.checks if one.name == CHECK] == [("warn", 4)]
    recorded = bench.rows(
        f"SELECT severity, passed, failed_count, detail FROM control.quality WHERE check_name = '{CHECK}'"
    )
    assert [row[:3] for row in recorded] == [("warn", False, 4)]
    assert all(name in recorded[0][3] for name in ("later-line-first", "same-time", "two-currencies"))


def test_an_order_in_two_currencies_is_one_order_of_the_first_in_every_mart(
    contradicting: tuple[Bench, Report],
) -> None:
    found = contradicting[0].rows(
        "SELECT currency, sum(order_count), sum(net_amount) FROM restaurant.location_performance"
        " WHERE currency <> 'USD' GROUP BY currency"
    )
    assert [(currency, orders, str(amount)) for currency, orders, amount in found] == [("GBP", 1, "8.00")]


def test_an_option_without_its_line_is_kept_in_quarantine_until_the_line_comes(published: Bench) -> None:
    write_csv(published.input, "order_item_options_2.csv", OPTIONS_HEADER, ["o7,l1,Extras,Bacon,1.50,1"])
    published.run()
    orphans = "SELECT source_file, row_number FROM quarantine.rejected_row WHERE reasons = 'orphan' ORDER BY 1"
    assert published.rows(orphans) == [("order_item_options.csv", 4), ("order_item_options_2.csv", 1)]
    assert published.net_amount() == "39.50"
    later = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [later])
    published.run()
    assert published.rows(orphans) == [("order_item_options.csv", 4)]
    assert published.net_amount() == "51.00"
