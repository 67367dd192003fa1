"""Gamma functions of positive numbers, by Stirling's series (Abramowitz, Stegun 1964, 6.1.41 and 6.3.18).

SciPy has them too, but loading its special functions takes longer than a whole fit does. Absolute errors are within
a few units of the last digit of the largest term; the tests hold them against SciPy's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medallion.models.arguments import F64

# From here on six terms of the series are exact to the last digit; smaller numbers are shifted up.
LARGE, SHIFT = 10.0, 10
_HALF_LOG_TWO_PI = 0.5 * float(np.log(2.0 * np.pi))
_OF_LOG_GAMMA = (-691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
_OF_DIGAMMA = (691 / 32760, -1 / 132, 1 / 240, -1 / 252, 1 / 120, -1 / 12)


def log_gamma(x: npt.ArrayLike) -> F64:
    """The logarithm of the gamma function."""
    given = np.asarray(x, dtype=np.float64)
    large, is_small = _shifted(given)
    whole = (large - 0.5) * np.log(large) - large + _HALF_LOG_TWO_PI + _series(large)
    passed = given.copy()
    for step in range(1, SHIFT):
        passed = passed * (given + step)
    result: F64 = whole - np.where(is_small, np.log(np.where(is_small, passed, 1.0)), 0.0)
    return result


def digamma(x: npt.ArrayLike) -> F64:
    """The derivative of `log_gamma`."""
    given = np.asarray(x, dtype=np.float64)
    large, is_small = _shifted(given)
    square = 1.0 / (large * large)
    series = np.zeros_like(large)
    for factor in _OF_DIGAMMA:
        series = (series + factor) * square
    passed = np.zeros_like(given)
    for step in range(SHIFT):
        passed = passed + 1.0 / (given + step)
    result: F64 = np.log(large) - 0.5 / large + series - np.where(is_small, passed, 0.0)
    return result


def log_beta(a: npt.ArrayLike, b: npt.ArrayLike) -> F64:
    """The logarithm of the beta function; without the loss of digits of differences where one number is large."""
    one, other = np.broadcast_arrays(np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64))
    small, large = np.minimum(one, other), np.maximum(one, other)
    far = np.maximum(large, LARGE)
    both = small + far
    growth = (far - 0.5) * np.log1p(small / far) + small * (np.log(both) - 1.0) + _series(both) - _series(far)
    near = np.minimum(large, LARGE)
    difference = np.where(large >= LARGE, -growth, log_gamma(near) - log_gamma(small + near))
    result: F64 = log_gamma(small) + difference
    return result


def logistic(x: F64) -> F64:
    """1 / (1 + e^-x), also of infinity."""
    small = np.exp(-np.abs(x))
    result: F64 = np.where(x >= 0.0, 1.0, small) / (1.0 + small)
    return result


def _shifted(given: F64) -> tuple[F64, npt.NDArray[np.bool_]]:
    is_small = given < LARGE
    return np.where(is_small, given + SHIFT, given), is_small


def _series(large: F64) -> F64:
    """What log_gamma is beyond (x - 1/2) log x - x + log(2 pi) / 2."""
    square = 1.0 / (large * large)
    series = np.zeros_like(large)
    for factor in _OF_LOG_GAMMA[:-1]:
        series = (series + factor) * square
    result: F64 = (series + _OF_LOG_GAMMA[-1]) / large
    return result
