from datetime import date
from decimal import Decimal

import pytest
from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import line, order

from medallion.products.restaurant.rules import RestaurantRules

DAY, NEXT_DAY = date(2024, 1, 1), date(2024, 1, 2)


@pytest.mark.parametrize(
    ("gross", "discount", "bucket"),
    [
        ("100.00", "0.00", "0"),
        ("100.00", "0.01", "0-10"),
        ("100.00", "10.00", "0-10"),
        ("100.00", "10.01", "10-20"),
        ("0.30", "0.06", "10-20"),
        ("100.00", "30.00", "20-30"),
        ("100.00", "50.00", "30-50"),
        ("100.00", "50.01", "50+"),
        ("100.00", "120.00", "50+"),
        ("0.00", "5.00", "0"),
    ],
)
def test_buckets_include_their_upper_bound(spark: SparkSession, gross: str, discount: str, bucket: str) -> None:
    net = Decimal(gross) - Decimal(discount)
    orders = [order("1", DAY, str(net), discount=discount)]

    found = built(spark, "pricing_by_discount_depth", orders, as_of=DAY)

    assert values(found, "bucket", "gross_amount") == [(bucket, Decimal(gross))]


def test_orders_of_a_bucket_are_summed_per_currency(spark: SparkSession) -> None:
    orders = [
        order("1", DAY, "95.00", discount="5.00"),
        order("2", DAY, "45.00", discount="5.00", user_id=None),
        order("3", DAY, "95.00", discount="5.00", currency="CAD"),
        order("4", NEXT_DAY, "95.00", discount="5.00"),
    ]

    found = built(spark, "pricing_by_discount_depth", orders, as_of=DAY)

    assert values(
        found, "currency", "order_count", "customer_count", "discount_amount", "net_amount", "average_order_value"
    ) == [
        ("CAD", 1, 1, Decimal("5.00"), Decimal("95.00"), 95.0),
        ("USD", 2, 1, Decimal("10.00"), Decimal("140.00"), 70.0),
    ]


def test_an_items_prices_are_those_of_its_lines(spark: SparkSession) -> None:
    orders = [order("1", DAY), order("2", DAY), order("3", NEXT_DAY)]
    lines = [
        line("1", "3.00"),
        line("1", "4.00", lineitem_id="2", item_quantity=5),
        line("2", "8.00"),
        line("2", "1.00", lineitem_id="2", item_name=None),
        line("3", "99.00"),
    ]

    found = built(spark, "pricing_by_item", orders, lines, as_of=DAY, rules=RestaurantRules())

    # (3 + 4 + 8) / 3 lines = 5
    assert values(
        found,
        "item_name",
        "order_count",
        "item_quantity",
        "average_unit_price",
        "lowest_unit_price",
        "highest_unit_price",
        "net_amount",
    ) == [
        ("(unknown)", 1, 1, 1.0, Decimal("1.00"), Decimal("1.00"), Decimal("1.00")),
        ("Margherita", 2, 7, 5.0, Decimal("3.00"), Decimal("8.00"), Decimal("15.00")),
    ]


def test_a_line_total_is_divided_by_its_quantity(spark: SparkSession) -> None:
    rules = RestaurantRules(item_price_semantics="line_total")
    orders = [order("1", DAY)]
    lines = [
        line("1", "21.40", item_quantity=8),
        line("1", "7.25", lineitem_id="2"),
        line("1", "9.00", lineitem_id="3", item_quantity=0),
    ]

    found = built(spark, "pricing_by_item", orders, lines, as_of=DAY, rules=rules)

    # 21.40 / 8 = 2.675, shown as 2.68; (2.675 + 7.25) / 2 = 4.9625; a quantity of 0 has no unit price
    assert values(found, "average_unit_price", "lowest_unit_price", "highest_unit_price") == [
        (4.9625, Decimal("2.68"), Decimal("7.25"))
    ]
