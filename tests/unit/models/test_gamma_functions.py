"""Gamma functions are those of SciPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from medallion.models.gamma_functions import digamma, log_beta, log_gamma, logistic

POSITIVE = np.concatenate(
    [np.geomspace(1e-8, 1e8, 2001), np.arange(1.0, 60.0), [0.5, 1.4616321449683623, 9.999999, 10.0]]
)


def test_the_logarithm_of_the_gamma_function_is_that_of_scipy() -> None:
    np.testing.assert_allclose(log_gamma(POSITIVE), special.gammaln(POSITIVE), rtol=1e-14, atol=2e-14)


def test_the_digamma_function_is_that_of_scipy() -> None:
    np.testing.assert_allclose(digamma(POSITIVE), special.digamma(POSITIVE), rtol=1e-14, atol=2e-14)


@pytest.mark.parametrize("whole", [1, 3, 9, 10, 200, 900])
def test_the_logarithm_of_the_beta_function_is_a_product_for_whole_numbers_in_either_order(whole: int) -> None:
    # B(a, n) = (n - 1)! / (a (a + 1) ... (a + n - 1)); SciPy's loses digits where one is large and one small
    some = POSITIVE[::50]
    expected = [math.fsum([math.lgamma(whole), *(-math.log(a + step) for step in range(whole))]) for a in some]

    np.testing.assert_allclose(log_beta(some, whole), expected, rtol=1e-12, atol=2e-12)
    np.testing.assert_allclose(log_beta(whole, some), expected, rtol=1e-12, atol=2e-12)


@pytest.mark.parametrize("other", [1e-6, 0.01, 0.7, 3.3, 9.9, 200.5, 1e6])
def test_the_beta_function_falls_by_a_ratio_with_each_step(other: float) -> None:
    fall = np.log(POSITIVE / (POSITIVE + other))

    found = log_beta(POSITIVE + 1.0, other) - log_beta(POSITIVE, other)

    np.testing.assert_allclose(found, fall, atol=1e-14 * np.abs(log_beta(POSITIVE, other)).max())


def test_the_logistic_function_goes_from_0_to_1() -> None:
    given = np.array([-np.inf, -800.0, -1.0, 0.0, 1.0, 800.0, np.inf])

    np.testing.assert_allclose(logistic(given), special.expit(given), rtol=1e-15, atol=0)
