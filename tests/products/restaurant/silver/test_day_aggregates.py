"""What is kept of each day: locations, hours, categories and items."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import line, order

from medallion.products.restaurant.rules import RestaurantRules

DAY, NEXT_DAY = date(2024, 1, 1), date(2024, 1, 2)


def test_a_locations_day_sums_the_orders_of_a_discount_depth(spark: SparkSession) -> None:
    orders = [
        order("1", DAY, "9.00", discount="1.00", item_quantity=2, is_loyalty=True),
        order("2", DAY, "19.00", discount="1.00", user_id=None),
        order("3", DAY, "5.00", user_id=None),
        order("4", DAY, "-2.00", refund="2.00", restaurant_id=None),
        order("5", NEXT_DAY, "9.00", discount="1.00", currency="CAD"),
    ]

    found = built(spark, "location_days", orders, as_of=NEXT_DAY)

    keys = ("order_date", "restaurant_id", "discount_depth", "currency")
    counts = ("order_count", "loyalty_order_count", "guest_order_count", "guest_net_amount", "item_quantity")
    # Orders 1 and 2 are discounted by 10 and by 5 %
    assert values(found, *keys, *counts, "net_amount") == [
        (DAY, "r1", "0", "USD", 1, 0, 1, Decimal("5.00"), 1, Decimal("5.00")),
        (DAY, "r1", "0-10", "USD", 2, 1, 1, Decimal("19.00"), 3, Decimal("28.00")),
        (DAY, None, "0", "USD", 1, 0, 0, Decimal("0.00"), 1, Decimal("-2.00")),
        (NEXT_DAY, "r1", "0-10", "CAD", 1, 0, 0, Decimal("0.00"), 1, Decimal("9.00")),
    ]


def test_a_discount_on_nothing_has_no_depth_and_is_one_all_the_same(spark: SparkSession) -> None:
    orders = [order("1", DAY, "-5.00", discount="5.00"), order("2", DAY, "0.00")]

    found = built(spark, "location_days", orders, as_of=DAY)

    assert values(found, "discount_depth", "is_discounted", "order_count", "discount_amount") == [
        ("0", False, 1, Decimal("0.00")),
        ("0", True, 1, Decimal("5.00")),
    ]


def test_an_hour_is_that_of_the_business_timezone(spark: SparkSession) -> None:
    rules = RestaurantRules(business_timezone="America/New_York")
    half_past_two_utc = datetime(2024, 1, 2, 2, 30, tzinfo=UTC)
    orders = [order("1", DAY, ordered_at=half_past_two_utc), order("2", DAY, item_quantity=4, user_id=None)]

    found = built(spark, "hour_days", orders, as_of=DAY, rules=rules)

    # New York is 5 hours behind in January: 02:30 is 21:30 of the day before, 12:00 is 7:00
    assert values(found, "order_date", "hour", "order_count", "item_quantity") == [(DAY, 7, 1, 4), (DAY, 21, 1, 1)]


@pytest.mark.parametrize(("table", "column"), [("category_days", "item_category"), ("item_days", "item_name")])
def test_an_order_counts_once_in_each_of_its_categories_and_items(spark: SparkSession, table: str, column: str) -> None:
    orders = [order("1", DAY), order("2", DAY), order("3", NEXT_DAY)]
    lines = [
        line("1", "3.00", lineitem_id="1", **{column: "a"}),
        line("1", "5.00", lineitem_id="2", item_quantity=3, **{column: "a"}),
        line("1", "2.00", lineitem_id="3", **{column: None}),
        line("2", "4.00", **{column: "a"}),
        line("3", "9.00", **{column: "a"}),
    ]

    found = built(spark, table, orders, lines, as_of=NEXT_DAY)

    # a: 3 + 5 of order 1 and 4 of order 2; 1 + 3 + 1 units
    assert values(found, "order_date", column, "order_count", "item_quantity", "net_amount") == [
        (DAY, "(unknown)", 1, 1, Decimal("2.00")),
        (DAY, "a", 2, 5, Decimal("12.00")),
        (NEXT_DAY, "a", 1, 1, Decimal("9.00")),
    ]


@pytest.mark.parametrize(
    ("semantics", "prices"),
    [
        ("unit", (3, "30.2500", "0.25", "20.00")),
        # 20 / 8 = 2.5 and 0.25 / 3 = 0.083333333333; a quantity of 0 has no unit price
        ("line_total", (2, "2.583333333333", "0.08", "2.50")),
    ],
)
def test_an_items_unit_prices_are_summed_exactly(
    spark: SparkSession, semantics: str, prices: tuple[int, str, str, str]
) -> None:
    rules = RestaurantRules(item_price_semantics=semantics)
    lines = [
        line("1", "20.00", item_quantity=8),
        line("1", "10.00", lineitem_id="2", item_quantity=0),
        line("1", "0.25", lineitem_id="3", item_quantity=3),
    ]

    found = built(spark, "item_days", [order("1", DAY)], lines, as_of=DAY, rules=rules)

    count, total, lowest, highest = prices
    columns = ("priced_line_count", "unit_price_sum", "lowest_unit_price", "highest_unit_price")
    assert values(found, *columns) == [(count, Decimal(total), Decimal(lowest), Decimal(highest))]


def test_an_item_sold_at_quantity_0_only_has_no_line_price(spark: SparkSession) -> None:
    rules = RestaurantRules(item_price_semantics="line_total")
    lines = [line("1", "10.00", item_quantity=0)]

    found = built(spark, "item_days", [order("1", DAY)], lines, as_of=DAY, rules=rules)

    assert values(found, "priced_line_count", "unit_price_sum", "lowest_unit_price") == [(0, None, None)]
