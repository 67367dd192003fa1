import math
from datetime import date, timedelta

import pytest
from frames import Row, values
from marts import built
from pyspark.sql import SparkSession
from rows import order

from medallion.products.restaurant.rules import RestaurantRules

START = date(2024, 1, 1)
RULES = RestaurantRules(churn_after_days=10)
CURVE = ("days_since_first_order", "at_risk_count", "churned_count", "survival_rate")


def orders_of(**days: tuple[int, ...]) -> list[Row]:
    """Orders of customers, by the number of days after 1 January."""
    return [
        order(f"{name}{day}", START + timedelta(days=day), user_id=name)
        for name, numbers in days.items()
        for day in numbers
    ]


def test_the_curve_falls_on_each_day_on_which_customers_churn(spark: SparkSession) -> None:
    orders = orders_of(anna=(0,), bob=(0, 9), cid=(0, 10, 20, 30), dora=(2,), ed=(22,))

    found = built(spark, "customer_survival", orders, as_of=START + timedelta(days=31), rules=RULES)

    # Silent for more than 10 days: Anna and Dora from their day 11 on, Bob from day 9 + 11; Ed is 9 days old, Cid 31
    assert values(found, *CURVE) == [
        (0, 5, 0, 1.0),
        (11, 4, 2, pytest.approx(1 / 2)),
        (20, 2, 1, pytest.approx(1 / 2 * 1 / 2)),
    ]


@pytest.mark.parametrize(("later", "churned"), [(10, False), (11, True)])
def test_a_gap_of_more_than_the_rules_days_is_churn_even_if_orders_follow(
    spark: SparkSession, later: int, churned: bool
) -> None:
    found = built(
        spark, "customer_survival", orders_of(anna=(0, later)), as_of=START + timedelta(days=later), rules=RULES
    )

    assert values(found, *CURVE) == [(0, 1, 0, 1.0), *([(11, 1, 1, 0.0)] if churned else [])]


def test_orders_after_as_of_are_not_known(spark: SparkSession) -> None:
    found = built(spark, "customer_survival", orders_of(anna=(0, 8, 50)), as_of=START + timedelta(days=18), rules=RULES)

    assert values(found, *CURVE) == [(0, 1, 0, 1.0)]


def test_cohorts_and_currencies_have_curves_of_their_own(spark: SparkSession) -> None:
    orders = [*orders_of(anna=(0,), bob=(40,)), order("x", START, currency="CAD")]

    found = built(spark, "customer_survival", orders, as_of=START + timedelta(days=40), rules=RULES)

    assert values(found, "cohort_month", "currency", *CURVE[:2]) == [
        (START, "CAD", 0, 1),
        (START, "CAD", 11, 1),
        (START, "USD", 0, 1),
        (START, "USD", 11, 1),
        (date(2024, 2, 1), "USD", 0, 1),
    ]


def test_the_interval_is_greenwoods_on_the_log_log_scale(spark: SparkSession) -> None:
    orders = orders_of(anna=(0,), bob=(0, 5, 12), cid=(0, 10), dora=(0, 8, 15))

    found = built(spark, "customer_survival", orders, as_of=START + timedelta(days=18), rules=RULES)

    # 1 of 4 churns: variance of log S is 1 / (4 × 3), of log(−log S) that / log(3/4)²
    width = 1.959963984540054 * math.sqrt(1 / 12) / abs(math.log(3 / 4))
    assert values(found, "days_since_first_order", "survival_rate_low", "survival_rate_high") == [
        (0, None, None),
        (11, pytest.approx(0.75 ** math.exp(width)), pytest.approx(0.75 ** math.exp(-width))),
    ]


def test_where_all_churned_the_rate_is_0_without_an_interval(spark: SparkSession) -> None:
    found = built(spark, "customer_survival", orders_of(anna=(0,)), as_of=START + timedelta(days=30), rules=RULES)

    assert values(found.where("churned_count > 0"), "survival_rate", "survival_rate_low") == [(0.0, None)]
