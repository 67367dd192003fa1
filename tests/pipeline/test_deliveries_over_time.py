"""What counts when deliveries correct, repeat or contradict earlier ones: by file name, whenever they arrive.

The stories of many orders are told in two deliveries after a big one: runs take seconds, looking at results does not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from deliveries_strategy import BULK, File
from increments import Home, copy_of, delivered_at_once, home_in, unequal

from medallion.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


def line(
    order_id: str,
    line_id: str = "l1",
    *,
    time: str = "2024-01-02T10:00:00Z",
    user: str = "u1",
    currency: str = "USD",
    price: str = "10.00",
) -> str:
    return f"app,r1,{time},{order_id},{user},,FALSE,{currency},{line_id},Mains,Burger,{price},1"


def option(order_id: str, *, name: str = "Cheese", price: str = "1.00") -> str:
    return f"{order_id},l1,Extras,{name},{price},1"


def items(number: int, *rows: str) -> File:
    return File("order_items", number, rows)


def options(number: int, *rows: str) -> File:
    return File("order_item_options", number, rows)


FIRST = (
    items(
        6,
        line("corrected", price="7.00", time="2024-01-03T10:00:00Z"),
        line("badly corrected", price="7.00"),
        line("padded", price="7.00"),
        line("moved to another day", time="2024-01-08T10:00:00Z"),
        line("in another currency", time="2024-01-09T10:00:00Z"),
        line("of another customer", user="before"),
        line("of a guest", user="nobody after all"),
        line("of its first line", "l2", user="second", time="2024-01-03T10:00:00Z"),
        line("with fewer options"),
        line("with newer options"),
    ),
    items(10, line("late", price="7.00")),
    options(
        6,
        option("before its line"),
        *[option("with fewer options")] * 2,
        option("with fewer options", name="Bacon", price="2.00"),
    ),
    options(10, option("with newer options", price="1.50")),
)
SECOND = (
    items(
        7,
        line("corrected", price="8.00", time="2024-01-01T10:00:00Z"),
        line("badly corrected", price="abc"),
        line(" padded ", " l1", price="8.00"),
        line("moved to another day", time="2024-01-06T10:00:00Z"),
        line("in another currency", time="2024-01-09T10:00:00Z", currency="EUR"),
        line("of another customer", user="after"),
        line("of a guest", user=""),
        line("of its first line", "l1", user="first", time="2024-01-01T10:00:00Z"),
        line("before its line"),
    ),
    items(9, line("late", price="8.00")),
    options(7, option("with fewer options", price="1.50")),
    options(9, *[option("with newer options")] * 2),
)


@pytest.fixture(scope="module")
def loaded(spark: SparkSession, engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with 304 lines of 10.00 in files numbered 5, on the first three days of 2024; never to be changed."""
    home = home_in(tmp_path_factory.mktemp("loaded"), engine_name)
    home.deliver(BULK)
    return home


@pytest.fixture(scope="module")
def begun(loaded: Home, engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """That home after the first delivery; never to be changed."""
    home = copy_of(loaded, tmp_path_factory.mktemp("begun"), engine_name)
    home.deliver(FIRST)
    return home


@pytest.fixture(scope="module")
def told(begun: Home, engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """That home after the second delivery; never to be changed."""
    home = copy_of(begun, tmp_path_factory.mktemp("told"), engine_name)
    home.deliver(SECOND)
    return home


def customers(home: Home) -> set[str]:
    return {user for (user,) in home.bench.rows("SELECT user_id FROM restaurant.customer_lifetime_value")}


def day_sales(home: Home, day: str, currency: str = "USD") -> tuple[int, str]:
    """Orders and net amount of a day, as published."""
    found = home.bench.rows(
        "SELECT coalesce(sum(order_count), 0), coalesce(sum(net_amount), 0) FROM restaurant.sales_trends"
        f" WHERE period = 'day' AND period_start = '{day}' AND currency = '{currency}'"
    )
    return int(found[0][0]), str(found[0][1])


def price(home: Home, order_id: str) -> str:
    return str(home.bench.value(f"SELECT item_price FROM restaurant_silver.order_items WHERE order_id = '{order_id}'"))


def option_amount(home: Home, order_id: str) -> str:
    return str(home.bench.value(f"SELECT option_amount FROM restaurant_silver.orders WHERE order_id = '{order_id}'"))


def refused(home: Home, table: str) -> list[tuple[str, str]]:
    """The files and reasons of what quarantine holds for a table."""
    sql = f"SELECT source_file, reasons FROM quarantine.rejected_row WHERE table_name = '{table}' ORDER BY ALL"
    return [(name, reasons) for name, reasons in home.bench.rows(sql)]


def test_the_stories_are_told_by_updates_of_tables(told: Home) -> None:
    assert told.actions["updating runs"] == 1


def test_a_late_file_with_a_lower_name_does_not_override(told: Home) -> None:
    assert price(told, "late") == "7.00"


def test_a_correction_overrides_though_its_time_is_earlier(told: Home) -> None:
    assert price(told, "corrected") == "8.00"


def test_a_correction_that_is_rejected_leaves_the_line_as_it_was(told: Home) -> None:
    assert price(told, "badly corrected") == "7.00"
    assert refused(told, "order_items") == [("order_items_7.csv", "invalid_item_price")]


def test_keys_with_blanks_around_them_are_the_same_keys(told: Home) -> None:
    assert price(told, "padded") == "8.00"


def test_an_order_that_moves_to_another_day_leaves_the_old_one(begun: Home, told: Home) -> None:
    days = ("2024-01-06", "2024-01-08")

    assert [day_sales(begun, day) for day in days] == [(0, "0.00"), (1, "10.00")]
    assert [day_sales(told, day) for day in days] == [(1, "10.00"), (0, "0.00")]


def test_an_order_whose_currency_is_corrected_leaves_the_old_one(begun: Home, told: Home) -> None:
    assert [day_sales(begun, "2024-01-09", currency)[0] for currency in ("USD", "EUR")] == [1, 0]
    assert [day_sales(told, "2024-01-09", currency)[0] for currency in ("USD", "EUR")] == [0, 1]


def test_a_customer_whose_only_order_is_another_one_s_disappears(begun: Home, told: Home) -> None:
    assert {"before", "after"} & customers(begun) == {"before"}
    assert {"before", "after"} & customers(told) == {"after"}


def test_a_customer_whose_only_order_is_a_guest_s_disappears(begun: Home, told: Home) -> None:
    assert "nobody after all" in customers(begun)
    assert "nobody after all" not in customers(told)


def test_an_earlier_line_that_comes_later_says_whose_the_order_is(begun: Home, told: Home) -> None:
    assert {"first", "second"} & customers(begun) == {"second"}
    assert {"first", "second"} & customers(told) == {"first"}


def test_options_that_come_before_their_line_wait_in_quarantine(begun: Home, told: Home) -> None:
    assert refused(begun, "order_item_options") == [("order_item_options_6.csv", "orphan")]
    assert refused(told, "order_item_options") == []
    assert option_amount(told, "before its line") == "1.00"


def test_a_newer_delivery_of_a_line_s_options_replaces_all_of_them(begun: Home, told: Home) -> None:
    assert option_amount(begun, "with fewer options") == "4.00"
    assert option_amount(told, "with fewer options") == "1.50"


def test_options_of_a_lower_name_do_not_replace_newer_ones(told: Home) -> None:
    assert option_amount(told, "with newer options") == "1.50"


def test_a_replay_under_a_higher_name_does_not_undo_corrections(told: Home, tmp_path: Path, engine_name: str) -> None:
    home = copy_of(told, tmp_path, engine_name)

    home.deliver([replace(FIRST[0], number=12)])

    assert price(home, "corrected") == "8.00"


def test_a_replay_under_a_lower_name_gives_way_to_what_it_had_replaced(
    told: Home, tmp_path: Path, engine_name: str
) -> None:
    home, replay = copy_of(told, tmp_path / "in_runs", engine_name), replace(SECOND[0], number=4)

    home.deliver([replay])

    assert price(home, "corrected") == "7.00"
    at_once = delivered_at_once(home_in(tmp_path / "at_once", engine_name), (*BULK, *FIRST, *SECOND, replay))
    assert unequal(home, at_once) == {}


def test_files_whose_rows_name_no_order_change_nothing_but_quarantine(
    loaded: Home, tmp_path: Path, engine_name: str
) -> None:
    home = copy_of(loaded, tmp_path, engine_name)

    home.deliver([items(6, line(""), "too,few"), options(6, option("  "))])

    assert home.bench.net_amount() == loaded.bench.net_amount()
    assert len(refused(home, "order_items")) == 2
    assert refused(home, "order_item_options") == [("order_item_options_6.csv", "missing_order_id")]


def test_by_arrival_a_late_file_overrides_whatever_its_name(
    spark: SparkSession, tmp_path: Path, engine_name: str
) -> None:
    home = home_in(tmp_path, engine_name, delivery_order="arrival")
    home.deliver([*BULK, items(10, line("late", price="7.00"))])

    home.deliver([items(9, line("late", price="8.00"))])

    assert price(home, "late") == "8.00"


def test_the_order_of_deliveries_cannot_be_changed_later(loaded: Home, tmp_path: Path, engine_name: str) -> None:
    home = copy_of(loaded, tmp_path, engine_name, delivery_order="arrival")

    with pytest.raises(UsageError, match="delivery_order"):
        home.deliver([items(6, line("late"))])
