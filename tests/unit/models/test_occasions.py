"""Sums of log gamma and beta functions of counts, held against SciPy's special functions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaln, digamma, gammaln

from medallion.models.occasions import LONGEST, Occasions

FEW = np.array([0.0, 1.0, 1.0, 7.0, 60.0])
MANY = np.array([3.0, LONGEST, LONGEST + 1.0, 2e6])
WEIGHTS = np.array([0.5, 2.0, 1.0, 0.25, 0.125])
SIZES = ((0.02, 3.0), (0.8, 2.5), (40.0, 0.3), (2.0, 1e5))


@pytest.mark.parametrize("n", [FEW, MANY, np.zeros(3)])
@pytest.mark.parametrize(("a", "b"), SIZES)
def test_stays_are_the_logarithm_of_the_ratio_of_beta_functions(n: np.ndarray, a: float, b: float) -> None:
    weight = WEIGHTS[: len(n)]
    value, by_a, by_b = Occasions(n, weight).log_stays(a, b)
    falls = digamma(a + b) - digamma(a + b + n)
    assert value == pytest.approx(weight @ (betaln(a, b + n) - betaln(a, b)), rel=1e-9, abs=1e-9)
    assert by_a == pytest.approx(weight @ falls, rel=1e-9, abs=1e-9)
    assert by_b == pytest.approx(weight @ (falls + digamma(b + n) - digamma(b)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("n", [FEW, MANY, np.zeros(3)])
@pytest.mark.parametrize("c", [0.001, 0.3, 25.0, 1e6])
def test_rises_are_the_logarithm_of_the_ratio_of_gamma_functions(n: np.ndarray, c: float) -> None:
    weight = WEIGHTS[: len(n)]
    value, by_c = Occasions(n, weight).log_rising(c)
    assert value == pytest.approx(weight @ (gammaln(c + n) - gammaln(c)), rel=1e-9, abs=1e-8)
    assert by_c == pytest.approx(weight @ (digamma(c + n) - digamma(c)), rel=1e-9, abs=1e-9)
