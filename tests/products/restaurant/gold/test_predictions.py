"""What is expected of customers: the published formulas, computed anew from the parameters of clv_model."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from frames import Row, frame
from pyspark.sql import SparkSession

from medallion.models import BgNbd, MbgNbd
from medallion.products.restaurant.gold import clv_model, customer_lifetime_value
from medallion.products.restaurant.rules import RestaurantRules, ValueTiers
from medallion.products.restaurant.silver import customers

AS_OF = date(2024, 12, 31)
DAYS = {"r": 0.6, "alpha": 20.0, "a": 0.7, "b": 2.0}
SPEND = {"p": 6.0, "q": 4.0, "v": 15.0}
# x, t_x, T, net amount, of it on the first day
CUSTOMERS = [
    (0, 0, 0, "9", "9"),
    (0, 0, 300, "9", "9"),
    (1, 5, 5, "30", "10"),
    (3, 100, 300, "70", "10"),
    (3, 299, 300, "-80", "10"),
]


def predicted(spark: SparkSession, model: Row, rules: RestaurantRules | None = None) -> list[dict[str, Any]]:
    rows = [
        {
            "user_id": f"u{place}",
            "currency": "USD",
            "first_order_date": AS_OF - timedelta(days=age),
            "last_order_date": AS_OF - timedelta(days=age - t_x),
            "order_day_count": x + 1,
            "order_count": x + 1,
            "net_amount": Decimal(net),
            "first_day_net_amount": Decimal(first),
        }
        for place, (x, t_x, age, net, first) in enumerate(CUSTOMERS)
    ]
    models = frame(spark, clv_model.TABLE, [{"currency": "USD", **model}])
    found = customer_lifetime_value.build(
        frame(spark, customers.TABLE, rows), models, as_of=AS_OF, rules=rules or RestaurantRules()
    )
    return [row.asDict() for row in sorted(found.collect(), key=lambda row: str(row["user_id"]))]


@pytest.mark.parametrize(("name", "kind"), [("BG/NBD", BgNbd), ("MBG/NBD", MbgNbd)])
def test_orders_are_expected_as_the_model_says(spark: SparkSession, name: str, kind: type[BgNbd | MbgNbd]) -> None:
    model = kind(*DAYS.values(), 0.0, True, "", 1.0, 1, np.eye(4))
    x, t_x, age = (np.array([one[place] for one in CUSTOMERS], dtype=float) for place in range(3))

    found = predicted(spark, {"model": name, **DAYS, **SPEND})

    assert [one["p_alive"] for one in found] == pytest.approx(model.p_alive(x, t_x, age).tolist(), abs=1e-6)
    for days in (30, 90, 365):
        expected = model.conditional_expected_purchases(days, x, t_x, age)
        assert [one[f"expected_orders_{days}d"] for one in found] == pytest.approx(expected.tolist(), abs=1e-6)
    ends = [30, 90, 180, 270, 365]
    so_far = [model.conditional_expected_purchases(end, x, t_x, age) for end in ends]
    within = np.diff(so_far, axis=0, prepend=np.zeros((1, len(x))))
    middles = [(begin + end) / 2 for begin, end in zip([0, *ends], ends, strict=False)]
    discounted = 1.10 ** (-np.array(middles) / 365) @ within
    assert [one["discounted_orders_365d"] for one in found] == pytest.approx(discounted.tolist(), abs=1e-6)


def test_an_order_is_worth_more_of_its_customers_mean_the_more_were_seen(spark: SparkSession) -> None:
    found = predicted(spark, {"model": "MBG/NBD", **DAYS, **SPEND})

    # p (v + x m) / (p x + q - 1): without a repeat day the mean of all, 6 * 15 / 3; less than nothing counts as nothing
    assert [one["expected_average_order_value"] for one in found] == pytest.approx(
        [30.0, 30.0, 6 * 35 / 9, 6 * 75 / 21, 6 * 15 / 21], abs=1e-4
    )
    assert [one["repeat_day_value"] for one in found] == [None, None, 20.0, 20.0, -30.0]
    worth = [one["discounted_orders_365d"] * one["expected_average_order_value"] for one in found]
    assert [one["predicted_clv_365d"] for one in found] == pytest.approx(worth, abs=0.006)


def test_histories_are_counted_in_days(spark: SparkSession) -> None:
    found = predicted(spark, {"model": "MBG/NBD", **DAYS, **SPEND})

    columns = ("repeat_day_count", "first_to_last_days", "tenure_days")
    assert [tuple(one[name] for name in columns) for one in found] == [one[:3] for one in CUSTOMERS]


def test_tiers_follow_what_is_predicted(spark: SparkSession) -> None:
    rules = RestaurantRules(value_tiers=ValueTiers(high=0.2, low=0.4))

    found = predicted(spark, {"model": "MBG/NBD", **DAYS, **SPEND}, rules)

    by_worth = sorted(found, key=lambda one: -one["predicted_clv_365d"])
    assert [one["predicted_tier"] for one in by_worth] == ["High", "Medium", "Medium", "Low", "Low"]


def test_waiting_costs_nothing_at_a_rate_of_nothing(spark: SparkSession) -> None:
    found = predicted(spark, {"model": "MBG/NBD", **DAYS, **SPEND}, RestaurantRules(annual_discount_rate=0.0))

    expected = [one["expected_orders_365d"] for one in found]
    assert [one["discounted_orders_365d"] for one in found] == pytest.approx(expected, abs=2e-6)


def test_without_a_model_of_spend_orders_are_expected_but_no_worth(spark: SparkSession) -> None:
    found = predicted(spark, {"model": "MBG/NBD", **DAYS})

    assert all(one["expected_orders_365d"] > 0 for one in found)
    columns = ("expected_average_order_value", "predicted_clv_365d", "predicted_tier")
    assert {tuple(one[name] for name in columns) for one in found} == {(None, None, None)}


def test_without_a_model_of_order_days_nothing_is_expected(spark: SparkSession) -> None:
    found = predicted(spark, SPEND)

    columns = ("model", "p_alive", "expected_orders_30d", "discounted_orders_365d", "predicted_clv_365d")
    assert {tuple(one[name] for name in columns) for one in found} == {(None,) * 5}
    assert len(found) == len(CUSTOMERS)
