"""The gamma-gamma model of spend: what a customer's purchases are worth on average, beside what was seen so far.

Fader, Hardie (2013), The gamma-gamma model of monetary value, technical note; after Fader, Hardie, Lee (2005), RFM and
CLV: using iso-value curves for customer base analysis, Journal of Marketing Research 42(4), 415-430.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from medallion.models.arguments import F64, floats, numbers, refuse, row_weights, same_length, vector, whole
from medallion.models.gamma_functions import digamma, log_gamma
from medallion.models.maximum_likelihood import Maximum, maximise
from medallion.models.purchase_histories import merged

FEWEST_CUSTOMERS = 10
STARTS = ((1.0, 3.0), (5.0, 4.0), (20.0, 2.0))  # p and q; v is (q - 1) / p, where the population's mean is 1
PAIRS_OF_A_SAMPLE = 2_000
NAMES = ("p", "q", "v")


class SpendParameters(NamedTuple):
    """One number a parameter."""

    p: float
    q: float
    v: float


@dataclass(frozen=True)
class GammaGamma:
    """A fitted model. Where `converged` is False, `reason` says why and all numbers, and all predictions, are NaN.

    A purchase is gamma distributed with shape p and a rate that is itself gamma distributed over customers, with shape
    q and rate v, which is in the currency of the data.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    converged: bool
    reason: str
    customers: float  # the sum of weights that the model was fitted on
    left_out: float  # the sum of weights of customers without purchases or with a mean of zero
    covariance: F64 = field(repr=False, compare=False)  # (3, 3), of p, q, v

    @property
    def standard_errors(self) -> SpendParameters:
        """Of each parameter, from the observed information."""
        return SpendParameters(*np.sqrt(np.diag(self.covariance)).tolist())

    @property
    def population_mean(self) -> float:
        """The mean value of a purchase of a customer nothing is known of: p v / (q - 1)."""
        return self.p * self.v / (self.q - 1.0)

    def conditional_expected_value(self, frequency: npt.ArrayLike, monetary_value: npt.ArrayLike) -> F64:
        """The mean value of a customer's future purchases: p (v + x m) / (p x + q - 1), eq. 5 of the note.

        It lies between the customer's mean m and the population's, the nearer to m the more purchases were seen; it is
        the population's at frequency 0, whatever m, which may be NaN there.
        """
        x, m = _spend(frequency, monetary_value)
        value: F64 = self.p * (self.v + x * m) / (self.p * x + self.q - 1.0)
        return value


def fit_gamma_gamma(
    frequency: npt.ArrayLike, monetary_value: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> GammaGamma:
    """The gamma-gamma model of greatest likelihood (Fader, Hardie 2013, eq. 1a).

    One row a customer, or one a distinct pair with the number of its customers as weight: the number of purchases seen,
    and their mean value. If the first purchase is not counted (as in models of repeat purchases), leave it out of the
    mean too. Rows with frequency 0, whose value may be NaN, or value 0 are left out and counted in `left_out`: a gamma
    distribution has neither. The model takes frequency and value to be independent: check their correlation.

    Where the data do not determine a model (too few customers, no maximum, no finite mean), the result says so:
    `converged` False and a `reason`. Raises ModelError for negative numbers and columns of different lengths.
    """
    x = vector("frequency", frequency)
    m = floats("monetary_value", monetary_value)
    same_length(frequency=x, monetary_value=m)
    x, m = _spend(x, m)
    counts = row_weights(weights, len(x))
    spent = (x > 0) & (m > 0)
    (x, m), kept = merged((x[spent], m[spent]), counts[spent])
    customers, left_out = float(kept.sum()), float(counts[~spent].sum())
    found = _maximum(x, m, kept)
    p, q, v = found.parameters.tolist()
    converged = not found.reason
    return GammaGamma(p, q, v, found.log_likelihood, converged, found.reason, customers, left_out, found.covariance)


def _spend(frequency: npt.ArrayLike, monetary_value: npt.ArrayLike) -> tuple[F64, F64]:
    """Numbers of purchases and their mean values, of one shape; values at frequency 0 are 0."""
    x = whole("frequency", numbers("frequency", frequency))
    x, m = np.broadcast_arrays(x, floats("monetary_value", monetary_value))
    m = numbers("monetary_value", np.where(x > 0, m, 0.0))
    refuse("monetary_value", m, m < 0, "is negative; leave such customers out")
    return x, m


def _maximum(x: F64, m: F64, customers: F64) -> Maximum:
    total = float(customers.sum())
    if total < FEWEST_CUSTOMERS:
        return Maximum.missing(
            len(NAMES), f"{total:g} customers with purchases; at least {FEWEST_CUSTOMERS} are needed"
        )
    # Money in units of the geometric mean: the search does not depend on the currency, nor much on an absurd amount.
    unit = math.exp(float(customers @ np.log(m) / total))
    starts = [(p, q, (q - 1.0) / p) for p, q in STARTS]
    part = slice(None, None, max(len(x) // PAIRS_OF_A_SAMPLE, 1))
    some = Likelihood(x[part], m[part] / unit, customers[part])
    found = maximise(Likelihood(x, m / unit, customers), starts, NAMES, total, some)
    if not found.reason and found.parameters[1] <= 1.0:
        q = found.parameters[1]
        return Maximum.missing(len(NAMES), f"q is {q:.3g}: at 1 or below, the mean spend of the population is infinite")
    back = np.array([1.0, 1.0, unit])
    log_likelihood = found.log_likelihood - total * math.log(unit)
    return Maximum(found.parameters * back, found.covariance * np.outer(back, back), log_likelihood, found.reason)


class Likelihood:
    """The mean log-likelihood of a customer and its gradient, at the logarithms of p, q, v.

    Of a mean m of x purchases: Gamma(px+q) / (Gamma(px) Gamma(q)) v^q m^(px-1) x^(px) / (v + m x)^(px+q).
    """

    def __init__(self, x: F64, m: F64, customers: F64) -> None:
        self.x, self.spend = x, m * x
        self.weight = customers / customers.sum()
        self.log_spend = self.weight @ (x * np.log(self.spend))
        self.log_mean = self.weight @ np.log(m)
        # Gamma functions depend on the number of purchases alone, which has few distinct values.
        self.distinct, index = np.unique(x, return_inverse=True)
        self.weight_of_distinct = np.bincount(index, self.weight)

    def __call__(self, logs: F64) -> tuple[float, F64]:
        p, q, v = np.exp(logs).tolist()
        x, weight = self.distinct, self.weight_of_distinct
        all_spend = v + self.spend
        log_all, share = self.weight * np.log(all_spend), self.weight / all_spend
        gammas = log_gamma(p * x + q) - log_gamma(p * x) - log_gamma(q)
        value = weight @ gammas + q * math.log(v) + p * self.log_spend - self.log_mean
        value -= p * (log_all @ self.x) + q * log_all.sum()
        by_p = weight @ (x * (digamma(p * x + q) - digamma(p * x))) + self.log_spend - log_all @ self.x
        by_q = weight @ digamma(p * x + q) - digamma(q) + math.log(v) - log_all.sum()
        by_v = q / v - p * (share @ self.x) - q * share.sum()
        return float(value), np.array([p * by_p, q * by_q, v * by_v])
