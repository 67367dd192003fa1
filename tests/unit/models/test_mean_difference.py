"""Welch's test: right numbers, right coverage, and a reason where there is no answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from medallion.errors import ModelError
from medallion.models import Sample, welch

RNG = np.random.default_rng(1)
FIRST, SECOND = RNG.normal(10.0, 4.0, 12), RNG.normal(8.0, 1.0, 40)


def test_it_agrees_with_an_independent_implementation() -> None:
    found, other = welch(FIRST, SECOND), stats.ttest_ind(FIRST, SECOND, equal_var=False)

    assert found.estimate / found.standard_error == pytest.approx(other.statistic)
    assert (found.p_value, found.degrees_of_freedom) == pytest.approx((other.pvalue, other.df))
    assert (found.low, found.high) == pytest.approx(tuple(other.confidence_interval(0.95)))


def test_summaries_are_as_good_as_the_values() -> None:
    summaries = [Sample(len(one), one.mean(), one.var(ddof=1)) for one in (FIRST, SECOND)]

    assert welch(*summaries, confidence=0.9) == welch(FIRST, SECOND, confidence=0.9)


def test_groups_changed_over_change_the_sign_alone() -> None:
    there, back = welch(FIRST, SECOND), welch(SECOND, FIRST)

    assert (back.estimate, back.low, back.high) == pytest.approx((-there.estimate, -there.high, -there.low))
    assert back.p_value == pytest.approx(there.p_value)


def test_nothing_is_found_where_there_is_nothing() -> None:
    rng = np.random.default_rng(2)

    found = [welch(rng.normal(0, 5, 8), rng.normal(0, 1, 50)) for _ in range(800)]

    assert np.mean([one.p_value < 0.05 for one in found]) == pytest.approx(0.05, abs=0.025)
    assert np.mean([one.low <= 0 <= one.high for one in found]) == pytest.approx(0.95, abs=0.025)


def test_variances_far_from_one_are_no_trouble() -> None:
    small, large = welch(FIRST * 1e-150, SECOND * 1e-150), welch(FIRST, SECOND)

    assert (small.p_value, small.degrees_of_freedom) == pytest.approx((large.p_value, large.degrees_of_freedom))


@pytest.mark.parametrize(
    ("first", "second", "estimate", "reason"),
    [
        ([], [1.0, 2.0], np.nan, "a group has 0 values; at least 2 are needed"),
        ([5.0], [1.0, 2.0], 3.5, "a group has 1 values; at least 2 are needed"),
        ([5.0, 5.0], [1.0, 1.0], 4.0, "neither group varies"),
    ],
)
def test_groups_without_an_error_give_a_reason(
    first: list[float], second: list[float], estimate: float, reason: str
) -> None:
    found = welch(first, second)

    assert found.estimate == pytest.approx(estimate, nan_ok=True)
    assert found.reason == reason
    assert np.isnan([found.standard_error, found.low, found.high, found.p_value]).all()


@pytest.mark.parametrize(
    ("first", "second", "estimate"),
    [
        ([0.1] * 7, [0.1] * 10, 0.0),
        ([1e8 + 0.1] * 7, [1e8 + 0.1] * 10, 0.0),
        ([0.1] * 3, [0.3] * 3, 0.1 - 0.3),
    ],
)
def test_equal_amounts_do_not_vary_by_their_rounding(first: list[float], second: list[float], estimate: float) -> None:
    found = welch(first, second)

    assert (found.estimate, found.reason) == (estimate, "neither group varies")
    assert np.isnan([found.standard_error, found.p_value]).all()


def test_a_group_of_equal_amounts_has_their_mean_and_no_variance() -> None:
    assert Sample.of([0.1] * 7) == Sample(7, 0.1, 0.0)


def test_a_group_that_does_not_vary_leaves_the_error_to_the_other() -> None:
    found = welch([0.1] * 7, SECOND)

    assert found.degrees_of_freedom == len(SECOND) - 1
    assert found.standard_error == pytest.approx(np.sqrt(SECOND.var(ddof=1) / len(SECOND)))


@pytest.mark.parametrize(
    ("first", "line"),
    [
        ([1.0, np.nan], "values: nan in row 1 is not a finite number; leave such rows out"),
        ([[1.0]], "values: has 2 dimensions; give one value a row"),
        (Sample(5, 1.0, -1.0), "variance: -1 is negative; give the sample variance"),
        (Sample(-5, 1.0, 1.0), "n: -5 is negative; it is the number of values"),
        (
            Sample(5, float("inf"), 1.0),
            "sample: Sample(n=5, mean=inf, variance=1.0) has a number that is not finite; give n, mean and variance",
        ),
    ],
)
def test_groups_that_make_no_sense_are_refused_in_one_line(first: object, line: str) -> None:
    with pytest.raises(ModelError) as refused:
        welch(first, [1.0, 2.0])
    assert str(refused.value) == line


def test_a_confidence_in_per_cent_is_refused() -> None:
    with pytest.raises(ModelError, match=r"confidence: 95 is not between 0 and 1"):
        welch(FIRST, SECOND, confidence=95)
