"""Differences between two groups, of sums over their rows or of the rows themselves, in whatever order they come.

`welch` is what `medallion.models.welch` computes from arrays, of sums of exact decimals that an engine takes;
`matched_difference` is `medallion.models.difference_in_differences` of units that lie in clusters. The first group is
what an effect is looked for in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from medallion.arithmetic import count_where
from medallion.spark import DataFrame, F, SparkColumn

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    F64 = npt.NDArray[np.float64]

NAN = math.nan
# Sums of exact decimals; a hundred trillion each is room for any value that an order may have.
_VALUE, _SQUARE = "decimal(22,8)", "decimal(38,8)"
SIDES = ("first", "second")
MEASURES = tuple(f"{side}_{measure}" for side in SIDES for measure in ("count", "sum", "squares"))
NO_VARIATION = "neither group varies"
# Squares less the square of the sum leave rounding alone where all values are the same.
_ROUNDING = 1e-13


class Difference(NamedTuple):
    """The mean of the first group less that of the second; what is not determined is NaN, and `reason` says why."""

    first_count: int = 0
    second_count: int = 0
    left_out_count: int = 0  # of the first group
    first_mean: float = NAN
    second_mean: float = NAN
    estimate: float = NAN
    standard_error: float = NAN
    degrees_of_freedom: float = NAN
    reason: str | None = None


def sums_of(value: SparkColumn, is_first: SparkColumn, prefix: str = "") -> list[SparkColumn]:
    """Aggregates of both groups: `<prefix>first_count`, `_sum` and `_squares` (double), and so for `second`."""
    exact = value.cast(_VALUE)
    # Squared as a double: of decimals so wide the engines keep different digits.
    square = (exact.cast("double") * exact.cast("double")).cast(_SQUARE)
    found = []
    for side, is_there in zip(SIDES, (is_first, ~is_first), strict=True):
        found += [
            count_where(is_there).alias(f"{prefix}{side}_count"),
            F.coalesce(F.sum(F.when(is_there, exact)).cast("double"), F.lit(0.0)).alias(f"{prefix}{side}_sum"),
            F.coalesce(F.sum(F.when(is_there, square)).cast("double"), F.lit(0.0)).alias(f"{prefix}{side}_squares"),
        ]
    return found


def by_metric(sums: DataFrame, keys: tuple[str, ...], metrics: Mapping[str, int]) -> DataFrame:
    """A row a metric, (keys, metric's number, MEASURES), of columns whose names begin with the metric and `_`."""
    each = (
        F.struct(F.lit(number).alias("metric"), *(F.col(f"{name}_{one}").alias(one) for one in MEASURES))
        for name, number in metrics.items()
    )
    return sums.select(*keys, F.explode(F.array(*each)).alias("of_metric")).select(*keys, "of_metric.*")


def welch(sums: Mapping[str, F64]) -> Difference:
    """The difference of both groups' means with Welch's error (1947), of MEASURES in arrays of one value."""
    counts = [int(sums[f"{side}_count"][0]) for side in SIDES]
    first, second = (float(_mean(sums, side)[0]) for side in SIDES)
    known = Difference(counts[0], counts[1], 0, first, second, first - second)
    if min(counts) < 2:
        return known._replace(reason=too_few(*counts))
    variances = [float(_variance_of_mean(sums, side)[0]) for side in SIDES]
    variance = sum(variances)
    if variance == 0:
        return known._replace(reason=NO_VARIATION)
    # Shares of the variance, not its square, which may be too small or too large for a number.
    freedom = 1.0 / sum((one / variance) ** 2 / (n - 1) for one, n in zip(variances, counts, strict=True))
    return known._replace(standard_error=math.sqrt(variance), degrees_of_freedom=freedom)


def matched_difference(is_first: F64, stratum: F64, customer: F64, change: F64) -> Difference:
    """The difference of mean changes within strata, averaged by the first group's units.

    Strata count that have two units of each group. Errors are clustered by customer: the variance is the sum of
    customers' squared influences, residuals of n units scaled by sqrt(n / (n - 1)), as they are part of their own mean.
    Degrees of freedom are Satterthwaite's (1946), each customer's square being a variance with one. Sums are of rows in
    one order, or exact, so the same whatever the order given.
    """
    import numpy as np

    order = np.lexsort((customer, change, is_first, stratum))
    stratum, customer, change, first = stratum[order], customer[order], change[order], is_first[order] == 1
    place = np.unique(stratum, return_inverse=True)[1]
    strata = int(place.max(initial=-1)) + 1
    counts = [np.bincount(place[side], minlength=strata) for side in (first, ~first)]
    compared = np.minimum(*counts) >= 2
    left_out, kept = int(counts[0][~compared].sum()), compared[place]
    sizes = (int(counts[0][compared].sum()), int(counts[1][compared].sum()))
    if not compared.any():
        return Difference(left_out_count=left_out, reason=too_few(*sizes))
    first, place, customer, change = first[kept], place[kept], customer[kept], change[kept]
    means = [
        np.bincount(place[side], change[side], strata) / np.maximum(count, 1)
        for side, count in zip((first, ~first), counts, strict=True)
    ]
    first_mean, second_mean = (math.fsum((counts[0] * mean)[compared]) / sizes[0] for mean in means)
    known = Difference(*sizes, left_out, first_mean, second_mean, first_mean - second_mean)
    own = np.where(first, counts[0][place], counts[1][place])
    weight = np.where(first, 1.0, -counts[0][place] / own) * np.sqrt(own / (own - 1.0))
    rest = change - np.where(first, means[0][place], means[1][place])
    influences = np.bincount(np.unique(customer, return_inverse=True)[1], weight * rest)
    squares = influences * influences
    variance = math.fsum(squares)
    if variance <= _ROUNDING * math.fsum((weight * change) ** 2):
        return known._replace(reason=NO_VARIATION)
    freedom = min(max(variance * variance / math.fsum(squares * squares), 1.0), float(len(squares)))
    return known._replace(standard_error=math.sqrt(variance) / sizes[0], degrees_of_freedom=freedom)


def too_few(first_count: int, second_count: int) -> str:
    """The sentence that groups of these sizes are too small."""
    return f"each group needs 2 that can be compared; there are {first_count} and {second_count}"


def _mean(sums: Mapping[str, F64], side: str) -> F64:
    import numpy as np

    count = sums[f"{side}_count"]
    return np.divide(sums[f"{side}_sum"], count, out=np.full_like(count, NAN), where=count > 0)


def _variance_of_mean(sums: Mapping[str, F64], side: str) -> F64:
    """Of groups of 2 or more."""
    import numpy as np

    count, total, squares = (sums[f"{side}_{name}"] for name in ("count", "sum", "squares"))
    rest = squares - total * total / count
    return np.where(rest > squares * _ROUNDING, rest, 0.0) / count / (count - 1.0)
