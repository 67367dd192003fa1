from decimal import Decimal

import pytest
from frames import Row, frame, values
from pyspark.sql import DataFrame, SparkSession
from rows import items_of

from medallion.products.restaurant.probes import category_repairs, price_semantics
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.sources import ORDER_ITEMS

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


ALIASES = RestaurantRules(category_aliases={"piza": "Pizza", "Drink": "Drinks"})


def spelled(spark: SparkSession, *categories: str | None) -> DataFrame:
    """Delivered lines with these categories."""
    lineage = {"_source_file": "order_items.csv", "_batch_id": "00000001"}
    rows = [{"item_category": text, "_row_number": n, **lineage} for n, text in enumerate(categories, 1)]
    return frame(spark, ORDER_ITEMS.bronze, rows)


def test_lines_whose_category_is_spelled_as_an_alias_are_counted(spark: SparkSession) -> None:
    delivered = spelled(spark, "Piza", " PIZA ", "Piza", "Pizza", "drink", "Drinks", "Salad", " ", None)

    found = category_repairs(delivered, rules=ALIASES)

    assert values(found, "failed_count", "detail") == [
        (
            4,
            "rule category_aliases repairs 4 lines: 'Piza' for 'Pizza' (2), 'PIZA' for 'Pizza' (1), "
            "'drink' for 'Drinks' (1)",
        )
    ]


def test_only_the_most_frequent_spellings_are_shown(spark: SparkSession) -> None:
    spellings = ["piza", "Piza", "pIza", "piZa", "pizA", "PIza"]

    found = category_repairs(spelled(spark, *spellings, "PIZA", "PIZA"), rules=ALIASES)

    ((count, detail),) = values(found, "failed_count", "detail")
    assert count == 8
    assert detail.startswith("rule category_aliases repairs 8 lines: 'PIZA' for 'Pizza' (2), ")
    assert detail.endswith(" (1), 2 more spellings")


def test_a_category_that_is_right_needs_no_repair(spark: SparkSession) -> None:
    rules = RestaurantRules(category_aliases={"pizza": "Pizza"})

    found = category_repairs(spelled(spark, "Pizza", "Salad"), rules=rules)

    assert values(found, "failed_count", "detail") == [(0, "no line is spelled as an alias")]


def test_without_aliases_no_delivered_line_is_looked_at(spark: SparkSession) -> None:
    unreadable = spelled(spark, "Piza").selectExpr("raise_error('was read') AS item_category")

    found = category_repairs(unreadable, rules=UNIT)

    assert values(found, "failed_count") == [(0,)]
