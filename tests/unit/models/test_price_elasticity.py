"""Elasticities: planted ones are recovered, and too few prices give a reason."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from medallion.errors import ModelError
from medallion.models import log_log_elasticity

F64 = npt.NDArray[np.float64]


def sales(seed: int, elasticity: float = -1.4, size: int = 120) -> tuple[F64, F64]:
    """Prices of five points, quantities that scatter the more the higher the price."""
    rng = np.random.default_rng(seed)
    price = rng.choice([4.0, 4.5, 5.0, 6.0, 7.5], size)
    return price, 200.0 * price**elasticity * np.exp(rng.normal(0.0, 0.05 * price))


def test_it_is_the_least_squares_line_of_the_logarithms() -> None:
    price, quantity = sales(1)
    line, x = stats.linregress(np.log(price), np.log(quantity)), np.log(price)

    found = log_log_elasticity(price, quantity)

    residual, design = np.log(quantity) - line.intercept - line.slope * x, np.column_stack([np.ones(len(x)), x])
    bread = np.linalg.inv(design.T @ design)
    sandwich = bread @ (design.T * residual**2) @ design @ bread * len(x) / (len(x) - 2)
    assert (found.estimate, found.classical_standard_error) == pytest.approx((line.slope, line.stderr))
    assert found.standard_error == pytest.approx(np.sqrt(sandwich[1, 1]))
    assert found.r_squared == pytest.approx(line.rvalue**2)
    assert (found.n, found.price_points, found.left_out, found.reason) == (120, 5, 0, "")


@pytest.mark.parametrize("planted", [-1.4, 0.0])
def test_planted_elasticities_lie_in_the_interval(planted: float) -> None:
    found = [log_log_elasticity(*sales(seed, planted)) for seed in range(400)]

    assert np.mean([one.low <= planted <= one.high for one in found]) == pytest.approx(0.95, abs=0.035)
    assert np.mean([one.estimate for one in found]) == pytest.approx(planted, abs=0.02)


def test_weights_are_repetitions_of_an_observation() -> None:
    price, quantity = sales(2, size=30)
    times = np.random.default_rng(0).integers(0, 4, 30)

    found = log_log_elasticity(price, quantity, times)

    repeated = log_log_elasticity(np.repeat(price, times), np.repeat(quantity, times))
    assert found.estimate == pytest.approx(repeated.estimate)
    assert (found.standard_error, found.p_value) == pytest.approx((repeated.standard_error, repeated.p_value))
    assert (found.n, found.price_points) == (repeated.n, repeated.price_points)


def test_units_of_price_and_quantity_make_no_difference() -> None:
    price, quantity = sales(3)

    found = log_log_elasticity(price * 100, quantity / 12)

    assert found.estimate == pytest.approx(log_log_elasticity(price, quantity).estimate)
    assert found.standard_error == pytest.approx(log_log_elasticity(price, quantity).standard_error)


def test_gifts_and_days_without_sales_are_left_out_and_counted() -> None:
    price, quantity = sales(4)

    found = log_log_elasticity(np.append(price, [0.0, 5.0]), np.append(quantity, [9.0, 0.0]))

    assert (found.estimate, found.left_out) == (log_log_elasticity(price, quantity).estimate, 2)


@pytest.mark.parametrize("quantity", [1.0, 7.3])
@pytest.mark.parametrize("weights", [None, [1.0, 3.0, 0.5, 1.0, 1.0, 2.0]])
def test_quantities_that_never_change_are_inelastic(quantity: float, weights: list[float] | None) -> None:
    found = log_log_elasticity([1.1, 2.3, 3.7, 4.9, 5.0, 6.0], [quantity] * 6, weights)

    assert (found.estimate, found.standard_error, found.p_value) == (0.0, 0.0, 1.0)
    assert np.isnan(found.r_squared)


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        ([], "0 distinct prices; at least 3 are needed"),
        ([5.0, 5.0, 5.0, 5.0], "1 distinct price; at least 3 are needed"),
        ([5.0, 6.0, 5.0, 6.0, 0.0], "2 distinct prices; at least 3 are needed"),
    ],
)
def test_too_few_prices_give_a_reason_and_no_number(price: list[float], reason: str) -> None:
    found = log_log_elasticity(price, np.arange(len(price)) + 1.0)

    assert found.reason == reason
    assert np.isnan([found.estimate, found.standard_error, found.low, found.high, found.p_value]).all()


def test_weights_of_less_than_three_observations_give_a_reason() -> None:
    found = log_log_elasticity([4.0, 5.0, 6.0], [9.0, 8.0, 6.0], [0.5, 0.5, 0.5])

    assert found.reason == "1.5 observations; more than 2 are needed"


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (([1.0, 2.0], [1.0]), "quantity: has 1 rows, price has 2; give one value a row"),
        (([-1.0], [1.0]), "price: -1 in row 0 is negative; it must be zero or more"),
        (([1.0], [-1.0]), "quantity: -1 in row 0 is negative; it must be zero or more"),
        (([1.0], [1.0], [np.inf]), "weights: inf in row 0 is not a finite number; leave such rows out"),
    ],
)
def test_sales_that_make_no_sense_are_refused_in_one_line(rows: tuple[object, ...], line: str) -> None:
    with pytest.raises(ModelError) as refused:
        log_log_elasticity(*rows)
    assert str(refused.value) == line
