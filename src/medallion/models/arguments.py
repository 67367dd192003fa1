"""What statistics are given, checked: each function returns float64 arrays or raises ModelError, in one line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from medallion.errors import ModelError

F64 = npt.NDArray[np.float64]


def vector(name: str, values: npt.ArrayLike) -> F64:
    """Values as a one-dimensional array of finite numbers; any length, 0 too."""
    array = numbers(name, values)
    if array.ndim != 1:
        raise ModelError(f"{name}: has {array.ndim} dimensions; give one value a row")
    return array


def numbers(name: str, values: npt.ArrayLike) -> F64:
    """Values as an array of finite numbers, of any shape."""
    array = floats(name, values)
    refuse(name, array, ~np.isfinite(array), "is not a finite number; leave such rows out")
    return array


def not_negative(name: str, values: F64) -> F64:
    """The values, none of them below zero."""
    refuse(name, values, values < 0, "is negative; it must be zero or more")
    return values


def whole(name: str, values: F64) -> F64:
    """The values, all of them whole numbers of zero or more."""
    refuse(name, values, not_negative(name, values) != np.floor(values), "is no whole number; it is a count")
    return values


def same_length(**columns: F64) -> None:
    """Nothing, where all columns have as many rows as the first."""
    (first, *_), rows = columns, [len(column) for column in columns.values()]
    for name, length in zip(columns, rows, strict=True):
        if length != rows[0]:
            raise ModelError(f"{name}: has {length} rows, {first} has {rows[0]}; give one value a row")


def row_weights(weights: npt.ArrayLike | None, rows: int) -> F64:
    """Weights of zero or more, one a row; ones where there are none."""
    if weights is None:
        return np.ones(rows)
    array = not_negative("weights", vector("weights", weights))
    if len(array) != rows:
        raise ModelError(f"weights: has {len(array)} rows, the data {rows}; give one value a row")
    return array


def indicator(name: str, values: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Values that are 0 or 1 (False or True), as indices."""
    array = vector(name, values)
    refuse(name, array, (array != 0) & (array != 1), "is neither 0 nor 1")
    return array.astype(np.intp)


def confidence_level(confidence: float) -> float:
    """The level, strictly between 0 and 1."""
    if not 0 < confidence < 1:
        raise ModelError(f"confidence: {confidence} is not between 0 and 1; 0.95 is usual")
    return confidence


def refuse(name: str, values: F64, wrong: npt.NDArray[np.bool_], why: str) -> None:
    """Raise for the first wrong value, by its row (counted from 0); nothing where none is wrong."""
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ModelError(f"{name}: {float(values.flat[row]):g} in row {row} {why}")


def floats(name: str, values: npt.ArrayLike) -> F64:
    """Values as an array of numbers, of any shape, those that are not finite included."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise ModelError(f"{name}: cannot be read as numbers; give an array of numbers") from None
