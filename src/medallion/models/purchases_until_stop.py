"""Purchases expected of customers who may stop after each of them."""

from __future__ import annotations

import numpy as np

from medallion.models.arguments import F64
from medallion.models.gamma_functions import log_beta

STEP, STEPS_A_WIDTH = 0.45, 0.8  # in the logit of the stop probability
NEGLIGIBLE = 32.0  # e^-32 of the integrand at its peak
EXACT_TAIL = 1e-9  # where the integrand is a power of the probability up to this, its tail is a geometric series
CHUNK = 2048  # rows of one number of steps
ROWS_AT_ONCE = 128  # so that the work stays in the processor's cache, and in memory that is used again


def purchases_until_stop(shape: F64, time: F64, a: F64, b: F64) -> F64:
    """E[(1 - (1 + p t)^-r) / p] for p beta(a, b): purchases in a time, of customers active at its start.

    Purchases come at a gamma distributed rate of shape r; `time` is in units of the inverse scale of that distribution;
    after each, the customer stops with probability p. All arguments are flat arrays of one length, positive, `time` may
    be zero. The result lies between 0 and r t.

    It is what Fader, Hardie, Lee (2005), "Counting your customers" the easy way, eq. 10, write with Gauss's
    hypergeometric function: (a+b-1)/(a-1) (1 - (1+t)^-r 2F1(r, b; a+b-1; t/(1+t))). That form is undefined at a = 1 and
    a + b = 1, loses digits beside them, and 2F1 is unreliable for large r and b. So the expectation is taken by the
    trapezoidal rule over the logit of p: the integrand is analytic there and decays at both ends, so the error
    falls exponentially with the step (Trefethen, Weideman 2014); a slow decay is summed as a geometric series.
    """
    result = np.empty(len(shape))
    for start in range(0, len(shape), CHUNK):
        part = slice(start, start + CHUNK)
        result[part] = _integral(shape[part], time[part], a[part], b[part])
    return np.clip(result, 0.0, shape * time)


def _integral(shape: F64, time: F64, a: F64, b: F64) -> F64:
    low, high, step = _range(shape, time, a, b)
    steps = int(np.max(np.ceil((high - low) / step)))
    given = np.stack([shape, time, a, b, low, (high - low) / steps, log_beta(a, b)])
    return np.concatenate(
        [_trapezoids(steps, *given[:, i : i + ROWS_AT_ONCE]) for i in range(0, len(shape), ROWS_AT_ONCE)]
    )


def _trapezoids(steps: int, shape: F64, time: F64, a: F64, b: F64, low: F64, step: F64, log_of_beta: F64) -> F64:
    logit = low[:, np.newaxis] + np.arange(steps + 1) * step[:, np.newaxis]
    odds = np.exp(logit)
    log_q = -np.log1p(odds)  # of 1 - p
    log_density = a[:, np.newaxis] * logit + (a + b)[:, np.newaxis] * log_q - log_of_beta[:, np.newaxis]
    p = odds / (1.0 + odds)
    values = np.exp(log_density) * -np.expm1(-shape[:, np.newaxis] * np.log1p(p * time[:, np.newaxis])) / p
    # Beyond the ends the terms fall as e^(-a step) and e^(-b step), for ever.
    values[:, 0] /= -np.expm1(-a * step)
    values[:, -1] /= -np.expm1(-b * step)
    total: F64 = values.sum(axis=1) * step
    return total


def _range(shape: F64, time: F64, a: F64, b: F64) -> tuple[F64, F64, F64]:
    """Where the integrand matters, in the logit of p, and a step that resolves it.

    Logs of beta densities fall from their peak by at least n (d + e^-d - 1) at a distance d, n = ab / (a + b). The
    factor beside the density is between constant and 1 / p, so the integrand's peak lies between those for a - 1 and a.
    """
    low = np.log(EXACT_TAIL) - np.log(b + 1.0 + (shape + 1.0) * time)
    high = np.log((a + 1.0) / EXACT_TAIL)
    less = np.maximum(a - 1.0, 1e-300)
    low = np.maximum(low, np.where(a > 1.0, np.log(less / b) - _reach(less, b), -np.inf))
    high = np.maximum(np.minimum(high, np.log(a / b) + _reach(a, b)), low + STEP)
    return low, high, np.minimum(STEP, STEPS_A_WIDTH * np.sqrt(1.0 / a + 1.0 / b))


def _reach(a: F64, b: F64) -> F64:
    """The distance from its peak at which a beta density in the logit is negligible."""
    halves = NEGLIGIBLE * (1.0 / a + 1.0 / b)
    return halves + np.sqrt(2.0 * halves)
