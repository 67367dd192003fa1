from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from frames import Row, frame, values
from pyspark.sql import DataFrame, SparkSession
from rows import items_of, line, lines_of

from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver import conflicting_orders, order_item_options, order_lines, orders

RULES = RestaurantRules()


def plain(order_id: str, net: str = "10.00", **given: object) -> Row:
    return line(order_id, net, **{"is_loyalty": False, "has_conflicting_lines": False, **given})


def built(spark: SparkSession, *lines: Row) -> DataFrame:
    return orders.build(lines_of(spark, *lines))


def from_items(spark: SparkSession, *items: Row, rules: RestaurantRules = RULES) -> DataFrame:
    """Orders made of accepted lines, through order_lines."""
    accepted = items_of(spark, *items)
    options = frame(spark, order_item_options.TABLE, [])
    conflicts = conflicting_orders.build(accepted, rules=rules)
    return orders.build(order_lines.build(accepted, options, conflicts, rules=rules))


def test_an_order_is_the_sum_of_its_lines(spark: SparkSession) -> None:
    money = ("item_amount", "option_amount", "gross_amount", "discount_amount", "refund_amount", "net_amount")
    parts = [
        ("20.00", "-3.00", "21.00", "4.00", "0.00", "17.00"),
        ("-5.00", "1.00", "1.00", "0.00", "5.00", "-4.00"),
    ]
    lines = [
        plain("o1", lineitem_id=str(n), item_quantity=n + 1, **dict(zip(money, map(Decimal, part), strict=True)))
        for n, part in enumerate(parts)
    ]

    found = built(spark, *lines)

    assert values(found, "order_id", "line_count", "item_quantity") == [("o1", 2, 3)]
    assert values(found, *money) == [tuple(map(Decimal, ("15.00", "-2.00", "22.00", "4.00", "5.00", "13.00")))]


def test_each_order_has_one_row(spark: SparkSession) -> None:
    found = built(spark, plain("o1"), plain("o2", lineitem_id="1"), plain("o2", lineitem_id="2"))

    assert values(found, "order_id", "line_count") == [("o1", 1), ("o2", 2)]


def test_an_order_is_placed_when_its_first_line_was_created(spark: SparkSession) -> None:
    first, second = datetime(2024, 5, 1, 23, 59, tzinfo=UTC), datetime(2024, 5, 2, 0, 1, tzinfo=UTC)

    found = from_items(
        spark,
        line("o1", lineitem_id="1", creation_time_utc=second),
        line("o1", lineitem_id="2", creation_time_utc=first),
    )

    assert values(found.selectExpr("unix_seconds(ordered_at) AS ordered", "order_date"), "ordered", "order_date") == [
        (int(first.timestamp()), date(2024, 5, 1))
    ]


@pytest.mark.parametrize(
    ("zone", "created", "order_date"),
    [
        ("UTC", datetime(2024, 5, 2, 3, 59, tzinfo=UTC), date(2024, 5, 2)),
        ("America/New_York", datetime(2024, 5, 2, 3, 59, tzinfo=UTC), date(2024, 5, 1)),  # 23:59 in summer
        ("America/New_York", datetime(2024, 5, 2, 4, 0, tzinfo=UTC), date(2024, 5, 2)),
        ("America/New_York", datetime(2024, 1, 1, 4, 59, tzinfo=UTC), date(2023, 12, 31)),  # 23:59 in winter
        ("America/New_York", datetime(2024, 1, 1, 5, 0, tzinfo=UTC), date(2024, 1, 1)),
        ("Asia/Kathmandu", datetime(2024, 5, 1, 18, 15, tzinfo=UTC), date(2024, 5, 2)),  # + 05:45
    ],
)
def test_the_day_of_an_order_is_that_of_the_business_timezone(
    spark: SparkSession, zone: str, created: datetime, order_date: date
) -> None:
    found = from_items(spark, line("o1", creation_time_utc=created), rules=RestaurantRules(business_timezone=zone))

    assert values(found.selectExpr("unix_seconds(ordered_at) AS ordered", "order_date"), "ordered", "order_date") == [
        (int(created.timestamp()), order_date)
    ]


@pytest.mark.parametrize(
    ("lines", "is_loyalty"),
    [([False, True], True), ([None, True], True), ([False, False], False), ([None, False], False), ([None], False)],
)
def test_one_loyal_line_makes_a_loyal_order(spark: SparkSession, lines: list[bool | None], is_loyalty: bool) -> None:
    found = built(spark, *(plain("o1", lineitem_id=str(n), is_loyalty=loyal) for n, loyal in enumerate(lines)))

    assert values(found, "is_loyalty") == [(is_loyalty,)]


def test_an_order_of_a_guest_has_no_user(spark: SparkSession) -> None:
    assert values(built(spark, plain("o1", user_id=None)), "order_id", "user_id") == [("o1", None)]


def test_the_user_is_the_first_that_a_line_names_by_time_then_line(spark: SparkSession) -> None:
    early, late = datetime(2024, 5, 1, 12, tzinfo=UTC), datetime(2024, 5, 1, 13, tzinfo=UTC)

    found = from_items(
        spark,
        line("o1", lineitem_id="a", user_id="late", creation_time_utc=late),
        line("o1", lineitem_id="b", user_id=None, creation_time_utc=early),
        line("o1", lineitem_id="d", user_id="second", creation_time_utc=early),
        line("o1", lineitem_id="c", user_id="first", creation_time_utc=early),
    )

    assert values(found, "order_id", "user_id", "line_count", "has_conflicting_lines") == [("o1", "first", 4, True)]


def test_an_order_in_two_currencies_is_one_flagged_order_in_the_first(spark: SparkSession) -> None:
    later = datetime(2024, 5, 1, 13, tzinfo=UTC)

    found = from_items(
        spark,
        line("o1", "10.00", lineitem_id="1", creation_time_utc=later, currency="EUR"),
        line("o1", "2.00", lineitem_id="2"),
    )

    assert values(found, "currency", "net_amount", "has_conflicting_lines") == [("USD", Decimal("12.00"), True)]


def test_a_user_named_on_one_line_only_is_no_conflict(spark: SparkSession) -> None:
    found = from_items(spark, line("o1", lineitem_id="1", user_id=None), line("o1", lineitem_id="2", user_id="anna"))

    assert values(found, "user_id", "has_conflicting_lines") == [("anna", False)]


def test_orders_with_conflicting_lines_are_warned_of_and_do_not_block() -> None:
    check = next(one for one in orders.TABLE.checks if one.name == "lines_agree_on_user_restaurant_currency")

    assert (check.severity, check.expression) == ("warn", "NOT has_conflicting_lines")
