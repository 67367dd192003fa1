"""The intervals of what discounts bring are as wide as they say, with few discounted days too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from math import sqrt

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from simulated_effects import AS_OF, DAYS, Visits, bargain_hunters, currency_of, customers_frame, days_frame

from medallion.products.restaurant.gold import discount_repeat_effect

SIMULATED = range(200)
WITHIN = (30, 60, 90)
Day = tuple[str, tuple[int, int], bool, int | None]  # customer, class, discounted, days to the next order


@pytest.fixture(scope="module")
def build(spark: SparkSession) -> Callable[[Iterable[Visits]], DataFrame]:
    def build(visits: Iterable[Visits]) -> DataFrame:
        every = list(visits)
        return discount_repeat_effect.build(customers_frame(spark, every), days_frame(spark, every), as_of=AS_OF)

    return build


Build = Callable[[Iterable[Visits]], DataFrame]


@pytest.fixture(scope="module")
def simulated(build: Build) -> tuple[dict[int, list[Visits]], list[Row]]:
    """Many small restaurants in which discounts do nothing, and what the mart finds."""
    visits = {seed: bargain_hunters(seed, effect=0.0, customers_=80, discounted_share=0.1) for seed in SIMULATED}
    return visits, build(one for of_seed in visits.values() for one in of_seed).collect()


def test_intervals_of_few_discounted_days_hold_the_truth(simulated: tuple[object, list[Row]]) -> None:
    found = [row for row in simulated[1] if 20 <= row["discounted_count"] <= 60 and row["p_value"] is not None]

    held = [row["confidence_low"] <= 0 <= row["confidence_high"] for row in found]
    assert len(held) > 500
    assert sum(held) / len(held) >= 0.92


def test_no_interval_is_told_of_fewer_than_twenty_discounted_days(build: Build) -> None:
    visits = [one for seed in range(30) for one in bargain_hunters(seed, effect=0.0, discounted_share=0.02)]

    few = [row for row in build(visits).collect() if row["discounted_count"] < 20]

    assert len(few) > 60
    for row in few:
        assert (row["standard_error"], row["degrees_of_freedom"], row["confidence_low"], row["p_value"]) == (None,) * 4
        assert row["reason"].startswith("20 compared days of 8 customers are needed of each kind; there are ")
        assert f"there are {row['discounted_count']} of " in row["reason"]
        if row["discounted_count"]:
            difference = row["discounted_repeat_rate"] - row["full_price_repeat_rate"]
            assert row["estimate"] == pytest.approx(difference, abs=1e-9)


def test_estimates_and_errors_are_those_of_the_days_at_hand(
    simulated: tuple[dict[int, list[Visits]], list[Row]],
) -> None:
    visits, rows = simulated
    found = {(row["currency"], row["repeat_days"]): row for row in rows}

    known = [seed for seed in SIMULATED if found[currency_of(seed), 30]["standard_error"] is not None]
    for seed in known[:10]:
        for within in WITHIN:
            row = found[currency_of(seed), within]
            numbers = [row[name] for name in ("estimate", "standard_error", "degrees_of_freedom")]
            assert numbers == pytest.approx(measured(visits[seed], within), rel=1e-8, abs=1e-9)


def test_discounts_of_a_handful_of_customers_tell_nothing_of_the_others(build: Build) -> None:
    ordinary = bargain_hunters(1, effect=0.0)
    fans = {one.user_id for one in sorted(ordinary, key=lambda one: len(one.days))[-6:]}
    visits = [replace(one, discounted=(one.user_id in fans,) * len(one.days)) for one in ordinary]

    for row in build(visits).collect():
        assert row["discounted_count"] >= 20
        assert row["estimate"] is not None
        assert row["standard_error"] is None
        assert f"there are {row['discounted_count']} of 6 discounted and " in row["reason"]


def test_a_kind_of_days_that_does_not_vary_leaves_no_error(build: Build) -> None:
    # Thirty first days at a discount, all of them followed; thirty at full price, half of them.
    visits = [
        visits_of(f"{number}", (0, 10) if number < 30 or number % 2 else (0,), number < 30) for number in range(60)
    ]

    rows = {row["repeat_days"]: row for row in build(visits).collect()}

    assert (rows[30]["discounted_count"], rows[30]["full_price_count"]) == (60, 45)
    assert rows[30]["standard_error"] is None
    assert rows[30]["reason"] == "one kind of days does not vary: in each class all were followed by another, or none"


@pytest.mark.parametrize(("discounted", "compared"), [(1, (0, 0, 1)), (2, (2, 5, 0))])
def test_a_class_with_one_discounted_day_is_not_compared(
    build: Build, discounted: int, compared: tuple[int, int, int]
) -> None:
    visits = [visits_of(f"{number}", (0,), number < discounted) for number in range(5 + discounted)]

    for row in build(visits).collect():
        assert (row["discounted_count"], row["full_price_count"], row["unmatched_count"]) == compared


def visits_of(user_id: str, days: tuple[int, ...], is_discounted: bool) -> Visits:
    ones = (1,) * len(days)
    return Visits(user_id, "USD", days, ones, ones, (False,) * len(days), (is_discounted,) * len(days))


def measured(visits: Iterable[Visits], within: int) -> tuple[float, float, float]:
    """Estimate, error and degrees of freedom, day by day."""
    classes: dict[tuple[int, int], dict[bool, list[tuple[str, float]]]] = defaultdict(lambda: {True: [], False: []})
    for user, of_class, is_discounted, gap in watched(visits):
        classes[of_class][is_discounted].append((user, float(gap is not None and gap <= within)))
    compared = [sides for sides in classes.values() if min(map(len, sides.values())) >= 2]
    discounted = sum(len(sides[True]) for sides in compared)
    estimate, influences = 0.0, defaultdict(float)
    for sides in compared:
        share = len(sides[True]) / discounted
        for sign, days in ((1, sides[True]), (-1, sides[False])):
            n, mean = len(days), sum(y for _, y in days) / len(days)
            estimate += sign * share * mean
            for user, y in days:
                influences[user] += sign * share * (y - mean) / n * sqrt(n / (n - 1))
    squares = [value**2 for value in influences.values()]
    return estimate, sqrt(sum(squares)), sum(squares) ** 2 / sum(one**2 for one in squares)


def watched(visits: Iterable[Visits]) -> Iterable[Day]:
    for one in visits:
        gaps: list[int | None] = [None, *(after - before for before, after in pairwise(one.days)), None]
        for place, (day, is_discounted) in enumerate(zip(one.days, one.discounted, strict=True)):
            before, after = gaps[place], gaps[place + 1]
            recency = -1 if before is None else sum(before > bound for bound in (7, 14, 30, 60, 90))
            if day <= DAYS - 90:
                yield one.user_id, (sum(place + 1 > bound for bound in (1, 2, 3, 5, 10)), recency), is_discounted, after
