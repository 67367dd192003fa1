"""Rows of which BG/NBD and MBG/NBD determine no model, and rows that are no histories: a reason or one line."""

from __future__ import annotations

import numpy as np
import pytest
from purchase_simulation import BOTH, Fit

from medallion.errors import ModelError

NONE = np.empty(0)
ROWS_WITHOUT_A_MODEL = {
    "there are no customers": (NONE, NONE, NONE),
    "no customer came back": (np.zeros(500), np.zeros(500), np.full(500, 30.0)),
    "1 customer came back": ([2], [10.0], [30.0]),
    "9 customers came back": (np.ones(9), np.full(9, 4.0), np.arange(9.0) + 5),
    "no time passes": (np.ones(50), np.zeros(50), np.zeros(50)),
    "no maximum": (np.full(200, 4.0), np.full(200, 20.0), np.full(200, 24.0)),
}


@BOTH
@pytest.mark.parametrize("reason", ROWS_WITHOUT_A_MODEL)
def test_data_that_determine_no_model_give_a_reason_and_no_number(fit: Fit, first_stops: int, reason: str) -> None:
    model = fit(*ROWS_WITHOUT_A_MODEL[reason])

    assert not model.converged
    assert reason in model.reason
    assert np.isnan([model.r, model.alpha, model.a, model.b, model.log_likelihood, *model.standard_errors]).all()
    assert np.isnan(model.p_alive([0, 1], [0.0, 2.0], 4.0)).all()
    assert np.isnan(model.expected_purchases([1.0, 2.0])).all()
    assert np.isnan(model.conditional_expected_purchases(9.0, [0, 1], [0.0, 2.0], 4.0)).all()


@BOTH
def test_customers_who_do_not_differ_give_a_reason(fit: Fit, first_stops: int) -> None:
    rng = np.random.default_rng(1)
    frequency = rng.poisson(5.0, 400) + 1.0
    recency = 50.0 * rng.beta(frequency, 1.0)  # at one rate, and nobody ever stops

    model = fit(frequency, recency, np.full(400, 50.0))

    assert (model.converged, model.reason[:29]) == (False, "the likelihood has no maximum")


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (([1, 2], [1.0], [2.0, 3.0]), "recency: has 1 rows, frequency has 2; give one value a row"),
        (([[1]], [1.0], [2.0]), "frequency: has 2 dimensions; give one value a row"),
        (([-1], [1.0], [2.0]), "frequency: -1 in row 0 is negative; it must be zero or more"),
        (([1.5], [1.0], [2.0]), "frequency: 1.5 in row 0 is no whole number; it is a count"),
        (([0, 1], [0, np.nan], [2, 2]), "recency: nan in row 1 is not a finite number; leave such rows out"),
        (([1], [-2.0], [2.0]), "recency: -2 in row 0 is negative; it must be zero or more"),
        (
            ([1], [3.0], [2.0]),
            "recency: 3 in row 0 is greater than age; recency ends with the last purchase, age later",
        ),
        (([0], [1.0], [2.0]), "recency: 1 in row 0 is there without a repeat purchase; it must be 0"),
        ((["x"], [1.0], [2.0]), "frequency: cannot be read as numbers; give an array of numbers"),
        (([1], [1.0], [2.0], [1, 1]), "weights: has 2 rows, the data 1; give one value a row"),
        (([1], [1.0], [2.0], [-1]), "weights: -1 in row 0 is negative; it must be zero or more"),
    ],
)
@BOTH
def test_rows_that_are_no_histories_are_refused_in_one_line(
    fit: Fit, first_stops: int, rows: tuple[object, ...], line: str
) -> None:
    with pytest.raises(ModelError) as refused:
        fit(*rows)
    assert str(refused.value) == line
