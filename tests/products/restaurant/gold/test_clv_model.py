"""The models that predictions are made with: recovered, checked on days held out, or missing with a reason."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from frames import Row, values
from histories import Planted, planted_customers
from marts import built
from pyspark.sql import DataFrame, SparkSession
from rows import order

from medallion.models import fit_bg_nbd, fit_gamma_gamma, fit_mbg_nbd
from medallion.products.restaurant.gold import clv_model
from medallion.products.restaurant.rules import RestaurantRules

JAN_1 = date(2024, 1, 1)
AS_OF = date(2024, 12, 31)
SEEDS = 50
PLANTED = Planted(r=0.8, alpha=40.0, a=0.8, b=2.5, p=6.0, q=4.0, v=15.0)


def rows_of(marts: DataFrame) -> dict[str, dict[str, Any]]:
    return {row["currency"]: row.asDict() for row in marts.collect()}


@pytest.fixture(scope="module")
def planted(spark: SparkSession) -> dict[str, dict[str, Any]]:
    """Models of as many currencies as there are seeds, of customers with the same planted parameters."""
    customers, days = planted_customers(PLANTED, SEEDS, customers=800, days=700, as_of=AS_OF)
    return rows_of(clv_model.build(spark.createDataFrame(customers), spark.createDataFrame(days), as_of=AS_OF))


@pytest.mark.parametrize("name", ["r", "alpha", "a", "b", "p", "q", "v"])
def test_a_planted_parameter_is_within_its_interval_for_nearly_all_seeds(
    name: str, planted: Mapping[str, Mapping[str, Any]]
) -> None:
    off = [
        abs(math.log(one[name] / getattr(PLANTED, name))) / (one[f"{name}_standard_error"] / one[name])
        for one in planted.values()
    ]

    assert sum(one <= 1.96 for one in off) >= 0.9 * SEEDS


def test_the_model_that_was_planted_is_the_more_likely_one_for_nearly_all_seeds(
    planted: Mapping[str, Mapping[str, Any]],
) -> None:
    assert sum(one["model"] == "MBG/NBD" for one in planted.values()) >= 0.9 * SEEDS


def test_what_a_model_of_the_first_days_expects_of_the_rest_comes(planted: Mapping[str, Mapping[str, Any]]) -> None:
    actual = sum(one["holdout_actual_orders"] for one in planted.values())
    predicted = sum(one["holdout_predicted_orders"] for one in planted.values())
    deciles = [json.loads(one["holdout_deciles"]) for one in planted.values()]

    assert predicted == pytest.approx(actual, rel=0.03)
    assert {one["holdout_days"] for one in planted.values()} == {700 - 490}
    for place in (0, 4, 9):
        expected, came = (np.mean([one[place][name] for one in deciles]) for name in ("predicted", "actual"))
        assert expected == pytest.approx(came, rel=0.1, abs=0.02)


def test_spend_that_does_not_go_with_the_number_of_days_is_not_correlated(
    planted: Mapping[str, Mapping[str, Any]],
) -> None:
    found = [one["repeat_value_correlation"] for one in planted.values()]

    assert np.mean(found) == pytest.approx(0.0, abs=0.02)


def test_the_model_is_that_of_the_customers_one_by_one(spark: SparkSession) -> None:
    customers, days = planted_customers(PLANTED, 1, customers=400, days=300, as_of=AS_OF)

    (found,) = rows_of(
        clv_model.build(spark.createDataFrame(customers), spark.createDataFrame(days), as_of=AS_OF)
    ).values()

    x = customers["order_day_count"].to_numpy() - 1.0
    first, last = (customers[name].cast(pa.int32()).to_numpy() for name in ("first_order_date", "last_order_date"))
    age = (AS_OF - date(1970, 1, 1)).days - first
    spent = [float(one) for one in customers["net_amount"].to_pylist()]
    at_first = [float(one) for one in customers["first_day_net_amount"].to_pylist()]
    mean = (np.array(spent) - np.array(at_first)) / np.maximum(x, 1)
    models = {"BG/NBD": fit_bg_nbd(x, last - first, age), "MBG/NBD": fit_mbg_nbd(x, last - first, age)}
    best = models[found["model"]]
    assert best.log_likelihood == max(one.log_likelihood for one in models.values())
    assert [found[name] for name in ("r", "alpha", "a", "b")] == pytest.approx([best.r, best.alpha, best.a, best.b])
    assert found["mbg_nbd_log_likelihood"] == pytest.approx(models["MBG/NBD"].log_likelihood)
    assert found["bg_nbd_log_likelihood"] == pytest.approx(models["BG/NBD"].log_likelihood)
    # Spend within half a percent counts as equal
    spend = fit_gamma_gamma(x, mean)
    assert [found[name] for name in ("p", "q", "v")] == pytest.approx([spend.p, spend.q, spend.v], rel=1e-3)
    correlation = np.corrcoef(x[x > 0], mean[x > 0])[0, 1]
    assert found["repeat_value_correlation"] == pytest.approx(correlation, rel=1e-6)
    assert found["cell_count"] == best.cells


def test_rows_in_any_order_and_partitions_give_the_same_model(spark: SparkSession) -> None:
    customers, days = planted_customers(PLANTED, 2, customers=200, days=200, as_of=AS_OF)
    order_of = np.random.default_rng(1).permutation(len(customers))

    one = clv_model.build(spark.createDataFrame(customers), spark.createDataFrame(days), as_of=AS_OF)
    other = clv_model.build(
        spark.createDataFrame(customers.take(order_of)).repartition(3),
        spark.createDataFrame(days.take(np.arange(len(days))[::-1])).repartition(5),
        as_of=AS_OF,
    )

    assert rows_of(one) == rows_of(other)


def odd_currencies() -> list[Row]:
    """Orders that no model can be made of, a currency a case."""
    days = [JAN_1 + timedelta(days=7 * n) for n in range(40)]
    rows = [order("one", JAN_1, currency="ONE")]
    rows += [order(f"two {n}", JAN_1 + timedelta(days=n), currency="TWO") for n in range(2)]
    rows += [order(f"same {n}", AS_OF, currency="SAM", user_id=f"u{n}") for n in range(40)]
    rows += [order(f"once {n}", days[n], currency="NON", user_id=f"u{n}") for n in range(40)]
    back = [(n, again) for n in range(40) for again in range(1 + n % 4)]
    for currency, amounts in {
        "ZER": ["0.00"] * 4,
        "NEG": ["-5.00"] * 4,
        "MIX": ["20.00", "5.00", "-9.00", "7.50"],
    }.items():
        rows += [
            order(
                f"{currency} {n} {again}",
                days[n] + timedelta(days=(9 + n % 5) * again),
                amounts[(n + again) % 4],
                currency=currency,
                user_id=f"u{n}",
            )
            for n, again in back
        ]
    return [*rows, *(order(f"guest {n}", JAN_1, currency="GST", user_id=None) for n in range(3))]


@pytest.fixture(scope="module")
def odd(spark: SparkSession) -> tuple[dict[str, dict[str, Any]], DataFrame]:
    orders = odd_currencies()
    return (
        rows_of(built(spark, "clv_model", orders, as_of=AS_OF)),
        built(spark, "customer_lifetime_value", orders, as_of=AS_OF, rules=RestaurantRules()),
    )


@pytest.mark.parametrize(
    ("currency", "reason"),
    [
        ("ONE", "no customer came back; at least 10 are needed"),
        ("TWO", "1 customer came back; at least 10 are needed"),
        ("SAM", "no customer came back; at least 10 are needed"),
        ("NON", "no customer came back; at least 10 are needed"),
    ],
)
def test_without_enough_customers_who_came_back_there_is_a_reason_instead_of_a_model(
    currency: str, reason: str, odd: tuple[dict[str, dict[str, Any]], DataFrame]
) -> None:
    found = odd[0][currency]

    assert (found["model"], found["converged"], found["reason"]) == (None, False, reason)
    assert found["holdout_reason"] == "there is no model to check"
    assert [found[name] for name in ("r", "log_likelihood", "holdout_predicted_orders", "p")] == [None] * 4


def test_a_currency_of_guests_alone_has_no_row(odd: tuple[dict[str, dict[str, Any]], DataFrame]) -> None:
    assert odd[0].keys() == {"ONE", "TWO", "SAM", "NON", "ZER", "NEG", "MIX"}


@pytest.mark.parametrize("currency", ["ZER", "NEG"])
def test_spend_of_nothing_or_less_has_no_model_and_a_reason(
    currency: str, odd: tuple[dict[str, dict[str, Any]], DataFrame]
) -> None:
    found = odd[0][currency]

    assert found["spend_customer_count"] == 0
    assert found["spend_reason"] == "0 customers with purchases; at least 10 are needed"
    assert found["repeat_value_correlation"] is None


def test_customers_without_a_model_are_not_predicted(odd: tuple[dict[str, dict[str, Any]], DataFrame]) -> None:
    predictions = ("model", "p_alive", "expected_orders_365d", "expected_average_order_value", "predicted_tier")

    found = odd[1].where("currency IN ('ONE', 'TWO', 'NON', 'SAM')").select(*predictions).distinct()

    assert values(found, *predictions) == [(None,) * 5]


def test_every_customer_has_a_row_whatever_the_orders(odd: tuple[dict[str, dict[str, Any]], DataFrame]) -> None:
    found = dict(values(odd[1].groupBy("currency").count(), "currency", "count"))

    assert found == {"ONE": 1, "TWO": 1, "SAM": 40, "NON": 40, "ZER": 40, "NEG": 40, "MIX": 40}


def test_guests_alone_give_no_rows_and_no_error(spark: SparkSession) -> None:
    found = built(spark, "customer_lifetime_value", [order("1", JAN_1, user_id=None)], as_of=AS_OF)

    assert values(found, "user_id") == []
