"""Expected purchases of many customers at many horizons, by interpolation where there are more of them than needed.

For one frequency, what is expected within a time depends on the time and the age through time / (alpha + age) alone,
and smoothly so: a few dozen values tell all others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from medallion.models.arguments import F64
from medallion.models.beta_geometric import BetaGeometric
from medallion.models.purchase_histories import distinct
from medallion.models.purchases_until_stop import purchases_until_stop

# In the logarithm of the relative time the function is analytic up to pi beside the real axis (where 1 + p t = 0):
# the error of this many nodes is below 1e-9 over a range of 8, and over wider ones they are more.
NODES, USUAL_RANGE = 40, 8.0
CHUNK = 4096  # customers at a time, so that the work stays in the processor's cache


def purchases_if_active(model: BetaGeometric, times: Sequence[float], frequency: F64, age: F64) -> F64:
    """Purchases (times, n) expected within each of the positive times after the end of observation.

    Of customers who have not stopped: multiplied by `p_alive` it is `conditional_expected_purchases`.
    """
    if not model.converged or not len(age):
        return np.full((len(times), len(age)), np.nan)
    (x, ages), index = distinct((frequency, age))
    (frequencies,), place = distinct((x,))
    relative = np.asarray(times, dtype=np.float64)[:, np.newaxis] / (model.alpha + ages)
    low, high = float(np.log(relative.min())), float(np.log(relative.max()))
    coefficients = _coefficients(model, frequencies, low, high)
    spread = max((high - low) / 2, np.finfo(np.float64).tiny)
    result = np.empty_like(relative)
    for start in range(0, len(x), CHUNK):
        part = slice(start, start + CHUNK)
        at = np.clip((np.log(relative[:, part]) - (low + high) / 2) / spread, -1.0, 1.0)
        result[:, part] = _sum(at, coefficients[:, place[part]]) * relative[:, part]
    return result[:, index]


def _coefficients(model: BetaGeometric, frequencies: F64, low: float, high: float) -> F64:
    """Chebyshev series (terms, frequencies) of purchases by the logarithm of the relative time, divided by that time:
    relative errors are what counts where little is expected.
    """
    count = max(2, int(np.ceil(NODES * max(1.0, (high - low) / USUAL_RANGE))))
    places = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    nodes = np.exp((low + high) / 2 + places * (high - low) / 2)
    x, t = (one.ravel() for one in np.meshgrid(frequencies, nodes, indexing="ij"))
    until_stop = purchases_until_stop(model.r + x, t, np.full(len(x), model.a), model.b + x + model.first_stops)
    values = (until_stop / t).reshape(len(frequencies), count)
    coefficients: F64 = np.polynomial.chebyshev.chebvander(places, count - 1).T @ values.T * (2.0 / count)
    coefficients[0] /= 2.0
    return coefficients


def _sum(at: F64, coefficients: F64) -> F64:
    """The series (terms, n) at places (k, n) from -1 to 1, by Clenshaw's recurrence."""
    later, latest, twice = np.zeros_like(at), np.zeros_like(at), 2.0 * at
    for row in coefficients[:0:-1]:
        later, latest = row + twice * later - latest, later
    total: F64 = coefficients[0] + at * later - latest
    return total
