from decimal import Decimal

import pytest
from pyspark.sql import SparkSession
from rows import Row, items_of, values

from medallion.products.restaurant.probes import price_semantics
from medallion.products.restaurant.rules import RestaurantRules

UNIT, LINE_TOTAL = RestaurantRules(), RestaurantRules(item_price_semantics="line_total")


def sold(count: int, quantity: int, price: str, item_name: str = "Club Sandwich") -> list[Row]:
    return [
        {
            "order_id": f"{item_name} {quantity} {price} {n}",
            "lineitem_id": "1",
            "item_name": item_name,
            "currency": "USD",
            "item_price": Decimal(price),
            "item_quantity": quantity,
        }
        for n in range(count)
    ]


def test_prices_that_grow_with_the_quantity_look_like_line_totals(spark: SparkSession) -> None:
    items = items_of(spark, *sold(5, 1, "7.25"), *sold(30, 3, "21.75"), *sold(10, 2, "7.25"))

    found = price_semantics(items, rules=UNIT)

    # 30 of 40 lines at several quantities cost the quantity times the single price
    assert values(found, "failed_count", "detail") == [
        (
            30,
            "of 40 lines at several quantities 75 % scale with quantity: item_price looks like a line total; "
            "set item_price_semantics=line_total",
        )
    ]


def test_prices_that_stay_look_like_unit_prices(spark: SparkSession) -> None:
    items = items_of(spark, *sold(5, 1, "7.25"), *sold(1500, 3, "7.50"))

    found = price_semantics(items, rules=LINE_TOTAL)

    assert values(found, "failed_count", "detail") == [
        (
            1500,
            "of 1,500 lines at several quantities 0 % scale with quantity: item_price looks like a unit price; "
            "set item_price_semantics=unit",
        )
    ]


@pytest.mark.parametrize(("rules", "price"), [(UNIT, "7.25"), (LINE_TOTAL, "14.50")])
def test_a_rule_that_fits_the_data_fails_no_line(spark: SparkSession, rules: RestaurantRules, price: str) -> None:
    items = items_of(spark, *sold(5, 1, "7.25"), *sold(40, 2, price))

    found = price_semantics(items, rules=rules)

    assert values(found, "failed_count") == [(0,)]


def test_a_few_odd_prices_do_not_turn_the_vote(spark: SparkSession) -> None:
    items = items_of(spark, *sold(5, 1, "7.25"), *sold(2, 1, "4000.00"), *sold(40, 2, "14.50"), *sold(3, 2, "0.00"))

    found = price_semantics(items, rules=LINE_TOTAL)

    assert values(found, "failed_count") == [(0,)]


def test_few_lines_do_not_tell(spark: SparkSession) -> None:
    items = items_of(spark, *sold(5, 1, "7.25"), *sold(29, 2, "14.50"), *sold(50, 2, "9.00", "Never sold singly"))

    found = price_semantics(items, rules=UNIT)

    assert values(found, "failed_count", "detail") == [(0, "too few lines at several quantities to tell: 29")]
