from datetime import date, timedelta
from decimal import Decimal

import pytest
from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import order

from medallion.products.restaurant.rules import RestaurantRules

AS_OF = date(2024, 6, 30)


@pytest.mark.parametrize(("silent_days", "status"), [(45, "active"), (46, "at risk")])
def test_a_customer_is_at_risk_after_more_than_45_silent_days(
    spark: SparkSession, silent_days: int, status: str
) -> None:
    orders = [order("1", AS_OF - timedelta(days=silent_days))]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF)

    assert values(found, "days_since_last_order", "churn_status") == [(silent_days, status)]


def test_the_number_of_silent_days_is_a_rule(spark: SparkSession) -> None:
    orders = [order("1", AS_OF - timedelta(days=10))]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF, rules=RestaurantRules(churn_after_days=9))

    assert values(found, "churn_status") == [("at risk",)]


def test_the_gap_between_orders_is_between_distinct_days(spark: SparkSession) -> None:
    orders = [
        order("1", date(2024, 6, 1)),
        order("2", date(2024, 6, 1)),
        order("3", date(2024, 6, 8)),
        order("4", date(2024, 6, 21)),
        order("5", date(2024, 6, 8), user_id="bob"),
    ]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF)

    # Anna: 20 days from the first to the last of 3 days, 20 / 2; Bob came on one day only
    assert values(found, "user_id", "order_day_count", "average_days_between_orders") == [
        ("anna", 3, 10.0),
        ("bob", 1, None),
    ]


def test_spending_of_90_days_is_held_against_the_90_before(spark: SparkSession) -> None:
    orders = [
        order("1", AS_OF, "10.00"),
        order("2", AS_OF - timedelta(days=89), "20.00"),
        order("3", AS_OF - timedelta(days=90), "15.00"),
        order("4", AS_OF - timedelta(days=179), "5.00"),
        order("5", AS_OF - timedelta(days=180), "70.00"),
    ]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF)

    # 10 + 20 against 15 + 5: (30 − 20) / 20 = 50 %
    assert values(found, "spend_last_90d", "spend_prior_90d", "spend_change_pct") == [
        (Decimal("30.00"), Decimal("20.00"), 50.0)
    ]


def test_this_year_is_held_against_the_same_days_of_the_last(spark: SparkSession) -> None:
    orders = [
        order("1", date(2024, 1, 1), "30.00"),
        order("2", date(2023, 12, 31), "1000.00"),
        order("3", date(2023, 7, 1), "1000.00"),
        order("4", date(2023, 6, 30), "25.00"),
        order("5", date(2023, 1, 1), "15.00"),
        order("6", date(2022, 12, 31), "1000.00"),
    ]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF)

    # 30 against 25 + 15: (30 − 40) / 40 = −25 %
    assert values(found, "current_year_amount", "previous_year_amount", "yoy_percentage_change") == [
        (Decimal("30.00"), Decimal("40.00"), -25.0)
    ]


def test_as_of_29_february_last_year_ends_on_28_february(spark: SparkSession) -> None:
    orders = [order("1", date(2023, 2, 28), "2.00"), order("2", date(2023, 3, 1), "100.00")]

    found = built(spark, "churn_indicators", orders, as_of=date(2024, 2, 29))

    assert values(found, "previous_year_amount", "yoy_percentage_change") == [(Decimal("2.00"), -100.0)]


def test_a_change_from_nothing_has_no_percentage(spark: SparkSession) -> None:
    orders = [order("1", AS_OF)]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF)

    assert values(found, "spend_change_pct", "yoy_percentage_change") == [(None, None)]
