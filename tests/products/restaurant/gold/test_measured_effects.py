"""Effects that were planted are found within their intervals, and none where none was; 50 seeds in one build each.

Estimates and errors are those that `medallion.models` computes from the same rows.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from simulated_effects import (
    AS_OF,
    DAYS,
    START,
    WINDOW,
    Joining,
    Visits,
    at_launch,
    bargain_hunters,
    by_chance,
    by_letter,
    currency_of,
    customers_frame,
    days_frame,
    members,
    planted_lift,
    planted_repeats,
)

from medallion.models import difference_in_differences, welch
from medallion.models.t_distribution import interval as t_interval
from medallion.products.restaurant.gold import discount_repeat_effect, joining, loyalty_effect
from medallion.products.restaurant.rules import RestaurantRules

SEEDS = range(50)
MOST_MISSES, MOST_FALSE_ALARMS = 5, 8  # 45 of 50 hold; of 50 with a chance of 5 %, more than 8 come once in 500 times
PER_BILLION = 1e-9

Found = dict[str, Row]


def found_by(frame: DataFrame, condition: str) -> Found:
    return {row["currency"]: row for row in frame.where(condition).collect()}


def misses(found: Found, planted: dict[str, float]) -> list[str]:
    return [
        currency
        for currency, value in planted.items()
        if not found[currency]["confidence_low"] <= value <= found[currency]["confidence_high"]
    ]


def false_alarms(found: Found) -> list[str]:
    return [currency for currency, row in found.items() if row["p_value"] < 0.05]


@pytest.fixture(scope="module")
def loyalty(spark: SparkSession) -> Callable[..., tuple[DataFrame, dict[int, Any]]]:
    def build(lift: float, joining: Joining = at_launch) -> tuple[DataFrame, dict[int, Any]]:
        visits = {seed: members(seed, lift=lift, joining=joining) for seed in SEEDS}
        every = [one for of_seed in visits.values() for one in of_seed]
        frames = customers_frame(spark, every), days_frame(spark, every)
        return loyalty_effect.build(*frames, as_of=AS_OF, rules=RestaurantRules()), visits

    return build


def test_a_planted_loyalty_lift_is_within_its_interval(loyalty: Callable[..., Any]) -> None:
    frame, visits = loyalty(0.5)

    found = found_by(frame, "comparison = 'before_and_after_joining' AND metric = 'order_count'")

    planted = {currency_of(seed): planted_lift(of_seed) for seed, of_seed in visits.items()}
    assert len(misses(found, planted)) <= MOST_MISSES
    assert len(misses(found, dict.fromkeys(planted, 0.0))) > len(SEEDS) / 2  # the rows are enough to tell it from none


@pytest.mark.parametrize("joining", [at_launch, by_chance, by_letter])
def test_without_a_lift_none_is_found_but_by_chance_however_customers_join(
    loyalty: Callable[..., Any], joining: Joining
) -> None:
    frame, _ = loyalty(0.0, joining)

    for metric in ("order_count", "net_amount"):
        found = found_by(frame, f"comparison = 'before_and_after_joining' AND metric = '{metric}'")
        assert len(found) == len(SEEDS)
        assert len(false_alarms(found)) <= MOST_FALSE_ALARMS, metric


def test_members_and_others_are_compared_as_welch_does(loyalty: Callable[..., Any]) -> None:
    frame, visits = loyalty(0.0)

    values = {name: found_by(frame, f"metric = '{name}'") for name in loyalty_effect.MEMBERSHIP_METRICS}
    for seed in SEEDS[:5]:
        groups = [[one for one in visits[seed] if any(one.loyal) is is_member] for is_member in (True, False)]
        amounts = [[sum(one.cents) / 100 for one in group] for group in groups]
        averages = [[sum(one.cents) / 100 / sum(one.orders) for one in group] for group in groups]
        # Averages count to eight digits after the point.
        for name, pair, close in (
            ("customer_lifetime_value", amounts, PER_BILLION),
            ("average_order_value", averages, 1e-8),
        ):
            model = as_model(welch(*pair))
            assert as_numbers(values[name][currency_of(seed)]) == pytest.approx(
                model, rel=close, abs=close * abs(model[1])
            ), name


def test_joiners_are_compared_as_difference_in_differences_does(spark: SparkSession) -> None:
    visits = [replace(one, currency="USD") for seed in range(2) for one in members(seed, lift=0.5, joining=by_chance)]
    frames = customers_frame(spark, visits), days_frame(spark, visits)

    built = loyalty_effect.build(*frames, as_of=AS_OF, rules=RestaurantRules())

    found = found_by(built, "comparison = 'before_and_after_joining' AND metric = 'net_amount'")["USD"]
    days = of_strata_with_two_of_each(order_days(visits))
    model = difference_in_differences(
        outcome=[value for day in days for value in (day.before, day.after)],
        treated=[day.is_joiner for day in days for _ in range(2)],
        after=[period for _ in days for period in range(2)],
        unit=[number for number, _ in enumerate(days) for _ in range(2)],
        strata=[day.stratum for day in days for _ in range(2)],
    )
    error, freedom = error_of(days)
    reach = t_interval(model.estimate, error, freedom, 0.95)
    expected = (model.estimate, error, freedom, *reach)
    assert as_numbers(found) == pytest.approx(expected, rel=PER_BILLION, abs=PER_BILLION * error)
    assert (found["first_count"], found["first_count"] + found["second_count"]) == (
        model.treated_clusters,
        model.clusters,
    )


def test_of_many_other_days_an_even_share_is_compared_and_of_joiners_all(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits = [replace(one, currency="USD") for seed in range(3) for one in members(seed, lift=0.0, joining=by_chance)]
    customer_days = days_frame(spark, visits)
    most = sum(day <= DAYS - WINDOW for one in visits for day in one.days[1:]) // 4

    def counted() -> dict[int, int]:
        found = joining.joining_days(customer_days, as_of=AS_OF, window_days=WINDOW).groupBy("is_joiner").count()
        return {row["is_joiner"]: row["count"] for row in found.collect()}

    every = counted()
    monkeypatch.setattr(joining, "MOST_OTHERS", most)
    some = counted()

    assert some[1] == every[1]
    assert some[0] == pytest.approx(every[0] / 4, rel=0.2)


class OrderDay(NamedTuple):
    """A day that a customer joined on, or might have joined on: what was spent in the windows before and after."""

    user_id: str
    stratum: str
    is_joiner: int
    before: float
    after: float


def order_days(visits: list[Visits]) -> list[OrderDay]:
    """Each customer's days after the first, up to that of joining, from the first loyal one of all customers on."""
    launch = min(day for one in visits for day, is_loyal in zip(one.days, one.loyal, strict=True) if is_loyal)
    found = []
    for one in visits:
        joined = next((day for day, is_loyal in zip(one.days, one.loyal, strict=True) if is_loyal), DAYS + 1)
        for last, day in pairwise(one.days):
            if launch <= day <= min(joined, DAYS - WINDOW):
                spans = [(day - WINDOW, day - 1), (day + 1, day + WINDOW)]
                paid = list(zip(one.days, one.cents, strict=True))
                before, after = (sum(cents for on, cents in paid if low <= on <= high) for low, high in spans)
                first, pause = START + timedelta(days=one.days[0]), day - last
                is_new = day - one.days[0] <= WINDOW
                alike = (first.year, (first.month - 1) // 3, is_new, sum(pause > most for most in (7, 30, 90)))
                stratum = f"{alike} {before.bit_length()}"
                found.append(OrderDay(one.user_id, stratum, int(day == joined), before / 100, after / 100))
    return found


def of_strata_with_two_of_each(days: list[OrderDay]) -> list[OrderDay]:
    counts = Counter((day.stratum, day.is_joiner) for day in days)
    return [day for day in days if min(counts[day.stratum, 0], counts[day.stratum, 1]) >= 2]


def error_of(days: list[OrderDay]) -> tuple[float, float]:
    """The error of the estimate, clustered by customer, and its degrees of freedom."""
    changes = defaultdict(list)
    for day in days:
        changes[day.stratum, day.is_joiner].append(day.after - day.before)
    influences: defaultdict[str, float] = defaultdict(float)
    for day in days:
        alike = changes[day.stratum, day.is_joiner]
        stands_for = 1.0 if day.is_joiner else -len(changes[day.stratum, 1]) / len(alike)
        rest = day.after - day.before - sum(alike) / len(alike)
        influences[day.user_id] += stands_for * rest * (len(alike) / (len(alike) - 1)) ** 0.5
    squares = [one * one for one in influences.values()]
    joiners = sum(day.is_joiner for day in days)
    return sum(squares) ** 0.5 / joiners, sum(squares) ** 2 / sum(one * one for one in squares)


@pytest.fixture(scope="module")
def discounts(spark: SparkSession) -> Callable[[float], tuple[DataFrame, dict[int, Any]]]:
    def build(effect: float) -> tuple[DataFrame, dict[int, Any]]:
        visits = {seed: bargain_hunters(seed, effect=effect) for seed in SEEDS}
        every = [one for of_seed in visits.values() for one in of_seed]
        frames = customers_frame(spark, every), days_frame(spark, every)
        return discount_repeat_effect.build(*frames, as_of=AS_OF), visits

    return build


def test_planted_repeats_after_discounts_are_within_their_interval(discounts: Callable[[float], Any]) -> None:
    frame, visits = discounts(0.3)

    found = found_by(frame, "repeat_days = 30")

    planted = {currency_of(seed): planted_repeats(of_seed) for seed, of_seed in visits.items()}
    assert len(misses(found, planted)) <= MOST_MISSES
    assert len(misses(found, dict.fromkeys(planted, 0.0))) > len(SEEDS) / 2


def test_without_an_effect_of_discounts_none_is_found_but_by_chance(discounts: Callable[[float], Any]) -> None:
    frame, _ = discounts(0.0)

    for days in (30, 60, 90):
        found = found_by(frame, f"repeat_days = {days}")
        assert len(found) == len(SEEDS)
        assert len(false_alarms(found)) <= MOST_FALSE_ALARMS, days


def as_numbers(row: Row) -> tuple[float, ...]:
    names = ("estimate", "standard_error", "degrees_of_freedom", "confidence_low", "confidence_high", "p_value")
    return tuple(row[name] for name in names)


def as_model(found: Any) -> tuple[float, ...]:
    return (found.estimate, found.standard_error, found.degrees_of_freedom, found.low, found.high, found.p_value)
