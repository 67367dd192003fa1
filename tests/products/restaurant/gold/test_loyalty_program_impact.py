from datetime import date
from decimal import Decimal

from frames import Row, values
from marts import built
from pyspark.sql import DataFrame, SparkSession
from rows import order

DAY, NEXT_DAY = date(2024, 1, 1), date(2024, 1, 2)


def impact(spark: SparkSession, *orders: Row) -> DataFrame:
    return built(spark, "loyalty_program_impact", orders, as_of=DAY)


def test_members_others_and_guests_share_all_orders(spark: SparkSession) -> None:
    found = impact(
        spark,
        order("1", DAY, "30.00", user_id="ann", is_loyalty=True),
        order("2", DAY, "20.00", user_id="ann"),
        order("3", DAY, "10.00", user_id="bob", is_loyalty=True),
        order("4", DAY, "20.00", user_id="cid"),
        order("5", DAY, "20.00", user_id=None, is_loyalty=True),
        order("6", NEXT_DAY, "99.00", user_id="cid"),
    )

    # All: 5 orders, 100.00. Members Ann and Bob: 3 orders, 60.00; one of the two ordered twice.
    assert values(
        found,
        "member_status",
        "customer_count",
        "order_count",
        "net_amount",
        "order_share",
        "net_amount_share",
        "average_order_value",
        "orders_per_customer",
        "repeat_customer_rate",
        "average_customer_lifetime_value",
    ) == [
        ("guest", None, 1, Decimal("20.00"), 0.2, 0.2, 20.0, None, None, None),
        ("member", 2, 3, Decimal("60.00"), 0.6, 0.6, 20.0, 1.5, 0.5, 30.0),
        ("non_member", 1, 1, Decimal("20.00"), 0.2, 0.2, 20.0, 1.0, 0.0, 20.0),
    ]


def test_a_status_without_orders_has_no_row(spark: SparkSession) -> None:
    found = impact(spark, order("1", DAY), order("2", DAY, user_id=None, currency="CAD"))

    assert values(found, "currency", "member_status") == [("CAD", "guest"), ("USD", "non_member")]
