"""Purchase histories as counts of equal rows: what models of repeat purchases are fitted on.

A customer's frequency is the number of purchases after the first, recency the time from the first to the last, age the
time from the first to the end of observation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from medallion.models.arguments import F64, not_negative, numbers, refuse, row_weights, same_length, vector, whole


@dataclass(frozen=True)
class Histories:
    """Distinct (frequency, recency, age), sorted, each with the number of its customers; arrays of one length."""

    frequency: F64
    recency: F64
    age: F64
    customers: F64

    def every(self, step: int) -> Histories:
        """The histories at every `step` rows, a sample of them all; all for a step of 0."""
        part = slice(None, None, max(step, 1))
        return Histories(self.frequency[part], self.recency[part], self.age[part], self.customers[part])


def histories(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> Histories:
    """Histories merged to cells, so that neither the order of rows nor repetition for weights makes a difference.

    Raises ModelError for columns of different lengths, negative or broken frequencies, recency beyond age, and recency
    without a repeat purchase.
    """
    x, t_x, t = vector("frequency", frequency), vector("recency", recency), vector("age", age)
    same_length(frequency=x, recency=t_x, age=t)
    _consistent(x, t_x, t)
    counts = row_weights(weights, len(x))
    (x, t_x, t), counts = merged((x, t_x, t), counts)
    return Histories(x, t_x, t, counts)


def states(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
) -> tuple[tuple[F64, F64, F64], tuple[int, ...]]:
    """Histories to be scored, flat, and the shape that they have together. Raises ModelError as `histories` does."""
    given = numbers("frequency", frequency), numbers("recency", recency), numbers("age", age)
    x, t_x, t = np.broadcast_arrays(*given)
    flat = x.ravel(), t_x.ravel(), t.ravel()
    _consistent(*flat)
    return flat, x.shape


def merged(columns: tuple[F64, ...], weights: F64) -> tuple[tuple[F64, ...], F64]:
    """Distinct rows of the columns, sorted, and the sum of the weights of each; rows without weight are left out."""
    counted = weights > 0
    rows, index = distinct(tuple(column[counted] for column in columns))
    return rows, np.bincount(index, weights[counted], len(rows[0])).astype(np.float64)  # of whole ones if empty


def distinct(columns: tuple[F64, ...]) -> tuple[tuple[F64, ...], npt.NDArray[np.intp]]:
    """Distinct rows of the columns, sorted, and for each row given the number of the one that it is."""
    order = np.lexsort(columns[::-1])
    columns = tuple(column[order] for column in columns)
    differs = np.zeros(len(order), dtype=np.bool_)
    differs[:1] = True
    for column in columns:
        differs[1:] |= column[1:] != column[:-1]
    index = np.empty(len(order), dtype=np.intp)
    index[order] = np.cumsum(differs) - 1
    return tuple(column[differs] for column in columns), index


def _consistent(frequency: F64, recency: F64, age: F64) -> None:
    whole("frequency", frequency)
    not_negative("recency", recency)
    not_negative("age", age)
    refuse("recency", recency, recency > age, "is greater than age; recency ends with the last purchase, age later")
    refuse("recency", recency, (frequency == 0) & (recency > 0), "is there without a repeat purchase; it must be 0")
