"""Price elasticity: by how many per cent the quantity changes where the price is one per cent higher.

Slope of an ordinary least-squares line of log quantity on log price; see Wooldridge, Introductory Econometrics, ch. 2.4
(constant elasticity) and 8.2. Robust errors: HC1 of MacKinnon, White (1985), Journal of Econometrics 29, 305-325.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medallion.models.arguments import F64, confidence_level, not_negative, row_weights, same_length, vector
from medallion.models.t_distribution import interval

FEWEST_PRICE_POINTS = 3
NAN = float("nan")


@dataclass(frozen=True)
class Elasticity:
    """The slope with both errors; interval and p value are those of the robust one, on n - 2 degrees of freedom.

    What is not determined is NaN, and `reason` says why.
    """

    estimate: float
    standard_error: float  # robust to errors of unequal variance (HC1)
    classical_standard_error: float
    low: float
    high: float
    p_value: float
    r_squared: float  # NaN where quantities are all the same
    n: float  # the sum of weights of the rows used
    price_points: int  # distinct prices
    left_out: float  # the sum of weights of rows with a price or quantity of zero, which have no logarithm
    reason: str = ""


def log_log_elasticity(
    price: npt.ArrayLike,
    quantity: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> Elasticity:
    """The elasticity from one row an observation, or one a distinct pair with the number of its observations as weight.

    Rows with a price or quantity of zero are left out and counted. With fewer than three distinct prices, or three
    observations, there is a reason instead of numbers. Raises ModelError for negative numbers and columns of different
    lengths.
    """
    level = confidence_level(confidence)
    prices = not_negative("price", vector("price", price))
    quantities = not_negative("quantity", vector("quantity", quantity))
    same_length(price=prices, quantity=quantities)
    counts = row_weights(weights, len(prices))
    used = (prices > 0) & (quantities > 0) & (counts > 0)
    left_out, n = float(counts[~used].sum()), float(counts[used].sum())
    points = len(np.unique(prices[used]))
    reason = f"{n:g} observations; more than 2 are needed" if n <= 2 else ""
    if points < FEWEST_PRICE_POINTS:
        reason = f"{points} distinct price{'s' if points != 1 else ''}; at least {FEWEST_PRICE_POINTS} are needed"
    if reason:
        return Elasticity(NAN, NAN, NAN, NAN, NAN, NAN, NAN, n, points, left_out, reason)
    slope, robust, classical, r_squared = _line(np.log(prices[used]), np.log(quantities[used]), counts[used])
    reach = interval(slope, robust, n - 2.0, level)
    return Elasticity(slope, robust, classical, *reach, r_squared, n, points, left_out)


def _line(x: F64, y: F64, counts: F64) -> tuple[float, float, float, float]:
    """(slope, HC1 error, classical error, R²) of the line through points that stand for `counts` observations each."""
    n = float(counts.sum())
    # The mean of equal numbers may differ from them by rounding.
    x, y = x - counts @ x / n, y - counts @ y / n if np.ptp(y) > 0 else np.zeros_like(y)
    x_squares, y_squares = float(counts @ x**2), float(counts @ y**2)
    slope = float(counts @ (x * y)) / x_squares
    residual = y - slope * x
    residual_squares = float(counts @ residual**2)
    robust = math.sqrt(n / (n - 2.0) * float(counts @ (x * residual) ** 2)) / x_squares
    classical = math.sqrt(residual_squares / (n - 2.0) / x_squares)
    return slope, robust, classical, 1.0 - residual_squares / y_squares if y_squares > 0 else NAN
