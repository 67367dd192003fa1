from datetime import date, timedelta
from decimal import Decimal

import pytest
from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import order

AS_OF = date(2024, 6, 30)
LONG_AGO = AS_OF - timedelta(days=90)


def test_discounted_orders_are_held_against_full_price_ones(spark: SparkSession) -> None:
    orders = [
        order("1", AS_OF, "8.00", discount="2.00", item_quantity=3),
        order("2", AS_OF, "7.00", discount="3.00", user_id=None),
        order("3", AS_OF, "20.00"),
        order("4", AS_OF, "10.00", refund="5.00"),
        order("5", AS_OF + timedelta(days=1), "99.00"),
    ]

    found = built(spark, "pricing_discount_effectiveness", orders, as_of=AS_OF)

    # Discounted: gross 10 + 10, discount 2 + 3: 25 %; net 15 / 2. Full price: gross 20 + 15, net 30 / 2.
    assert values(
        found,
        "order_class",
        "order_count",
        "order_share",
        "customer_count",
        "item_quantity",
        "gross_amount",
        "discount_amount",
        "net_amount",
        "discount_rate",
        "average_order_value",
        "average_gross_order_value",
        "items_per_order",
    ) == [
        ("discounted", 2, 0.5, 1, 4, Decimal("20.00"), Decimal("5.00"), Decimal("15.00"), 0.25, 7.5, 10.0, 2.0),
        ("full_price", 2, 0.5, 1, 2, Decimal("35.00"), Decimal("0.00"), Decimal("30.00"), 0.0, 15.0, 17.5, 1.0),
    ]


def test_a_class_without_orders_still_has_its_row(spark: SparkSession) -> None:
    orders = [order("1", AS_OF)]

    found = built(spark, "pricing_discount_effectiveness", orders, as_of=AS_OF)

    assert values(
        found, "order_class", "order_count", "order_share", "net_amount", "discount_rate", "average_order_value"
    ) == [
        ("discounted", 0, 0.0, Decimal("0.00"), None, None),
        ("full_price", 1, 1.0, Decimal("10.00"), 0.0, 10.0),
    ]


@pytest.mark.parametrize(
    ("days_later", "rate"), [(0, 0.0), (1, 1.0), (30, 1.0), (31, 0.0)], ids=["same day", "next day", "30th", "31st"]
)
def test_a_customer_has_come_back_on_a_later_day_within_30(spark: SparkSession, days_later: int, rate: float) -> None:
    orders = [
        order("1", LONG_AGO, discount="1.00"),
        order("2", LONG_AGO + timedelta(days=days_later)),
        order("3", LONG_AGO + timedelta(days=1), user_id="bob"),
    ]

    found = built(spark, "pricing_discount_effectiveness", orders, as_of=AS_OF)

    assert values(found.where("order_class = 'discounted'"), "repeat_30d_rate") == [(rate,)]


def test_orders_of_the_last_30_days_are_too_young_to_judge(spark: SparkSession) -> None:
    orders = [
        order("1", AS_OF - timedelta(days=30)),
        order("2", AS_OF - timedelta(days=29)),
        order("3", AS_OF - timedelta(days=40), user_id=None),
    ]

    found = built(spark, "pricing_discount_effectiveness", orders, as_of=AS_OF)

    # Only order 1 is old enough, and order 2 follows it; guests are nobody to follow
    assert values(found, "order_class", "repeat_30d_rate") == [("discounted", None), ("full_price", 1.0)]


def test_all_orders_of_a_day_are_followed_by_the_same_next_day(spark: SparkSession) -> None:
    next_day = LONG_AGO + timedelta(days=1)
    orders = [
        order("1", LONG_AGO),
        order("2", LONG_AGO),
        order("3", next_day),
        order("4", next_day + timedelta(days=1), currency="CAD"),
    ]

    found = built(spark, "pricing_discount_effectiveness", orders, as_of=AS_OF)

    # Orders 1 and 2 are followed by 3; 3 is followed only by an order in another currency: 2 of 3
    assert values(found.where("order_class = 'full_price'"), "currency", "repeat_30d_rate") == [
        ("CAD", 0.0),
        ("USD", 2 / 3),
    ]
