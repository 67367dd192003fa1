from datetime import UTC, date, datetime, timedelta

import pytest
from frames import Row, values
from pyspark.sql import SparkSession
from rows import items_of

from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver import conflicting_orders

RULES = RestaurantRules()
NAMED = ("order_user_id", "order_restaurant_id", "order_app_name", "order_currency")


def line(lineitem_id: str, minute: int = 0, *, order_id: str = "o1", **given: object) -> Row:
    """A line created at `minute` past noon."""
    return {
        "order_id": order_id,
        "lineitem_id": lineitem_id,
        "creation_time_utc": datetime(2024, 5, 1, 12, minute, tzinfo=UTC),
        "user_id": "anna",
        "restaurant_id": "r1",
        "app_name": "app",
        "currency": "USD",
        **given,
    }


def test_orders_whose_lines_agree_are_not_listed(spark: SparkSession) -> None:
    items = items_of(spark, line("1"), line("2"), line("1", order_id="o2", user_id="bob"))

    assert values(conflicting_orders.build(items, rules=RULES), "order_id") == []


@pytest.mark.parametrize(
    ("attribute", "other"), [("user_id", "bob"), ("restaurant_id", "r2"), ("currency", "EUR")]
)  # fmt: skip
def test_two_users_restaurants_or_currencies_are_a_conflict_settled_by_the_first_line(
    spark: SparkSession, attribute: str, other: str
) -> None:
    items = items_of(spark, line("1", 5, **{attribute: other}), line("2", 0))

    found = conflicting_orders.build(items, rules=RULES)

    assert values(found, *NAMED, "has_conflicting_lines") == [("anna", "r1", "app", "USD", True)]


def test_at_the_same_time_the_lower_line_id_is_first(spark: SparkSession) -> None:
    items = items_of(spark, line("b", user_id="bob"), line("a", user_id="anna"))

    assert values(conflicting_orders.build(items, rules=RULES), "order_user_id") == [("anna",)]


def test_a_line_that_names_no_user_is_passed_over_and_is_no_conflict(spark: SparkSession) -> None:
    items = items_of(spark, line("1", 0, user_id=None), line("2", 1, user_id="bob"), line("3", 2, user_id="bob"))

    assert values(conflicting_orders.build(items, rules=RULES), "order_user_id", "has_conflicting_lines") == [
        ("bob", False)
    ]


def test_two_apps_are_settled_but_no_conflict(spark: SparkSession) -> None:
    items = items_of(spark, line("1", 0, app_name=None), line("2", 1, app_name="second"), line("3", 2, app_name="app"))

    assert values(conflicting_orders.build(items, rules=RULES), "order_app_name", "has_conflicting_lines") == [
        ("second", False)
    ]


def test_each_attribute_comes_from_the_first_line_that_names_it(spark: SparkSession) -> None:
    items = items_of(
        spark,
        line("1", 0, user_id=None, restaurant_id="r9", app_name=None),
        line("2", 1, user_id="bob", restaurant_id=None, app_name=None),
        line("3", 2, user_id="anna", restaurant_id="r1", app_name="app"),
    )

    assert values(conflicting_orders.build(items, rules=RULES), *NAMED) == [("bob", "r9", "app", "USD")]


def test_values_that_change_places_with_nothing_do_differ(spark: SparkSession) -> None:
    items = items_of(spark, line("1", user_id="x", restaurant_id=None), line("2", user_id=None, restaurant_id="x"))

    assert values(conflicting_orders.build(items, rules=RULES), *NAMED[:2]) == [("x", "x")]


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("UTC", []),
        ("Asia/Kathmandu", [(date(2024, 5, 1), False)]),  # noon is 17:45 there, and 6:15 later it is midnight
        ("America/New_York", []),
    ],
)
def test_an_order_across_midnight_is_of_the_day_of_its_first_line_and_no_conflict(
    spark: SparkSession, zone: str, days: list[tuple[date, bool]]
) -> None:
    noon = datetime(2024, 5, 1, 12, tzinfo=UTC)
    items = items_of(spark, line("1", creation_time_utc=noon + timedelta(hours=6, minutes=15)), line("2"))

    found = conflicting_orders.build(items, rules=RestaurantRules(business_timezone=zone))

    assert values(found, "order_order_date", "has_conflicting_lines") == days
