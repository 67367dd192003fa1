from datetime import date, timedelta
from decimal import Decimal

from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import order

AS_OF = date(2024, 6, 30)


def test_a_location_is_measured_by_its_orders(spark: SparkSession) -> None:
    day_before = AS_OF - timedelta(days=1)
    orders = [
        order("1", day_before, "10.00", is_loyalty=True, item_quantity=2),
        order("2", day_before, "20.00"),
        order("3", AS_OF, "30.00", user_id=None),
        order("4", AS_OF, "20.00", restaurant_id=None),
        order("5", AS_OF + timedelta(days=1), "500.00"),
    ]

    found = built(spark, "location_performance", orders, as_of=AS_OF)

    # r1: 60 of 80 in all; 60 / 3 orders; 3 orders on 2 days; 1 loyal of 3; the guest is no customer
    assert values(
        found,
        "restaurant_id",
        "first_order_date",
        "last_order_date",
        "order_count",
        "customer_count",
        "item_quantity",
        "net_amount",
        "net_amount_share",
        "average_order_value",
        "trading_days",
        "orders_per_trading_day",
        "loyalty_order_rate",
    ) == [
        ("r1", day_before, AS_OF, 3, 1, 4, Decimal("60.00"), 0.75, 20.0, 2, 1.5, 1 / 3),
        (None, AS_OF, AS_OF, 1, 1, 1, Decimal("20.00"), 0.25, 20.0, 1, 1.0, 0.0),
    ]


def test_locations_are_ranked_within_their_currency_and_ties_share(spark: SparkSession) -> None:
    orders = [
        order("1", AS_OF, "10.00", restaurant_id="a"),
        order("2", AS_OF, "10.00", restaurant_id="a"),
        order("3", AS_OF, "20.00", restaurant_id="b"),
        order("4", AS_OF, "5.00", restaurant_id="c"),
        order("5", AS_OF, "1.00", restaurant_id="c", currency="CAD"),
    ]

    found = built(spark, "location_performance", orders, as_of=AS_OF)

    # a and b have 20.00 each; a has two orders; b's average is 20, a's 10, c's 5
    ranks = ("revenue_rank", "order_rank", "average_order_value_rank")
    assert values(found, "currency", "restaurant_id", *ranks) == [
        ("CAD", "c", 1, 1, 1),
        ("USD", "a", 1, 1, 2),
        ("USD", "b", 1, 2, 1),
        ("USD", "c", 3, 2, 3),
    ]


def test_growth_holds_28_days_against_the_28_before(spark: SparkSession) -> None:
    orders = [
        order("1", AS_OF - timedelta(days=27), "30.00"),
        order("2", AS_OF - timedelta(days=28), "15.00"),
        order("3", AS_OF - timedelta(days=55), "5.00"),
        order("4", AS_OF - timedelta(days=56), "99.00"),
        order("5", AS_OF, "7.00", restaurant_id="new"),
    ]

    found = built(spark, "location_performance", orders, as_of=AS_OF)

    # (30 − 20) / 20 = 50 %; a new location has nothing to grow from
    assert values(found, "restaurant_id", "net_amount_last_28d", "net_amount_prior_28d", "growth_28d_pct") == [
        ("new", Decimal("7.00"), Decimal("0.00"), None),
        ("r1", Decimal("30.00"), Decimal("20.00"), 50.0),
    ]
