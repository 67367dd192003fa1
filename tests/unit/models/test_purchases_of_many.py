"""Expected purchases by interpolation are those of the models one by one."""

from __future__ import annotations

import numpy as np
import pytest

from medallion.models import BgNbd, MbgNbd
from medallion.models.beta_geometric import BetaGeometric
from medallion.models.purchases_of_many import purchases_if_active

TIMES = (1.0, 30.0, 365.0)


def model(kind: type[BetaGeometric], *parameters: float, converged: bool = True) -> BetaGeometric:
    return kind(*parameters, 0.0, converged, "", 1.0, 1, np.eye(4))


@pytest.mark.parametrize("kind", [BgNbd, MbgNbd])
@pytest.mark.parametrize(
    "parameters",
    [(0.632, 4.66, 0.628, 0.713), (20.0, 3000.0, 0.01, 8.0), (0.05, 0.5, 3.0, 0.2), (1e-3, 1e-2, 5.0, 1e-2)],
)
def test_interpolated_purchases_are_those_of_each_customer(
    kind: type[BetaGeometric], parameters: tuple[float, ...]
) -> None:
    rng = np.random.default_rng(1)
    age = rng.integers(0, 1401, 500).astype(float)
    x = np.floor(np.minimum(rng.geometric(0.1, 500) - 1, age))
    known = model(kind, *parameters)

    found = purchases_if_active(known, TIMES, x, age)

    recency = np.where(x > 0, age, 0.0)
    alive = known.p_alive(x, recency, age)
    for time, purchases in zip(TIMES, found, strict=True):
        expected = known.conditional_expected_purchases(time, x, recency, age)
        np.testing.assert_allclose(alive * purchases, expected, rtol=1e-6)


def test_customers_of_one_age_need_no_interpolation_at_one_time() -> None:
    known = model(MbgNbd, 0.6, 5.0, 0.7, 1.2)

    found = purchases_if_active(known, [30.0], np.array([2.0]), np.array([100.0]))

    alive = known.p_alive(2.0, 100.0, 100.0)
    assert found[0] * alive == pytest.approx(known.conditional_expected_purchases(30.0, 2.0, 100.0, 100.0), rel=1e-9)


def test_no_customers_are_expected_nothing_of() -> None:
    assert purchases_if_active(model(BgNbd, 1.0, 5.0, 1.0, 1.0), TIMES, np.array([]), np.array([])).shape == (3, 0)


def test_a_model_that_did_not_converge_expects_nothing() -> None:
    found = purchases_if_active(
        model(BgNbd, 1.0, 5.0, 1.0, 1.0, converged=False), [30.0], np.array([1.0]), np.array([9.0])
    )

    assert np.isnan(found).all()
