from datetime import date
from decimal import Decimal

from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import order

from medallion.products.restaurant.rules import RestaurantRules, ValueTiers

JAN_1, JAN_5, JAN_31 = date(2024, 1, 1), date(2024, 1, 5), date(2024, 1, 31)


def test_a_customers_orders_are_summed_per_currency(spark: SparkSession) -> None:
    orders = [
        order("1", JAN_1, "8.00", discount="2.00", item_quantity=3),
        order("2", JAN_5, "-1.50", refund="1.50"),
        order("3", JAN_5, "100.00", currency="CAD"),
    ]

    marts = built(spark, "customer_lifetime_value", orders, as_of=JAN_31)

    # USD: items 10.00 − 1.50 = 8.50, options −2.00, together 6.50; 6.50 / 2 orders = 3.25; 31 − 1 = 30 days
    assert values(
        marts,
        "currency",
        "first_order_date",
        "last_order_date",
        "order_count",
        "item_quantity",
        "total_items_value",
        "total_options_value",
        "customer_lifetime_value",
        "average_order_value",
        "tenure_days",
    ) == [
        ("CAD", JAN_5, JAN_5, 1, 1, Decimal("100.00"), Decimal("0.00"), Decimal("100.00"), 100.0, 26),
        ("USD", JAN_1, JAN_5, 2, 4, Decimal("8.50"), Decimal("-2.00"), Decimal("6.50"), 3.25, 30),
    ]


def test_orders_after_as_of_and_orders_of_guests_do_not_count(spark: SparkSession) -> None:
    orders = [
        order("1", JAN_1, "5.00"),
        order("2", JAN_31, "7.00"),
        order("3", JAN_1, "9.00", user_id=None),
    ]

    marts = built(spark, "customer_lifetime_value", orders, as_of=JAN_5)

    assert values(marts, "user_id", "as_of", "order_count", "customer_lifetime_value") == [
        ("anna", JAN_5, 1, Decimal("5.00"))
    ]


def test_ties_share_a_rank_and_the_revenue_share_of_all_who_tie(spark: SparkSession) -> None:
    orders = [
        order("1", JAN_1, "50.00", user_id="ann"),
        order("2", JAN_1, "20.00", user_id="bob"),
        order("3", JAN_1, "20.00", user_id="cid"),
        order("4", JAN_1, "10.00", user_id="dan"),
    ]

    marts = built(spark, "customer_lifetime_value", orders, as_of=JAN_1)

    # 50 / 100, then (50 + 20 + 20) / 100 for both, then all
    assert values(marts, "user_id", "revenue_rank", "cumulative_revenue_share") == [
        ("ann", 1, 0.5),
        ("bob", 2, 0.9),
        ("cid", 2, 0.9),
        ("dan", 4, 1.0),
    ]


def test_tiers_are_the_top_20_middle_60_and_bottom_20_percent(spark: SparkSession) -> None:
    orders = [order(str(n), JAN_1, f"{100 - n}.00", user_id=f"u{n}") for n in range(1, 6)]

    marts = built(spark, "customer_lifetime_value", orders, as_of=JAN_1)

    # Five customers: rank 1 / 5 = 0.20 is still High, rank 4 / 5 = 0.80 still Medium
    assert values(marts, "user_id", "value_tier") == [
        ("u1", "High"),
        ("u2", "Medium"),
        ("u3", "Medium"),
        ("u4", "Medium"),
        ("u5", "Low"),
    ]


def test_tiers_follow_their_rule_to_the_exact_share(spark: SparkSession) -> None:
    rules = RestaurantRules(value_tiers=ValueTiers(high=0.0, low=0.9))
    orders = [order(str(n), JAN_1, f"{100 - n}.00", user_id=f"u{n:02}") for n in range(1, 11)]

    marts = built(spark, "customer_lifetime_value", orders, as_of=JAN_1, rules=rules)

    # Ten customers: rank 1 / 10 is not above 1 − 0.9
    assert [tier for _, tier in values(marts, "user_id", "value_tier")] == ["Medium", *["Low"] * 9]


def test_without_revenue_there_is_no_revenue_share(spark: SparkSession) -> None:
    orders = [order("1", JAN_1, "0.00")]

    marts = built(spark, "customer_lifetime_value", orders, as_of=JAN_1)

    assert values(marts, "cumulative_revenue_share") == [(None,)]
