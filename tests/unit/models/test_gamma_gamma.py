"""The gamma-gamma model recovers what spend was made with; predictions lie between a customer and the population."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import integrate, optimize, stats

from medallion.errors import ModelError
from medallion.models import GammaGamma, fit_gamma_gamma
from medallion.models.gamma_gamma import Likelihood

TRUE = (6.0, 3.8, 15.0)
SEEDS = range(20)
F64 = npt.NDArray[np.float64]


def spend(seed: int, size: int = 1500) -> tuple[F64, F64]:
    """Numbers of purchases and their mean values."""
    rng, (p, q, v) = np.random.default_rng(seed), TRUE
    frequency = rng.geometric(0.35, size).astype(np.float64)
    rate = rng.gamma(q, 1.0 / v, size)
    return frequency, rng.gamma(p * frequency, 1.0 / rate) / frequency


def test_what_spend_was_made_with_is_recovered_within_the_standard_errors() -> None:
    models = [fit_gamma_gamma(*spend(seed)) for seed in SEEDS]

    assert all(model.converged for model in models)
    found = np.array([(model.p, model.q, model.v) for model in models])
    relative = np.array([model.standard_errors for model in models]) / found
    distance = np.log(found / np.array(TRUE)) / relative  # about standard normal in the logarithms
    assert (np.abs(distance) < 1.96).mean() >= 0.85
    assert (np.abs(distance.mean(axis=0)) < 3.0 / np.sqrt(len(SEEDS))).all()
    assert ((distance.std(axis=0) > 0.5) & (distance.std(axis=0) < 1.5)).all()


def test_the_population_mean_is_that_of_the_customers_made() -> None:
    assert fit_gamma_gamma(*spend(7, 20_000)).population_mean == pytest.approx(6.0 * 15.0 / 2.8, rel=0.02)


def test_the_likelihood_is_the_mixture_over_rates() -> None:
    (p, q, v), x, m = TRUE, 3.0, 22.0

    def density(rate: float) -> float:
        return float(stats.gamma.pdf(m, p * x, scale=1 / (rate * x)) * stats.gamma.pdf(rate, q, scale=1 / v))

    value, _ = Likelihood(np.array([x]), np.array([m]), np.ones(1))(np.log(TRUE))
    assert value == pytest.approx(np.log(integrate.quad(density, 0, 5)[0]), rel=1e-8)


def test_the_gradient_of_spend_is_that_of_the_likelihood() -> None:
    likelihood, at = Likelihood(*spend(1, 200), np.ones(200)), np.log([3.0, 2.0, 40.0])

    differences = [(likelihood(at + d)[0] - likelihood(at - d)[0]) / 2e-5 for d in np.eye(3) * 1e-5]

    assert likelihood(at)[1] == pytest.approx(differences, rel=1e-6)


def test_the_expected_value_lies_between_the_customers_mean_and_the_populations() -> None:
    model = fit_gamma_gamma(*spend(1))
    own = np.array([0.5, 10.0, 32.0, 90.0, 4_000.0])[:, np.newaxis]

    expected = model.conditional_expected_value([1, 5, 50, 10_000], own)

    assert (expected >= np.minimum(own, model.population_mean)).all()
    assert (expected <= np.maximum(own, model.population_mean)).all()
    assert (np.diff(np.abs(expected - own), axis=1) < 0).all()  # the more purchases, the nearer to the customer's own


def test_the_expected_value_of_whom_nothing_is_known_is_the_populations() -> None:
    model = fit_gamma_gamma(*spend(1))

    assert model.conditional_expected_value([0, 0], [np.nan, 12.0]) == pytest.approx(model.population_mean)


def test_currency_makes_no_difference() -> None:
    frequency, mean = spend(2)

    dollars, cents = fit_gamma_gamma(frequency, mean), fit_gamma_gamma(frequency, mean * 100)

    assert [cents.p, cents.q, cents.v / 100] == pytest.approx([dollars.p, dollars.q, dollars.v], rel=1e-7)
    assert cents.log_likelihood == pytest.approx(dollars.log_likelihood - len(mean) * np.log(100))


def test_neither_order_nor_repetition_of_customers_makes_a_difference() -> None:
    rows = np.round(np.array(spend(3, 400)))
    twice = np.random.default_rng(0).permutation(np.hstack([rows, rows[:, :100]]), axis=1)

    assert fit_gamma_gamma(*twice) == fit_gamma_gamma(*rows, weights=np.where(np.arange(400) < 100, 2, 1))


def test_customers_without_purchases_or_spend_are_left_out_and_counted() -> None:
    frequency, mean = spend(3, 400)

    model = fit_gamma_gamma(np.append(frequency, [0, 0, 2]), np.append(mean, [np.nan, 7.0, 0.0]))

    alone = fit_gamma_gamma(frequency, mean)
    assert (model.p, model.q, model.v) == (alone.p, alone.q, alone.v)
    assert (model.customers, model.left_out, alone.left_out) == (400, 3, 0)


@pytest.mark.parametrize("amount", [1e10, 1e15])
def test_one_absurd_amount_does_not_keep_the_model_from_its_maximum(amount: float) -> None:
    frequency, mean = (np.append(column, last) for column, last in zip(spend(1, 300), (3.0, amount), strict=True))

    model = fit_gamma_gamma(frequency, mean)

    def loss(logs: F64) -> float:
        return -Likelihood(frequency, mean, np.ones(301))(logs)[0]

    assert model.converged
    best = optimize.minimize(loss, np.log([15.0, 2.3, 3.0]), method="Nelder-Mead", options={"fatol": 1e-12})
    assert np.log([model.p, model.q, model.v]) == pytest.approx(best.x, abs=1e-3)


def _pareto(size: int) -> tuple[F64, F64]:
    """Spend whose mean is infinite."""
    rng = np.random.default_rng(1)
    return np.ones(size), rng.gamma(4.0, 1.0 / rng.gamma(0.6, 1.0, size))


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (([], []), "0 customers with purchases; at least 10 are needed"),
        (([0] * 50, [5.0] * 50), "0 customers with purchases; at least 10 are needed"),
        (([1] * 9, np.arange(9.0) + 1), "9 customers with purchases; at least 10 are needed"),
        (([2] * 50, [8.0] * 50), "the likelihood has no maximum"),
        (_pareto(3_000), "the mean spend of the population is infinite"),
    ],
)
def test_spend_that_determines_no_model_gives_a_reason_and_no_number(rows: tuple[F64, F64], reason: str) -> None:
    model: GammaGamma = fit_gamma_gamma(*rows)

    assert not model.converged
    assert reason in model.reason
    assert np.isnan([model.p, model.q, model.v, model.population_mean, *model.standard_errors]).all()
    assert np.isnan(model.conditional_expected_value([0, 3], [0.0, 8.0])).all()


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (([1, 2], [1.0]), "monetary_value: has 1 rows, frequency has 2; give one value a row"),
        (([1], [-3.0]), "monetary_value: -3 in row 0 is negative; leave such customers out"),
        (([1, 1], [3.0, np.nan]), "monetary_value: nan in row 1 is not a finite number; leave such rows out"),
        (([0.5], [3.0]), "frequency: 0.5 in row 0 is no whole number; it is a count"),
        (([1], ["dear"]), "monetary_value: cannot be read as numbers; give an array of numbers"),
        (([1], [3.0], [-1.0]), "weights: -1 in row 0 is negative; it must be zero or more"),
    ],
)
def test_spend_that_makes_no_sense_is_refused_in_one_line(rows: tuple[object, ...], line: str) -> None:
    with pytest.raises(ModelError) as refused:
        fit_gamma_gamma(*rows)
    assert str(refused.value) == line
