"""Confidence intervals and p values of many estimates whose error is t distributed, as arrays.

What `medallion.models.t_distribution` computes one by one, for whole columns and without SciPy, which takes longer to
load on an engine's workers than all estimates of a run to compute. NaN stands for what is not known. NumPy is loaded
where this runs: contracts are read in places that have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    F64 = npt.NDArray[np.float64]

DIGITS = 10  # significant ones that are kept: engines differ in the last bits of logarithms and roots
_MOST_DECIMALS = 308.0  # 10.0 ** 309 is no number
# log t(0.975) as a Chebyshev series in 2 / degrees of freedom - 1, fitted to scipy.special.stdtrit over [1, oo).
_LOG_CRITICAL = (
    1.533874183166, 0.940108009482, 0.074148752032, -0.005719475081, -0.000504949531, 0.000198209478, -1.0444575e-05,
    -4.6933e-06, 7.67907e-07, 1.23502e-07, -4.7321e-08, -3.589e-09, 5.159e-09, -1.441e-09, 1.54e-10, 4.4e-11, -3.5e-11,
)  # fmt: skip
ESTIMATE = ("estimate", "standard_error", "degrees_of_freedom")
# Terms of the sums that stand for integrals, their distance, and where they begin: see `_p_value`.
_TERMS, _STEP, _START = 95, 0.09, -4.6


def with_interval(estimate: F64, standard_error: F64, degrees_of_freedom: F64) -> Mapping[str, F64]:
    """The estimates with their 95 % interval (confidence_low to confidence_high) and p_value, all rounded.

    The p value is two-sided, of no effect. Arrays of one length; degrees of freedom are 1 or more. Where one is not
    known, neither is its interval. An estimate without error is its own interval; its p value is 0, or 1 for no effect.
    """
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        reach = np.exp(np.polynomial.chebyshev.chebval(2.0 / degrees_of_freedom - 1.0, _LOG_CRITICAL)) * standard_error
        found = {
            "estimate": estimate,
            "standard_error": standard_error,
            "degrees_of_freedom": degrees_of_freedom,
            "confidence_low": estimate - reach,
            "confidence_high": estimate + reach,
            "p_value": _p_value(estimate, standard_error, degrees_of_freedom),
        }
    return {name: significant(values) for name, values in found.items()}


def significant(values: F64) -> F64:
    """The values rounded to ten significant digits, and to 308 after the point, the fewer the nearer to 0."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        decimals = DIGITS - 1.0 - np.floor(np.log10(np.abs(values)))
        scale = 10.0 ** np.minimum(decimals, _MOST_DECIMALS)
        return np.where(values == 0, 0.0, np.rint(values * scale) / scale)


def _p_value(estimate: F64, error: F64, freedom: F64) -> F64:
    """Twice the area under the t density beyond |estimate / error|.

    The density of t = sqrt(v) sinh(u) is proportional to cosh(u)^-v. With log cosh(u) = log(1 + t^2 / v) / 2 + s / v,
    the area beyond t is (1 + t^2 / v)^(-v / 2) times the integral of e^-s / sqrt(1 - exp(-2 s / v) / (1 + t^2 / v)).
    It is summed over x with s = exp(x - e^-x), which takes the root at 0 and the decay alike (Takahasi, Mori 1974).
    """
    import numpy as np

    t = np.abs(np.divide(estimate, error, out=np.zeros_like(error), where=error != 0))
    v, log = freedom[:, None], np.log1p(t * t / freedom)[:, None]
    x = _START + _STEP * np.arange(_TERMS)
    s = np.exp(x - np.exp(-x))
    weight = s * (1.0 + np.exp(-x)) * np.exp(-s)
    half = (weight / np.sqrt(-np.expm1(-2.0 * s / v))).sum(axis=1)
    beyond = (weight * np.exp(-v * log / 2.0) / np.sqrt(-np.expm1(-2.0 * s / v - log))).sum(axis=1)
    is_exact = (error == 0) & ~np.isnan(freedom)
    p_of_exact = np.where(np.isnan(estimate), np.nan, np.where(estimate == 0, 1.0, 0.0))
    is_known = ~(np.isnan(estimate) | np.isnan(error) | np.isnan(freedom))
    return np.where(is_exact, p_of_exact, np.where(is_known, beyond / half, np.nan))
