"""Log-likelihoods of counts, summed over customers: products of whole numbers of factors instead of gamma functions.

Gamma(c+n) / Gamma(c) is the product of c + i for i below n, and B(a, b+n) / B(a, b) that of (b+i) / (a+b+i). Of all
customers, the factor of i counts as often as their n are above i: one row of logarithms for all of them.
"""

from __future__ import annotations

import numpy as np

from medallion.models.arguments import F64
from medallion.models.gamma_functions import digamma, log_beta, log_gamma

LONGEST = 4096  # of further factors, gamma functions take the product


class Occasions:
    """Numbers n (whole, not negative) of customers, with their weights; flat arrays of one length."""

    def __init__(self, n: F64, weight: F64) -> None:
        has = np.bincount(np.minimum(n, LONGEST).astype(np.int64), weight)
        self.steps = np.arange(len(has) - 1, dtype=np.float64)
        self.above = np.cumsum(has[::-1])[::-1][1:]
        self.n, self.weight = n[n > LONGEST], weight[n > LONGEST]

    def log_rising(self, c: float) -> tuple[float, float]:
        """The sum of log(Gamma(c+n) / Gamma(c)), and its derivative by c."""
        at = c + self.steps
        value, by_c = float(self.above @ np.log(at)), float(self.above @ (1.0 / at))
        if self.n.size:
            end = c + LONGEST
            value += float(self.weight @ (log_gamma(c + self.n) - log_gamma(end)))
            by_c += float(self.weight @ (digamma(c + self.n) - digamma(end)))
        return value, by_c

    def log_stays(self, a: float, b: float) -> tuple[float, float, float]:
        """The sum of log(B(a, b+n) / B(a, b)), and its derivatives by a and by b."""
        at = b + self.steps
        value, by_a = -float(self.above @ np.log1p(a / at)), -float(self.above @ (1.0 / (a + at)))
        by_b = float(self.above @ (a / at / (a + at)))
        if self.n.size:
            end, later = b + LONGEST, b + self.n
            falls = digamma(a + end) - digamma(a + later)
            value += float(self.weight @ (log_beta(a, later) - log_beta(a, end)))
            by_a += float(self.weight @ falls)
            by_b += float(self.weight @ (falls + digamma(later) - digamma(end)))
        return value, by_a, by_b
