from datetime import date, timedelta
from decimal import Decimal

import pytest
from frames import frame, values
from marts import built
from pyspark.sql import SparkSession
from rows import order

from medallion.products.restaurant.gold import churn_indicators, customer_lifetime_value
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver import customer_days, customers

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


@pytest.mark.parametrize(
    ("gap", "silent_days", "gap_ratio", "status"),
    [
        (10, 20, 2.0, "active"),  # not more than twice the own gap
        (10, 21, 2.1, "overdue"),
        (10, 40, 4.0, "overdue"),
        (10, 45, 4.5, "overdue"),  # nobody is lost before 45 days
        (10, 46, 4.6, "lost"),
        (2, 14, 7.0, "active"),  # nobody is overdue within two weeks
        (2, 15, 7.5, "overdue"),
        (100, 399, 3.99, "overdue"),  # a slow rhythm leaves more time
    ],
)
def test_a_customer_is_held_against_the_own_rhythm(
    spark: SparkSession, gap: int, silent_days: int, gap_ratio: float, status: str
) -> None:
    last = AS_OF - timedelta(days=silent_days)
    orders = [order("1", last - timedelta(days=gap)), order("2", last)]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF)

    assert values(found, "median_days_between_orders", "gap_ratio", "rhythm_status") == [
        (float(gap), pytest.approx(gap_ratio), status)
    ]


def test_a_customer_of_one_day_has_no_rhythm(spark: SparkSession) -> None:
    orders = [order("1", date(2023, 1, 1)), order("2", date(2023, 1, 1))]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF)

    columns = ("average_days_between_orders", "median_days_between_orders", "gap_ratio", "rhythm_status")
    assert values(found, *columns) == [(None, None, None, "one day")]


def test_who_spent_nothing_lately_is_there_with_nothing(spark: SparkSession) -> None:
    orders = [order("1", date(2020, 1, 1), "50.00")]

    found = built(spark, "churn_indicators", orders, as_of=AS_OF)

    spans = ("spend_last_90d", "spend_prior_90d", "current_year_amount", "previous_year_amount")
    assert values(found, *spans) == [(Decimal("0.00"),) * 4]


@pytest.mark.parametrize(
    ("p_alive", "predicted", "at_risk"),
    [
        (0.8, 100.0, 25.0),  # worth 125.00 had Anna certainly not stopped
        (1.0, 100.0, 0.0),
        (0.01, 1.0, 99.0),
        (0.009, 1.0, None),
        (0.0, 0.0, None),
        (0.8, None, None),
        (None, None, None),
    ],
)
def test_the_value_at_risk_is_what_certainty_would_add(
    spark: SparkSession, p_alive: float | None, predicted: float | None, at_risk: float | None
) -> None:
    anna = {"user_id": "anna", "currency": "USD"}
    days = {"first_order_date": AS_OF, "last_order_date": AS_OF, "order_day_count": 1}
    found = churn_indicators.build(
        frame(spark, customers.TABLE, [anna | days]),
        frame(spark, customer_days.TABLE, ()),
        frame(spark, customer_lifetime_value.TABLE, [anna | {"p_alive": p_alive, "predicted_clv_365d": predicted}]),
        as_of=AS_OF,
        rules=RestaurantRules(),
    )

    assert values(found, "p_alive", "value_at_risk") == [(p_alive, at_risk)]


def test_without_a_model_nothing_is_said_about_the_value_at_risk(spark: SparkSession) -> None:
    found = built(spark, "churn_indicators", [order("1", AS_OF)], as_of=AS_OF)

    assert values(found, "p_alive", "value_at_risk") == [(None, None)]
