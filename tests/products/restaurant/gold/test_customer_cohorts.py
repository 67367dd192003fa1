from datetime import date
from decimal import Decimal

from frames import values
from marts import built
from pyspark.sql import DataFrame, SparkSession
from rows import order

JAN, FEB, MAR = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)


def cohorts(spark: SparkSession, as_of: date) -> DataFrame:
    """Anna and Bob come in January, Cid in March; of the first two only Anna returns, in March."""
    orders = [
        order("1", date(2024, 1, 3), "10.00", user_id="anna"),
        order("2", date(2024, 1, 30), "6.00", user_id="bob"),
        order("3", date(2024, 3, 2), "3.00", user_id="anna"),
        order("4", date(2024, 3, 9), "5.00", user_id="anna"),
        order("5", date(2024, 3, 9), "7.00", user_id="cid"),
        order("6", date(2024, 3, 9), "99.00", user_id=None),
    ]
    return built(spark, "customer_cohorts", orders, as_of=as_of)


def test_a_cohort_is_followed_through_every_month_also_those_without_orders(spark: SparkSession) -> None:
    found = cohorts(spark, as_of=date(2024, 3, 15))

    # January: 16 in all / 2 customers = 8, nothing in February, + 3 + 5 in March: 24 / 2 = 12
    assert values(
        found,
        "cohort_month",
        "month_number",
        "customer_count",
        "active_customer_count",
        "retention_rate",
        "net_amount",
        "cumulative_net_amount_per_customer",
    ) == [
        (JAN, 0, 2, 2, 1.0, Decimal("16.00"), 8.0),
        (JAN, 1, 2, 0, 0.0, Decimal("0.00"), 8.0),
        (JAN, 2, 2, 1, 0.5, Decimal("8.00"), 12.0),
        (MAR, 0, 1, 1, 1.0, Decimal("7.00"), 7.0),
    ]


def test_a_month_is_complete_once_its_last_day_has_come(spark: SparkSession) -> None:
    found = cohorts(spark, as_of=date(2024, 2, 29))

    assert values(found, "month_number", "is_complete") == [(0, True), (1, True)]


def test_the_month_of_as_of_is_not_complete_before_its_last_day(spark: SparkSession) -> None:
    found = cohorts(spark, as_of=date(2024, 2, 28))

    assert values(found, "month_number", "is_complete") == [(0, True), (1, False)]
