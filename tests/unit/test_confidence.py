"""Intervals and p values of whole columns against those of single numbers, which SciPy computes."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from medallion.confidence import significant, with_interval
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


def test_a_p_value_close_to_the_smallest_numbers_is_known() -> None:
    far, beyond = (37.3, 1.0, 1e6), (1e3, 1.0, 1e6)

    found = [p_value for *_, p_value in intervals(far, beyond)]

    assert found == pytest.approx([interval(*far, 0.95).p_value, 0.0], rel=1e-4, abs=0.0)
    assert 0.0 < interval(*far, 0.95).p_value < 1e-300


def test_numbers_of_any_size_keep_ten_significant_digits_where_there_are_as_many() -> None:
    sizes = 10.0 ** np.arange(-298, 308, 3)

    assert significant(sizes * -1.23456789049) == pytest.approx(sizes * -1.234567890, rel=1e-15, abs=0.0)
    assert significant(np.array([5e-324, 1.26e-308, 0.0])).tolist() == [0.0, 1e-308, 0.0]


@pytest.mark.parametrize("row", [(None, 1.0, 5.0), (2.0, None, 5.0), (2.0, 1.0, None)])
def test_what_is_not_known_has_no_interval(row: ROW) -> None:
    assert intervals(row) == [(None, None, None)]
