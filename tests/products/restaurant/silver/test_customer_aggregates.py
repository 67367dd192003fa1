"""What is kept of each customer: days, locations and sums."""

from datetime import date
from decimal import Decimal

import pytest
from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import line, order

from medallion.products.restaurant.discounts import ORDER_COUNTS

JAN_1, JAN_2, JAN_9, FEB_1 = date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 9), date(2024, 2, 1)


def test_a_customers_days_know_the_first_and_the_next(spark: SparkSession) -> None:
    orders = [
        order("1", JAN_9),
        order("2", JAN_1, "4.00", discount="1.00"),
        order("3", JAN_1, "5.00"),
        order("4", FEB_1),
        order("5", JAN_2, currency="CAD"),
        order("6", JAN_2, user_id="bob"),
        order("7", JAN_2, user_id=None),
    ]

    found = built(spark, "customer_days", orders, as_of=FEB_1)

    columns = ("user_id", "currency", "order_date", "first_order_date", "next_order_date")
    assert values(found, *columns, "order_count", "discounted_order_count", "net_amount") == [
        ("anna", "CAD", JAN_2, JAN_2, None, 1, 0, Decimal("10.00")),
        ("anna", "USD", JAN_1, JAN_1, JAN_9, 2, 1, Decimal("9.00")),
        ("anna", "USD", JAN_9, JAN_1, FEB_1, 1, 0, Decimal("10.00")),
        ("anna", "USD", FEB_1, JAN_1, None, 1, 0, Decimal("10.00")),
        ("bob", "USD", JAN_2, JAN_2, None, 1, 0, Decimal("10.00")),
    ]


def test_days_after_the_cutoff_are_kept_for_readers_to_cut(spark: SparkSession) -> None:
    found = built(spark, "customer_days", [order("1", JAN_1), order("2", JAN_9)], as_of=JAN_1)

    assert values(found, "order_date", "next_order_date") == [(JAN_1, JAN_9), (JAN_9, None)]


def test_a_customers_locations_are_counted_up_to_the_cutoff_also_the_unnamed_one(spark: SparkSession) -> None:
    orders = [
        order("1", JAN_1, "3.00", restaurant_id="north"),
        order("2", JAN_2, "4.00", restaurant_id="north"),
        order("3", JAN_2, restaurant_id=None),
        order("4", JAN_9, restaurant_id="harbour"),
        order("5", JAN_1, user_id=None),
    ]

    found = built(spark, "customer_locations", orders, as_of=JAN_2)

    assert values(found, "user_id", "restaurant_id", "order_count", "net_amount") == [
        ("anna", "north", 2, Decimal("7.00")),
        ("anna", None, 1, Decimal("10.00")),
    ]


def test_a_customers_orders_are_summed_up_to_the_cutoff_and_per_currency(spark: SparkSession) -> None:
    orders = [
        order("1", JAN_1, "8.00", discount="2.00", item_quantity=3, is_loyalty=True),
        order("2", JAN_2, "-1.50", refund="1.50"),
        order("3", JAN_2, "5.00", currency="CAD"),
        order("4", JAN_9, "99.00"),
        order("5", JAN_1, "99.00", user_id=None),
    ]

    found = built(spark, "customers", orders, as_of=JAN_2).where("currency = 'USD'")

    counts = ("order_count", "loyalty_order_count", "discounted_order_count", "item_quantity")
    amounts = ("item_amount", "option_amount", "gross_amount", "discount_amount", "refund_amount", "net_amount")
    assert values(found, "first_order_date", "last_order_date", *counts) == [(JAN_1, JAN_2, 2, 1, 1, 4)]
    # Items 10.00 − 1.50, options −2.00
    assert values(found, *amounts) == [tuple(map(Decimal, ("8.50", "-2.00", "10.00", "2.00", "1.50", "6.50")))]


def test_the_days_between_a_customers_orders_have_a_median_up_to_the_cutoff(spark: SparkSession) -> None:
    days = (1, 2, 4, 5, 15)  # of January: gaps of 1, 2, 1 and 10 days
    orders = [order(f"odd {day}", date(2024, 1, day), user_id="odd") for day in days[:4]]
    orders += [order(f"even {day}", date(2024, 1, day), user_id="even") for day in days]
    orders += [order(f"late {day}", date(2024, 1, day), user_id="late") for day in (1, 8, 31)]
    orders += [order("once", JAN_9, user_id="once"), order("once more", JAN_9, "-2.00", user_id="once")]

    found = built(spark, "customers", orders, as_of=date(2024, 1, 30))

    # even: 1, 1, 2, 10; late: 31 January is not known yet
    columns = ("order_day_count", "median_days_between_orders", "first_day_net_amount")
    assert values(found, "user_id", *columns) == [
        ("even", 5, 1.5, Decimal("10.00")),
        ("late", 2, 7.0, Decimal("10.00")),
        ("odd", 4, 1.0, Decimal("10.00")),
        ("once", 1, None, Decimal("8.00")),
    ]


def test_a_customer_without_a_cutoff_has_all_orders(spark: SparkSession) -> None:
    found = built(spark, "customers", [order("1", JAN_1), order("2", JAN_9)], as_of=JAN_9)

    assert values(found, "order_count", "last_order_date") == [(2, JAN_9)]


@pytest.mark.parametrize(
    ("discount", "depth", "discounted"),
    [("0.00", "0", 0), ("10.00", "0-10", 1), ("10.01", "10-20", 1), ("50.00", "30-50", 1), ("50.01", "50+", 1)],
)
def test_a_customers_orders_are_counted_by_discount_depth(
    spark: SparkSession, discount: str, depth: str, discounted: int
) -> None:
    orders = [order("1", JAN_1, str(Decimal("100.00") - Decimal(discount)), discount=discount)]

    found = built(spark, "customers", orders, as_of=JAN_1)

    expected = tuple(int(name == depth) for name in ORDER_COUNTS)
    assert values(found, *ORDER_COUNTS.values(), "discounted_order_count") == [(*expected, discounted)]


def test_a_favourite_may_have_cost_more_in_refunds_than_it_brought(spark: SparkSession) -> None:
    orders = [order("1", JAN_1, "-1.00", restaurant_id="north"), order("2", JAN_1, "-2.00", restaurant_id="harbour")]
    lines = [line("1", "-1.00", item_category="Pizza"), line("2", "-2.00", item_category="Drinks")]

    found = built(spark, "customers", orders, lines, as_of=JAN_1)

    assert values(found, "favourite_category", "favourite_restaurant_id") == [("Pizza", "north")]


def test_the_largest_amounts_there_are_make_a_favourite(spark: SparkSession) -> None:
    most, less = "9999999999999999.99", "9999999999999999.98"
    orders = [order("1", JAN_1, most, restaurant_id="r2"), order("2", JAN_1, less, restaurant_id="r1", currency="CAD")]
    lines = [
        line("1", less, item_category="Drinks", item_price=None),
        line("2", "-" + most, item_category="Drinks", item_price=None, currency="CAD"),
        line("2", "1.00", lineitem_id="2", item_category="Été", currency="CAD"),
    ]

    found = built(spark, "customers", orders, lines, as_of=JAN_1)

    assert values(found, "currency", "favourite_category", "favourite_restaurant_id") == [
        ("CAD", "Été", "r1"),
        ("USD", "Drinks", "r2"),
    ]
