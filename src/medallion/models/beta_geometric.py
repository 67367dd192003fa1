"""Repeat purchases at a gamma distributed rate, and a beta distributed chance to stop after each of them.

What the BG/NBD and the MBG/NBD model share: in the first a customer may stop after each repeat purchase, in the second
after the first purchase as well. `first_stops` is the number of those further occasions, 0 or 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from medallion.models.arguments import F64, not_negative, numbers
from medallion.models.gamma_functions import logistic
from medallion.models.maximum_likelihood import Maximum, maximise
from medallion.models.occasions import Occasions
from medallion.models.purchase_histories import Histories, distinct, histories, states
from medallion.models.purchases_until_stop import purchases_until_stop

FEWEST_REPEATERS = 10
# Shape of the rate, and a and b; the scale of the rate follows from the mean frequency.
STARTS = ((0.3, 0.8, 2.5), (1.0, 0.5, 4.0), (0.6, 0.8, 0.8))
CELLS_OF_A_SAMPLE = 2_000
NAMES = ("r", "alpha", "a", "b")


class Parameters(NamedTuple):
    """One number a parameter."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True)
class BetaGeometric:
    """A fitted model. Where `converged` is False, `reason` says why and all numbers, and all predictions, are NaN.

    Rates are gamma distributed with shape r and mean r / alpha, so alpha is in the unit of time of the data; stop
    probabilities are beta distributed with a and b. `log_likelihood` is that of the data in that unit.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    converged: bool
    reason: str
    customers: float  # the sum of weights
    cells: int  # distinct histories
    covariance: F64 = field(repr=False, compare=False)  # (4, 4), of r, alpha, a, b

    first_stops: ClassVar[int]

    @property
    def standard_errors(self) -> Parameters:
        """Of each parameter, from the observed information."""
        return Parameters(*np.sqrt(np.diag(self.covariance)).tolist())

    @classmethod
    def fitted(
        cls,
        frequency: npt.ArrayLike,
        recency: npt.ArrayLike,
        age: npt.ArrayLike,
        weights: npt.ArrayLike | None = None,
    ) -> Self:
        """The model of greatest likelihood."""
        data = histories(frequency, recency, age, weights)
        found = _maximum(data, cls.first_stops)
        r, alpha, a, b = found.parameters.tolist()
        customers, cells = float(data.customers.sum()), len(data.customers)
        converged = not found.reason
        return cls(r, alpha, a, b, found.log_likelihood, converged, found.reason, customers, cells, found.covariance)

    def p_alive(self, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike) -> F64:
        """The probability that a customer has not stopped by the end of observation; the shape of the arguments."""
        (x, t_x, t), shape = states(frequency, recency, age)
        return self._p_alive(x, t_x, t).reshape(shape)

    def expected_purchases(self, t: npt.ArrayLike) -> F64:
        """Repeat purchases expected of a new customer within time t of the first purchase; the shape of t."""
        time = not_negative("t", numbers("t", t))
        a, b, stops = self.a, self.b, self.first_stops
        stays = b / (a + b) if stops else 1.0
        return stays * self._until_stop(np.zeros(time.size), np.zeros(time.size), time.ravel()).reshape(time.shape)

    def conditional_expected_purchases(
        self, t: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> F64:
        """Purchases expected within time t after the end of observation; the common shape of all arguments.

        t is a time for all customers or one for each. Never falls with t; at most p_alive (r+x) t / (alpha+age).
        """
        (x, t_x, ages), shape = states(frequency, recency, age)
        time = not_negative("t", numbers("t", t))
        whole_shape = np.broadcast_shapes(time.shape, shape)
        purchases = self._p_alive(x, t_x, ages).reshape(shape) * np.ones(whole_shape)
        x, ages = (np.broadcast_to(one.reshape(shape), whole_shape).ravel() for one in (x, ages))
        time = np.broadcast_to(time, whole_shape).ravel()
        return purchases * self._until_stop(x, ages, time).reshape(whole_shape)

    def _p_alive(self, frequency: F64, recency: F64, age: F64) -> F64:
        if not self.converged:
            return np.full(len(frequency), np.nan)
        odds = log_odds_stopped(
            Parameters(self.r, self.alpha, self.a, self.b), self.first_stops, frequency, recency, age
        )
        alive: F64 = logistic(-odds)
        return alive

    def _until_stop(self, frequency: F64, age: F64, t: F64) -> F64:
        if not self.converged:
            return np.full(len(frequency), np.nan)
        # It depends neither on recency nor on who it is: far fewer rows than there are histories.
        (x, ages, times), index = distinct((frequency, age, t))
        b = self.b + x + self.first_stops
        return purchases_until_stop(self.r + x, times / (self.alpha + ages), np.full(len(b), self.a), b)[index]


def log_odds_stopped(at: Parameters, first_stops: int, frequency: F64, recency: F64, age: F64) -> F64:
    """log(P(stopped) / P(not stopped)) by the end of observation: minus infinity where there was no occasion to."""
    stays = frequency + first_stops
    silent = (at.r + frequency) * np.log1p((age - recency) / (at.alpha + recency))
    odds: F64 = np.where(stays > 0, np.log(at.a / (at.b + np.maximum(stays, 1.0) - 1.0)) + silent, -np.inf)
    return odds


def _maximum(data: Histories, first_stops: int) -> Maximum:
    customers = data.customers.sum()
    repeaters, oldest = data.customers[data.frequency > 0].sum(), data.age.max(initial=0.0)
    if customers == 0:
        return Maximum.missing(len(NAMES), "there are no customers")
    if repeaters < FEWEST_REPEATERS:
        few = f"{repeaters:g} customers" if repeaters != 1 else "1 customer"
        few = few if repeaters else "no customer"
        return Maximum.missing(len(NAMES), f"{few} came back; at least {FEWEST_REPEATERS} are needed")
    if oldest == 0:
        return Maximum.missing(len(NAMES), "no time passes between first purchases and the end of observation")
    # Time in units of the mean age: the search does not depend on the unit of the data.
    unit = float(data.customers @ data.age / customers)
    purchases = float(data.customers @ data.frequency)
    scaled = Histories(data.frequency, data.recency / unit, data.age / unit, data.customers)
    starts = [(r, r * customers / (2.0 * purchases), a, b) for r, a, b in STARTS]
    some = Likelihood(scaled.every(len(data.age) // CELLS_OF_A_SAMPLE), first_stops)
    found = maximise(Likelihood(scaled, first_stops), starts, NAMES, float(customers), some)
    back = np.array([1.0, unit, 1.0, 1.0])
    # A density of purchase times is a number per unit of time for each purchase.
    log_likelihood = found.log_likelihood - purchases * math.log(unit)
    return Maximum(found.parameters * back, found.covariance * np.outer(back, back), log_likelihood, found.reason)


class Likelihood:
    """The mean log-likelihood of a customer and its gradient, at the logarithms of r, alpha, a, b.

    Of a history (x, t_x, T): Gamma(r+x) alpha^r / Gamma(r) [B(a, b+x+s) / B(a, b) (alpha+T)^-(r+x) +
    B(a+1, b+x+s-1) / B(a, b) (alpha+t_x)^-(r+x)], s = `first_stops`, without the second term where x + s = 0.
    """

    def __init__(self, data: Histories, first_stops: int) -> None:
        self.data, self.first_stops = data, first_stops
        self.weight = data.customers / data.customers.sum()
        # Logarithms depend on one of the times alone, and both have few distinct values.
        self.distinct, self.place = np.unique(data.frequency, return_inverse=True)
        self.purchases = Occasions(data.frequency, self.weight)
        self.stays = Occasions(data.frequency + first_stops, self.weight)
        self.ages, self.place_of_age = np.unique(data.age, return_inverse=True)
        self.recencies, self.place_of_recency = np.unique(data.recency, return_inverse=True)
        self.weight_of_age = np.bincount(self.place_of_age, self.weight)
        self.purchases_of_age = np.bincount(self.place_of_age, self.weight * data.frequency)

    def __call__(self, logs: F64) -> tuple[float, F64]:
        at = Parameters(*np.exp(logs).tolist())
        constant, slope = self._of_frequencies(at)
        value, further = self._of_times(at)
        return constant + value, (slope + further) * np.exp(logs)

    def _of_frequencies(self, at: Parameters) -> tuple[float, F64]:
        r, alpha, a, b = at
        purchases, by_r = self.purchases.log_rising(r)
        stays, by_a, by_b = self.stays.log_stays(a, b)
        log_alpha = math.log(alpha)
        return purchases + stays + r * log_alpha, np.array([by_r + log_alpha, r / alpha, by_a, by_b])

    def _of_times(self, at: Parameters) -> tuple[float, F64]:
        r, alpha, a, b = at
        log_age, log_recency = np.log(alpha + self.ages), np.log(alpha + self.recencies)
        silence = log_age[self.place_of_age] - log_recency[self.place_of_recency]
        stays = self.distinct + self.first_stops
        least = np.maximum(b + stays - 1.0, b)
        constant = np.where(stays > 0, np.log(a / least), -np.inf)
        rate = r + self.data.frequency
        softplus, stopped = _softplus(constant[self.place] + rate * silence)
        stopped *= self.weight
        log_time = self.weight_of_age @ log_age
        value = self.weight @ softplus - r * log_time - self.purchases_of_age @ log_age
        by_r = stopped @ silence - log_time
        later = stopped * rate
        of_age = np.bincount(self.place_of_age, later) - r * self.weight_of_age - self.purchases_of_age
        of_recency = np.bincount(self.place_of_recency, later)
        by_alpha = of_age @ (1.0 / (alpha + self.ages)) - of_recency @ (1.0 / (alpha + self.recencies))
        by_b = -np.bincount(self.place, stopped) @ (1.0 / least)
        return float(value), np.array([by_r, by_alpha, stopped.sum() / a, by_b])


def _softplus(odds: F64) -> tuple[F64, F64]:
    """log(1 + e^odds) and its derivative, from one exponential; minus infinity gives 0 and 0."""
    small = np.exp(-np.abs(odds))
    whole = 1.0 + small
    return np.maximum(odds, 0.0) + np.log1p(small), np.where(odds >= 0.0, 1.0, small) / whole
