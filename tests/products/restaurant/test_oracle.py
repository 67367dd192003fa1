"""The oracle against a set small enough to compute by hand; the arithmetic stands beside the numbers."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hand_computed import FILES
from oracle import compute

USD_FEB_5 = "order_date = '2024-02-05' AND currency = 'USD'"


def money(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("golden")
    for name, content in FILES.items():
        (folder / f"{name}.csv").write_bytes(content)
    compute(folder, folder / "oracle.duckdb", None)
    return duckdb.connect(str(folder / "oracle.duckdb"), read_only=True)


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


def test_only_good_rows_reach_silver_and_the_newest_version_of_a_line_wins(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT order_id, lineitem_id, user_id, printed_card_number, item_price FROM restaurant_silver.order_items"
    assert rows(golden, query + " ORDER BY ALL") == [
        ("o1", "l1", "u1", "1234", money("10")),
        ("o1", "l2", None, None, money("3")),
        ("o2", "l1", "u1", None, money("12")),
        ("o3", "l1", "u2", None, money("3")),
        ("o3", "l2", "u2", None, money("-2")),
        ("o4", "l1", None, None, money("9")),
        ("o5", "l1", "u1", None, money("8")),
    ]


def test_a_newer_delivery_replaces_a_lines_options_and_repeats_are_numbered(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT lineitem_id, option_group_name, option_name, occurrence FROM restaurant_silver.order_item_options"
    assert rows(golden, query + " ORDER BY ALL") == [
        ("l1", "Extras", "Cheese", 1), ("l1", "Extras", "Cheese", 2), ("l2", "", "Promotion", 1),
    ]  # fmt: skip


def test_an_order_sums_its_lines_and_takes_the_first_known_user(golden: duckdb.DuckDBPyConnection) -> None:
    assert rows(golden, "SELECT * FROM restaurant_silver.orders WHERE order_id IN ('o1', 'o3') ORDER BY order_id") == [
        ("o1", "u1", "r1", "A", "USD", datetime(2024, 1, 1, 10, 0, 5, 500000), date(2024, 1, 1), True, 2, 3,  # noqa: DTZ001
         money("23"), money("2"), money("26"), money("1"), money("0"), money("25")),
        ("o3", "u2", "r1", "A", "USD", datetime(2024, 2, 5, 12, 30, 0, 123000), date(2024, 2, 5), False, 2, 3,  # noqa: DTZ001
         money("4"), money("0"), money("6"), money("0"), money("2"), money("4")),
    ]  # fmt: skip


def test_date_dim_keeps_the_files_days_and_fills_the_others(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT count(*), count(*) FILTER (is_generated), count(is_holiday) FROM restaurant_silver.date_dim"
    assert rows(golden, query) == [(36, 35, 1)]  # 1 January .. 5 February; only 5 February is in the file


def test_lifetime_value(golden: duckdb.DuckDBPyConnection) -> None:
    jan_1, jan_20, feb_5 = date(2024, 1, 1), date(2024, 1, 20), date(2024, 2, 5)
    assert rows(golden, "FROM restaurant.customer_lifetime_value ORDER BY currency DESC, user_id") == [
        # u1: items 23 + 12, options 2; rank 1 of 2 is the upper half, not the upper fifth
        ("u1", "USD", feb_5, jan_1, jan_20, 2, 4, money("35"), money("2"), money("37"), money("38"), money("1"),
         money("0"), 18.5, 35, 1, 37 / 41, "Medium", 1, 19, 12.0),  # on 20 January alone: 12
        ("u2", "USD", feb_5, feb_5, feb_5, 1, 3, money("4"), money("0"), money("4"), money("6"), money("0"),
         money("2"), 4.0, 0, 2, 1.0, "Low", 0, 0, None),
        ("u1", "CAD", feb_5, feb_5, feb_5, 1, 1, money("8"), money("0"), money("8"), money("8"), money("0"),
         money("0"), 8.0, 0, 1, 1.0, "Low", 0, 0, None),
    ]  # fmt: skip


def test_segments(golden: duckdb.DuckDBPyConnection) -> None:
    # USD cut-points: recency of 0 and 16 days: 3.2 .. 12.8; frequency of 1 and 2: 1.2 .. 1.8; money of 4 and 37
    query = "SELECT * EXCLUDE (as_of) FROM restaurant.customer_segments ORDER BY currency DESC, user_id"
    jan, feb = date(2024, 1, 1), date(2024, 2, 1)
    assert rows(golden, query) == [
        ("u1", "USD", 16, 2, money("37"), 1, 5, 5, "155", "Can't Lose", jan, "Pizza", "r1", 2.0, True),
        ("u2", "USD", 0, 1, money("4"), 5, 1, 1, "511", "New", feb, "Drinks", "r1", 3.0, False),
        ("u1", "CAD", 0, 1, money("8"), 5, 1, 1, "511", "New", feb, "Pizza", "r1", 1.0, False),
    ]


def test_cohorts(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT * EXCLUDE (as_of, currency) FROM restaurant.customer_cohorts WHERE currency = 'USD' ORDER BY ALL"
    assert rows(golden, query) == [
        (date(2024, 1, 1), 0, 1, 1, 1.0, money("37"), 37.0, True),
        (date(2024, 1, 1), 1, 1, 0, 0.0, money("0"), 37.0, False),  # February has not ended on the 5th
        (date(2024, 2, 1), 0, 1, 1, 1.0, money("4"), 4.0, False),
    ]


def test_sales_trends(golden: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT * EXCLUDE (as_of, currency) FROM restaurant.sales_trends WHERE currency = 'USD'
               AND (period, period_start) IN (VALUES ('month', DATE '2024-01-01'), ('month', DATE '2024-02-01'),
               ('week', DATE '2024-02-05'), ('day', DATE '2024-01-20'), ('day', DATE '2024-02-05')) ORDER BY 1, 2"""
    gross, net, no_money, avg_7d = money("15"), money("13"), money("0"), 13 / 7
    february = 100 * (-24 / 37)  # 37 in January, 4 + 9 in February
    assert rows(golden, query) == [
        ("day", date(2024, 1, 20), 1, 1, 1, money("12"), no_money, no_money, money("12"), 12.0, no_money, None, None,
         None, False, 12 / 7, None, True, None, None),
        ("day", date(2024, 2, 5), 2, 1, 4, gross, no_money, money("2"), net, 6.5, no_money, None, None,
         None, False, avg_7d, 25 / 28, False, True, "Opening Day"),
        ("month", date(2024, 1, 1), 2, 1, 4, money("38"), money("1"), no_money, money("37"), 18.5, None, None, None,
         None, False, None, None, None, None, None),
        ("month", date(2024, 2, 1), 2, 1, 4, gross, no_money, money("2"), net, 6.5, money("37"), february, None,
         None, True, None, None, None, None, None),
        ("week", date(2024, 2, 5), 2, 1, 4, gross, no_money, money("2"), net, 6.5, no_money, None, None,
         None, True, None, None, None, None, None),
    ]  # fmt: skip


def test_every_currency_has_every_period(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT period, currency, count(*), sum(net_amount) FROM restaurant.sales_trends GROUP BY ALL ORDER BY ALL"
    usd, cad = money("50"), money("8")
    assert rows(golden, query) == [
        ("day", "CAD", 36, cad), ("day", "USD", 36, usd), ("month", "CAD", 2, cad), ("month", "USD", 2, usd),
        ("week", "CAD", 6, cad), ("week", "USD", 6, usd),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("sales_by_location", [("r1", 1, 3, money("4")), ("r2", 1, 1, money("9"))]),
        ("sales_by_app", [("A", "r1", 1, 3, money("4")), ("A", "r2", 1, 1, money("9"))]),
        ("sales_by_category",
         [("(unknown)", 1, 1, money("9")), ("Drinks", 1, 2, money("6")), ("Pizza", 1, 1, money("-2"))]),
        ("sales_by_hour", [(12, 2, 4, money("13"))]),
    ],
)  # fmt: skip
def test_sales_by(golden: duckdb.DuckDBPyConnection, table: str, expected: list[tuple[Any, ...]]) -> None:
    query = f"SELECT * EXCLUDE (order_date, currency, as_of) FROM restaurant.{table} WHERE {USD_FEB_5} ORDER BY ALL"
    assert rows(golden, query) == expected


def test_loyalty(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT * EXCLUDE (as_of) FROM restaurant.loyalty_program_impact ORDER BY currency, member_status"
    assert rows(golden, query) == [
        ("non_member", "CAD", 1, 1, money("8"), 1.0, 1.0, 8.0, 1.0, 0.0, 8.0),
        ("guest", "USD", None, 1, money("9"), 0.25, 9 / 50, 9.0, None, None, None),
        ("member", "USD", 1, 2, money("37"), 0.5, 37 / 50, 18.5, 2.0, 1.0, 37.0),
        ("non_member", "USD", 1, 1, money("4"), 0.25, 4 / 50, 4.0, 1.0, 0.0, 4.0),
    ]


def test_locations(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT * EXCLUDE (as_of, currency) FROM restaurant.location_performance WHERE currency = 'USD' ORDER BY 1"
    jan_1, jan_20, feb_5 = date(2024, 1, 1), date(2024, 1, 20), date(2024, 2, 5)
    assert rows(golden, query) == [  # both have two orders: they share rank 1; 25 before and 4 after 8 January
        ("r1", jan_1, feb_5, 2, 2, 6, money("29"), 29 / 50, 14.5, 2, 1.0, 0.5, 1, 1, 1, money("4"), money("25"), -84.0),
        ("r2", jan_20, feb_5, 2, 1, 2, money("21"), 21 / 50, 10.5, 2, 1.0, 0.0, 2, 1, 2, money("21"), money("0"), None),
    ]


def test_pricing(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT * EXCLUDE (as_of) FROM restaurant.pricing_discount_effectiveness ORDER BY currency DESC, 1"
    no_money = money("0")
    assert rows(golden, query) == [  # of the orders up to 6 January (only o1) one was followed within 30 days
        ("discounted", "USD", 1, 0.25, 1, 3, money("26"), money("1"), money("25"), 1 / 26, 25.0, 26.0, 3.0, 1.0),
        ("full_price", "USD", 3, 0.75, 2, 5, money("27"), no_money, money("25"), 0.0, 25 / 3, 9.0, 5 / 3, None),
        ("discounted", "CAD", 0, 0.0, 0, 0, no_money, no_money, no_money, None, None, None, None, None),
        ("full_price", "CAD", 1, 1.0, 1, 1, money("8"), no_money, money("8"), 0.0, 8.0, 8.0, 1.0, None),
    ]


def test_items(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT * EXCLUDE (currency, as_of) FROM restaurant.pricing_by_item WHERE currency = 'USD' ORDER BY 1"
    assert rows(
        golden, query
    ) == [  # prices of days: one, one of 3, and of 10 and 12 without the day of the refund alone
        ("(unknown)", 1, 1, 9.0, money("9"), money("9"), money("9"), None, None, 1, 1),
        ("Cola", 2, 3, 3.0, money("3"), money("3"), money("8"), None, None, 2, 1),  # 3 - 1 promotion + 6
        # unit prices 10, 12, -2
        ("Margherita", 3, 4, 20 / 3, money("-2"), money("12"), money("33"), None, None, 1, 2),
    ]


def test_break_even_volumes(golden: duckdb.DuckDBPyConnection) -> None:
    query = "SELECT bucket, discount_rate, break_even_volume_growth_rate FROM restaurant.pricing_by_discount_depth"
    rate = 1 / 26  # of o1
    assert rows(golden, f"{query} WHERE currency = 'USD' ORDER BY 1") == [
        ("0", 0.0, 0.0), ("0-10", rate, pytest.approx(rate / (0.65 - rate))),
    ]  # fmt: skip


def test_effects_need_two_of_each_group(golden: duckdb.DuckDBPyConnection) -> None:
    query = """SELECT comparison, metric, estimate, standard_error, first_mean, second_mean, first_count, second_count
               FROM restaurant.loyalty_effect WHERE currency = 'USD' ORDER BY 1, 2"""
    joining, membership = "before_and_after_joining", "members_and_others"
    assert rows(golden, query) == [  # u1 spent 37 in two orders, u2 4 in one; nobody has ninety days after
        (joining, "net_amount", None, None, None, None, 0, 0),
        (joining, "order_count", None, None, None, None, 0, 0),
        (membership, "average_order_value", 14.5, None, 18.5, 4.0, 1, 1),
        (membership, "customer_lifetime_value", 33.0, None, 37.0, 4.0, 1, 1),
    ]
    repeats = "SELECT repeat_days, estimate, discounted_count FROM restaurant.discount_repeat_effect"
    assert rows(golden, f"{repeats} WHERE currency = 'USD' ORDER BY 1") == [(30, None, 0), (60, None, 0), (90, None, 0)]
