from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from frames import Row, frame, values
from pyspark.sql import DataFrame, SparkSession
from rows import items_of

from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver import conflicting_orders, order_item_options, order_lines

AMOUNTS = ("item_amount", "option_amount", "gross_amount", "discount_amount", "refund_amount", "net_amount")


def item(price: str = "10.00", quantity: int = 1, **given: object) -> Row:
    return {
        "order_id": "o1",
        "lineitem_id": "l1",
        "creation_time_utc": datetime(2024, 5, 1, 12, tzinfo=UTC),
        "user_id": "anna",
        "restaurant_id": "r1",
        "app_name": "app",
        "currency": "USD",
        "item_price": Decimal(price),
        "item_quantity": quantity,
        **given,
    }


def choice(price: str, quantity: int = 1, *, lineitem_id: str = "l1", occurrence: int = 1) -> Row:
    return {
        "order_id": "o1",
        "lineitem_id": lineitem_id,
        "option_group_name": "Extras",
        "option_name": price,
        "occurrence": occurrence,
        "option_price": Decimal(price),
        "option_quantity": quantity,
    }


def built(spark: SparkSession, items: list[Row], choices: list[Row], **rules: object) -> DataFrame:
    lines = items_of(spark, *items)
    options = frame(spark, order_item_options.TABLE, choices)
    chosen = RestaurantRules(**rules)
    return order_lines.build(lines, options, conflicting_orders.build(lines, rules=chosen), rules=chosen)


def amounts(df: DataFrame) -> list[tuple[str, ...]]:
    return [tuple(str(value) for value in row) for row in values(df, *AMOUNTS)]


def test_a_unit_price_counts_once_a_unit(spark: SparkSession) -> None:
    found = built(spark, [item("7.25", 3)], [])

    assert values(found, "item_amount") == [(Decimal("21.75"),)]


def test_a_line_total_counts_once_a_line(spark: SparkSession) -> None:
    found = built(spark, [item("21.75", 3)], [], item_price_semantics="line_total")

    assert values(found, "item_amount") == [(Decimal("21.75"),)]


def test_options_count_once_a_line_by_their_own_quantity(spark: SparkSession) -> None:
    found = built(spark, [item("10.00", 3)], [choice("1.50", 2)])

    # 3 × 10.00, 2 × 1.50
    assert values(found, "item_amount", "option_amount") == [(Decimal("30.00"), Decimal("3.00"))]


def test_options_may_count_for_each_unit_of_the_line(spark: SparkSession) -> None:
    found = built(spark, [item("10.00", 3)], [choice("1.50", 2), choice("-1.00")], option_price_applies="per_unit")

    # 3 × (2 × 1.50 − 1.00) = 6.00, of which the discount is 3 × 1.00
    assert values(found, "option_amount", "discount_amount") == [(Decimal("6.00"), Decimal("3.00"))]


def test_options_for_each_unit_do_not_depend_on_what_the_price_means(spark: SparkSession) -> None:
    found = built(
        spark, [item("30.00", 3)], [choice("1.50")], item_price_semantics="line_total", option_price_applies="per_unit"
    )  # fmt: skip

    assert values(found, "net_amount") == [(Decimal("34.50"),)]


def test_a_line_without_options_has_an_option_amount_of_zero(spark: SparkSession) -> None:
    found = built(spark, [item("10.00")], [choice("5.00", lineitem_id="other")])

    assert amounts(found) == [("10.00", "0.00", "10.00", "0.00", "0.00", "10.00")]


def test_an_option_chosen_twice_counts_twice(spark: SparkSession) -> None:
    found = built(spark, [item()], [choice("1.25"), choice("1.25", occurrence=2)])

    assert values(found, "option_amount") == [(Decimal("2.50"),)]


def test_a_negative_option_is_a_discount(spark: SparkSession) -> None:
    found = built(spark, [item("10.00")], [choice("2.00"), choice("-3.00")])

    # gross 10 + 2, less the discount of 3
    assert amounts(found) == [("10.00", "-1.00", "12.00", "3.00", "0.00", "9.00")]


def test_a_negative_price_is_a_refund(spark: SparkSession) -> None:
    found = built(spark, [item("-10.00", 2)], [choice("1.00")])

    assert amounts(found) == [("-20.00", "1.00", "1.00", "0.00", "20.00", "-19.00")]


def test_a_refund_of_a_discounted_line_has_both(spark: SparkSession) -> None:
    found = built(spark, [item("-10.00")], [choice("-3.00"), choice("2.00")])

    # net = −10 − 3 + 2; gross is what was positive
    assert amounts(found) == [("-10.00", "-1.00", "2.00", "3.00", "10.00", "-11.00")]


def test_a_negative_quantity_refunds_a_unit_price(spark: SparkSession) -> None:
    found = built(spark, [item("10.00", -1)], [choice("1.00"), choice("-2.00")], option_price_applies="per_unit")

    # the options of a line taken back change their signs: +1.00 becomes a discount, −2.00 is given back
    assert amounts(found) == [("-10.00", "1.00", "2.00", "1.00", "10.00", "-9.00")]


@pytest.mark.parametrize("semantics", ["unit", "line_total"])
@pytest.mark.parametrize("applies", ["per_line", "per_unit"])
def test_net_is_items_and_options_and_gross_less_discount_and_refund(
    spark: SparkSession, semantics: str, applies: str
) -> None:
    items = [
        item("0.10", 3, lineitem_id="l1"),
        item("-0.30", 2, lineitem_id="l2"),
        item("999999.99", 500, lineitem_id="l3"),
        item("5.55", -4, lineitem_id="l4"),
        item("0.00", 0, lineitem_id="l5"),
    ]
    choices = [
        choice(price, 2, lineitem_id=f"l{line}") for line in range(1, 6) for price in ("0.15", "-0.20", "-999999.99")
    ]

    found = built(spark, items, choices, item_price_semantics=semantics, option_price_applies=applies)

    for item_amount, option_amount, gross, discount, refund, net in values(found, *AMOUNTS):
        assert net == item_amount + option_amount == gross - discount - refund
        assert min(gross, discount, refund) >= 0


def test_the_lines_of_an_order_are_under_the_user_that_its_first_line_names(spark: SparkSession) -> None:
    later = datetime(2024, 5, 1, 13, tzinfo=UTC)

    found = built(
        spark,
        [
            item(lineitem_id="l1", user_id="bob", creation_time_utc=later),
            item(lineitem_id="l2", user_id=None),
            item(lineitem_id="l3", user_id="anna"),
        ],
        [],
    )

    assert values(found, "lineitem_id", "user_id") == [("l1", "anna"), ("l2", "anna"), ("l3", "anna")]


def test_every_accepted_line_is_there_once_however_many_options_it_has(spark: SparkSession) -> None:
    found = built(
        spark, [item(lineitem_id="l1"), item(lineitem_id="l2")], [choice("1.00"), choice("2.00"), choice("3.00")]
    )

    assert values(found, "lineitem_id", "option_amount") == [("l1", Decimal("6.00")), ("l2", Decimal("0.00"))]


def test_all_lines_are_of_the_day_of_their_orders_first_line(spark: SparkSession) -> None:
    before_midnight, after = datetime(2024, 5, 1, 23, 59, tzinfo=UTC), datetime(2024, 5, 2, 0, 1, tzinfo=UTC)
    items = [
        item(lineitem_id="l1", creation_time_utc=after),
        item(lineitem_id="l2", creation_time_utc=before_midnight),
        item(order_id="o2", creation_time_utc=after),
    ]

    found = built(spark, items, [])

    assert values(found, "order_id", "lineitem_id", "order_date", "has_conflicting_lines") == [
        ("o1", "l1", date(2024, 5, 1), False),
        ("o1", "l2", date(2024, 5, 1), False),
        ("o2", "l1", date(2024, 5, 2), False),
    ]
