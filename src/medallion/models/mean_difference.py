"""Welch's t test: the difference of two means whose groups may differ in size and in variance.

Welch (1947), The generalization of Student's problem when several different population variances are involved,
Biometrika 34, 28-35; degrees of freedom by Satterthwaite (1946), Biometrics Bulletin 2, 110-114.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medallion.errors import ModelError
from medallion.models.arguments import confidence_level, vector
from medallion.models.t_distribution import interval

NAN = float("nan")


@dataclass(frozen=True)
class Sample:
    """A group by its number of values, their mean and their variance (of the sample, with n - 1)."""

    n: float
    mean: float
    variance: float

    @staticmethod
    def of(values: npt.ArrayLike) -> Sample:
        """The summary of an array of any length; a mean or variance that there are too few values for is NaN.

        Equal values are their mean and have no variance, where rounding would leave some.
        """
        array = vector("values", values)
        if not len(array):
            return Sample(0, NAN, NAN)
        if np.ptp(array) == 0:
            return Sample(len(array), float(array[0]), 0.0 if len(array) > 1 else NAN)
        return Sample(len(array), float(array.mean()), float(array.var(ddof=1)))


@dataclass(frozen=True)
class MeanDifference:
    """The first group's mean less the second's. What is not determined is NaN, and `reason` says why."""

    estimate: float
    standard_error: float
    degrees_of_freedom: float
    low: float
    high: float
    p_value: float
    reason: str = ""


def welch(first: npt.ArrayLike | Sample, second: npt.ArrayLike | Sample, confidence: float = 0.95) -> MeanDifference:
    """The difference of means with its confidence interval and two-sided p value (Welch 1947).

    Each group is an array of values or a `Sample`. Groups of fewer than two values, or that do not vary at all, leave
    the difference without an error: NaN, with a reason. A `Sample` does not vary if its variance is 0. Raises
    ModelError for values that are no finite numbers, a negative variance or size.
    """
    level = confidence_level(confidence)
    one, two = _summary(first), _summary(second)
    if min(one.n, two.n) < 2:
        difference = one.mean - two.mean if min(one.n, two.n) >= 1 else NAN
        return _without_error(difference, f"a group has {min(one.n, two.n):g} values; at least 2 are needed")
    of_first, of_second = one.variance / one.n, two.variance / two.n
    estimate, variance = one.mean - two.mean, of_first + of_second
    if variance == 0:
        return _without_error(estimate, "neither group varies")
    # Shares of the variance, not its square, which may be too small or too large for a number.
    share = of_first / variance
    freedom = 1.0 / (share**2 / (one.n - 1) + (1.0 - share) ** 2 / (two.n - 1))
    error = math.sqrt(variance)
    return MeanDifference(estimate, error, freedom, *interval(estimate, error, freedom, level))


def _without_error(estimate: float, reason: str) -> MeanDifference:
    return MeanDifference(estimate, NAN, NAN, NAN, NAN, NAN, reason)


def _summary(group: npt.ArrayLike | Sample) -> Sample:
    if not isinstance(group, Sample):
        return Sample.of(group)
    if group.n < 0:
        raise ModelError(f"n: {group.n:g} is negative; it is the number of values")
    if group.n >= 2 and not np.isfinite([group.n, group.mean, group.variance]).all():
        raise ModelError(f"sample: {group} has a number that is not finite; give n, mean and variance")
    if group.variance < 0:
        raise ModelError(f"variance: {group.variance:g} is negative; give the sample variance")
    return group
