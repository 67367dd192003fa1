"""Difference in differences of two groups over two periods, with errors clustered by unit.

Angrist, Pischke (2009), Mostly Harmless Econometrics, ch. 5.2; errors: Liang, Zeger (1986), Biometrika 73, 13-22, with
the usual correction for few clusters (CR1; Cameron, Miller 2015, Journal of Human Resources 50(2), sec. II.C).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medallion.errors import ModelError
from medallion.models.arguments import F64, confidence_level, indicator, row_weights, same_length, vector
from medallion.models.t_distribution import interval

NAN = float("nan")
Index = npt.NDArray[np.intp]


@dataclass(frozen=True)
class TreatmentEffect:
    """The effect with its clustered error; interval and p value are on one degree of freedom less than clusters.

    What is not determined is NaN, and `reason` says why.
    """

    estimate: float
    standard_error: float
    low: float
    high: float
    p_value: float
    clusters: int  # units that count
    treated_clusters: int
    left_out: int  # units without weight, or in strata without rows of two units of each group in both periods
    reason: str = ""


@dataclass(frozen=True)
class _Rows:
    """Rows by unit, and by cell: stratum, group, period. `cell` is 4 stratum + 2 treated + after."""

    outcome: F64
    unit: Index
    cell: Index
    weight: F64

    def where(self, kept: npt.NDArray[np.bool_]) -> _Rows:
        """The rows that are kept, under the same numbers of units and cells."""
        return _Rows(self.outcome[kept], self.unit[kept], self.cell[kept], self.weight[kept])


def difference_in_differences(
    outcome: npt.ArrayLike,
    treated: npt.ArrayLike,
    after: npt.ArrayLike,
    unit: npt.ArrayLike,
    weights: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    confidence: float = 0.95,
) -> TreatmentEffect:
    """The change of the treated less that of the others, from one row a unit and period.

    `treated` and `after` are 0 or 1, `unit` and `strata` numbers or texts, the same in all rows of a unit. Weights say
    how much a row counts (they do not stand for further units). With strata, changes are compared within each, and
    averaged by the weight of the treated there: the effect on the treated. It is the coefficient of a weighted
    regression on treated, after and their product (interacted with strata).

    A group's single unit in a stratum has nothing to differ from: it would add to the effect, and nothing to its error.
    So only strata count that have two units or more of each group, and rows of each in both periods. Units of others
    are left out and counted; where no stratum is left, `reason` says so.

    It shows an effect only if both groups would have changed alike without treatment. Raises ModelError for columns of
    different lengths, and units that are in both groups or in two strata.
    """
    level = confidence_level(confidence)
    rows = _rows(outcome, treated, after, unit, weights, strata)
    units = len(np.unique(rows.unit))
    rows = rows.where(rows.weight > 0)
    fewest = _units_of_smaller_group(rows)
    compared = fewest >= 2
    if not compared.any():
        reason = f"a group has {fewest.max(initial=0)} units with rows before and after; at least 2 are needed"
        if len(fewest) > 1:
            reason = "no stratum has 2 units of each group, and rows of both before and after"
        return TreatmentEffect(NAN, NAN, NAN, NAN, NAN, 0, 0, units, reason)
    rows = rows.where(compared[rows.cell // 4])
    clusters = len(np.unique(rows.unit))
    of_treated = len(np.unique(rows.unit[rows.cell % 4 >= 2]))
    estimate, variance = _effect(rows)
    free = len(rows.outcome) - 4 * int(compared.sum())
    if free <= 0:
        reason = f"{int(compared.sum())} strata leave no variation to take an error from; use fewer"
        return TreatmentEffect(estimate, NAN, NAN, NAN, NAN, clusters, of_treated, units - clusters, reason)
    correction = clusters / (clusters - 1.0) * (len(rows.outcome) - 1.0) / free
    error = math.sqrt(correction * variance)
    reach = interval(estimate, error, clusters - 1.0, level)
    return TreatmentEffect(estimate, error, *reach, clusters, of_treated, units - clusters)


def _units_of_smaller_group(rows: _Rows) -> Index:
    """Each stratum's units of the group that has fewer; 0 where a group has no row in a period."""
    strata = int(rows.cell.max(initial=-1)) // 4 + 1
    is_whole = np.bincount(rows.cell, minlength=4 * strata).reshape(strata, 4).min(axis=1) > 0
    row_of_unit = np.unique(rows.unit, return_index=True)[1]
    fewest: Index = np.bincount(rows.cell[row_of_unit] // 2, minlength=2 * strata).reshape(strata, 2).min(axis=1)
    return np.where(is_whole, fewest, 0)


def _effect(rows: _Rows) -> tuple[float, float]:
    """The estimate, and its variance clustered by unit, without correction."""
    cells = 4 * (int(rows.cell.max()) // 4 + 1)
    weight = np.bincount(rows.cell, rows.weight, cells)
    filled = np.maximum(weight, np.finfo(np.float64).tiny)
    mean = np.bincount(rows.cell, rows.weight * rows.outcome, cells) / filled
    of_treated = weight.reshape(-1, 4)[:, 2:].sum(axis=1)
    # In a cell's order: others before and after, treated before and after.
    factor = np.repeat(of_treated / of_treated.sum(), 4) * np.tile([1.0, -1.0, -1.0, 1.0], cells // 4)
    estimate = float(factor @ mean)
    residual = rows.outcome - mean[rows.cell]
    influence = (factor / filled)[rows.cell] * rows.weight * residual
    of_unit = np.bincount(rows.unit, influence)
    return estimate, float(of_unit @ of_unit)


def _rows(
    outcome: npt.ArrayLike,
    treated: npt.ArrayLike,
    after: npt.ArrayLike,
    unit: npt.ArrayLike,
    weights: npt.ArrayLike | None,
    strata: npt.ArrayLike | None,
) -> _Rows:
    y, group, period = vector("outcome", outcome), indicator("treated", treated), indicator("after", after)
    units = _numbered("unit", unit)
    stratum = np.zeros(len(y), dtype=np.intp) if strata is None else _numbered("strata", strata)
    columns = {"treated": group, "after": period, "unit": units, "strata": stratum}
    same_length(outcome=y, **{name: column.astype(np.float64) for name, column in columns.items()})
    place = 2 * stratum + group
    first = np.zeros(int(units.max(initial=-1)) + 1, dtype=np.intp)
    first[units] = place
    if (first[units] != place).any():
        name = np.asarray(unit)[np.flatnonzero(first[units] != place)[0]]
        raise ModelError(f"unit: {name} is in both groups or in two strata; a unit belongs to one of each")
    return _Rows(y, units, 2 * place + period, row_weights(weights, len(y)))


def _numbered(name: str, values: npt.ArrayLike) -> Index:
    """Distinct values, numbered from 0."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ModelError(f"{name}: has {array.ndim} dimensions; give one value a row")
    return np.unique(array, return_inverse=True)[1]
