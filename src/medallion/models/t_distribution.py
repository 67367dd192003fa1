"""Confidence intervals and p values of estimates whose error is t distributed."""

from __future__ import annotations

import math
from typing import NamedTuple


class Interval(NamedTuple):
    """The confidence interval, and the two-sided p value of no effect."""

    low: float
    high: float
    p_value: float


def interval(estimate: float, standard_error: float, degrees_of_freedom: float, confidence: float) -> Interval:
    """By the t distribution; an estimate without error is its own interval, and its p value 0, or 1 for no effect."""
    if standard_error == 0:
        return Interval(estimate, estimate, float(estimate == 0))
    from scipy import special  # half a second to load, for nothing where there is no interval

    reach = float(special.stdtrit(degrees_of_freedom, (1.0 + confidence) / 2.0)) * standard_error
    p_value = 2.0 * float(special.stdtr(degrees_of_freedom, -math.fabs(estimate / standard_error)))
    return Interval(estimate - reach, estimate + reach, p_value)
