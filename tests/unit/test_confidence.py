"""Intervals and p values of whole columns against those of single numbers, which SciPy computes."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from medallion.confidence import with_interval
from medallion.models.t_distribution import interval

ROW = tuple[float | None, float | None, float | None]
FREEDOM = (1.0, 1.37, 2.0, 2.5, 3.0, 7.7, 30.0, 1234.5, 1e6)
T = (0.0, 1e-6, -0.3, 1.0, 2.4999, 2.5, -2.6, 4.0, 9.0, 25.0)


def intervals(*rows: ROW) -> list[tuple[float | None, ...]]:
    arrays = np.array([[math.nan if value is None else value for value in row] for row in rows]).T
    found = with_interval(*arrays)
    names = ("confidence_low", "confidence_high", "p_value")
    return [
        tuple(None if np.isnan(value) else float(value) for value in row)
        for row in zip(*(found[name] for name in names), strict=True)
    ]


def test_intervals_and_p_values_are_those_of_the_t_distribution() -> None:
    rows = [(t * 0.37, 0.37, freedom) for t, freedom in product(T, FREEDOM)]

    found = intervals(*rows)

    for row, (low, high, p_value) in zip(rows, found, strict=True):
        expected = interval(*row, 0.95)
        reach = expected.high - row[0]
        assert (low, high) == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-9 * reach), row
        assert p_value == pytest.approx(expected.p_value, rel=1e-9), row


def test_without_error_an_estimate_is_its_own_interval() -> None:
    assert intervals((2.0, 0.0, 5.0), (0.0, 0.0, 5.0)) == [(2.0, 2.0, 0.0), (0.0, 0.0, 1.0)]


@pytest.mark.parametrize("row", [(None, 1.0, 5.0), (2.0, None, 5.0), (2.0, 1.0, None)])
def test_what_is_not_known_has_no_interval(row: ROW) -> None:
    assert intervals(row) == [(None, None, None)]
