"""BG/NBD and MBG/NBD recover what customers were made with, and do not depend on how the data are written down."""

from __future__ import annotations

import numpy as np
import pytest
from purchase_simulation import BOTH, Customers, Fit, customers
from scipy import integrate, special

from medallion.errors import ModelError
from medallion.models import fit_bg_nbd, fit_mbg_nbd
from medallion.models.beta_geometric import BetaGeometric, Likelihood
from medallion.models.purchase_histories import histories

WEEKLY = (0.6, 5.0, 0.9, 2.2)
DAILY = (0.632, 4.66, 0.628, 0.713)
SEEDS = range(100, 120)


def sample(seed: int, first_stops: int, size: int = 2000, follow: float = 0.0) -> Customers:
    return customers(np.random.default_rng(seed), size, WEEKLY, first_stops, 80.0, follow)


def fitted(fit: Fit, data: Customers) -> BetaGeometric:
    return fit(data.frequency, data.recency, data.age)


@BOTH
def test_what_customers_were_made_with_is_recovered_within_the_standard_errors(fit: Fit, first_stops: int) -> None:
    models = [fitted(fit, sample(seed, first_stops)) for seed in SEEDS]

    assert all(model.converged for model in models)
    found = np.array([(model.r, model.alpha, model.a, model.b) for model in models])
    relative = np.array([model.standard_errors for model in models]) / found
    distance = np.log(found / np.array(WEEKLY)) / relative  # about standard normal in the logarithms
    assert (np.abs(distance) < 1.96).mean() >= 0.88
    assert (np.abs(distance.mean(axis=0)) < 3.0 / np.sqrt(len(SEEDS))).all()
    assert ((distance.std(axis=0) > 0.5) & (distance.std(axis=0) < 1.5)).all()


def test_daily_visits_to_a_restaurant_are_recovered() -> None:
    data = customers(np.random.default_rng(3), 8_000, DAILY, 1, 700.0)

    model = fitted(fit_mbg_nbd, data)

    assert np.abs((np.array([model.r, model.alpha, model.a, model.b]) - DAILY) / model.standard_errors).max() < 3.0


@BOTH
def test_purchases_of_the_time_that_follows_are_foreseen(fit: Fit, first_stops: int) -> None:
    data = sample(5, first_stops, size=8_000, follow=40.0)

    expected = fitted(fit, data).conditional_expected_purchases(40.0, data.frequency, data.recency, data.age)

    assert abs((data.future - expected).mean()) < 4.0 * data.future.std() / np.sqrt(len(data.future))
    frequent = data.frequency >= 4
    assert abs((data.future - expected)[frequent].mean()) < 4.0 * data.future[frequent].std() / np.sqrt(frequent.sum())


@BOTH
def test_purchases_of_a_new_customer_are_foreseen(fit: Fit, first_stops: int) -> None:
    model = fitted(fit, sample(5, first_stops, size=8_000))
    new = customers(np.random.default_rng(6), 40_000, WEEKLY, first_stops, 0.0, follow=50.0).future

    assert float(model.expected_purchases(50.0)) == pytest.approx(new.mean(), rel=0.06)


@BOTH
def test_the_unit_of_time_makes_no_difference(fit: Fit, first_stops: int) -> None:
    data = sample(1, first_stops)

    weeks = fitted(fit, data)
    minutes = fit(data.frequency, data.recency * 10_080, data.age * 10_080)

    assert [minutes.r, minutes.alpha / 10_080, minutes.a, minutes.b] == pytest.approx(
        [weeks.r, weeks.alpha, weeks.a, weeks.b], rel=1e-8
    )
    assert minutes.log_likelihood == pytest.approx(weeks.log_likelihood - data.frequency.sum() * np.log(10_080))
    assert minutes.p_alive(3, 201_600, 403_200) == pytest.approx(weeks.p_alive(3, 20, 40))
    assert minutes.conditional_expected_purchases(100_800, 3, 201_600, 403_200) == pytest.approx(
        weeks.conditional_expected_purchases(10, 3, 20, 40)
    )


@BOTH
def test_neither_order_nor_repetition_of_rows_makes_a_difference(fit: Fit, first_stops: int) -> None:
    data = sample(2, first_stops, size=600)
    columns = np.array([data.frequency, np.ceil(data.recency), np.ceil(data.age)])
    twice = np.random.default_rng(0).permutation(np.hstack([columns, columns[:, :300]]), axis=1)

    assert fit(*twice) == fit(*columns, weights=np.where(np.arange(600) < 300, 2, 1))


@BOTH
def test_rows_without_weight_count_for_nothing(fit: Fit, first_stops: int) -> None:
    data = sample(2, first_stops, size=600)
    more = [np.append(column, 50.0) for column in data[:3]]

    assert fit(*more, weights=np.append(np.ones(600), 0.0)) == fitted(fit, data)


@BOTH
@pytest.mark.parametrize(("x", "t_x", "age"), [(0, 0.0, 8.0), (1, 3.0, 3.0), (4, 5.5, 20.0)])
def test_the_likelihood_is_that_of_the_story_of_a_customer(
    fit: Fit, first_stops: int, x: int, t_x: float, age: float
) -> None:
    r, alpha, a, b = 1.7, 5.0, 1.4, 2.2
    stays = x + first_stops

    def of_rates(silent_from: float) -> float:
        def density(rate: float) -> float:
            return float(rate ** (x + r - 1) * np.exp(-rate * (silent_from + alpha)))

        return float(integrate.quad(density, 0, np.inf)[0] * alpha**r / special.gamma(r))

    def of_stops(stops: int, goes_on: int) -> float:
        def density(stop: float) -> float:
            return float(stop ** (stops + a - 1) * (1 - stop) ** (goes_on + b - 1))

        return float(integrate.quad(density, 0, 1)[0] / special.beta(a, b))

    active = of_rates(age) * of_stops(0, stays)
    stopped = of_rates(t_x) * of_stops(1, stays - 1) if stays else 0.0

    value, _ = Likelihood(histories([x], [t_x], [age]), first_stops)(np.log([r, alpha, a, b]))
    assert value == pytest.approx(np.log(active + stopped), rel=1e-7)


@BOTH
def test_the_gradient_is_that_of_the_likelihood(fit: Fit, first_stops: int) -> None:
    likelihood = Likelihood(histories(*sample(4, first_stops, size=300)[:3]), first_stops)
    at = np.log([0.4, 7.0, 0.7, 3.0])

    differences = [(likelihood(at + d)[0] - likelihood(at - d)[0]) / 2e-5 for d in np.eye(4) * 1e-5]

    assert likelihood(at)[1] == pytest.approx(differences, rel=1e-6, abs=1e-9)


def test_who_bought_once_is_active_for_certain_in_the_bg_model_only() -> None:
    once = np.zeros(3), np.zeros(3), np.array([0.0, 10.0, 60.0])

    assert fitted(fit_bg_nbd, sample(1, 0)).p_alive(*once).tolist() == [1.0, 1.0, 1.0]
    alive = fitted(fit_mbg_nbd, sample(1, 1)).p_alive(*once)
    assert (np.diff(alive) < 0).all()
    assert alive.max() < 1.0


@BOTH
def test_silence_makes_a_customer_less_likely_to_be_active(fit: Fit, first_stops: int) -> None:
    alive = fitted(fit, sample(1, first_stops)).p_alive(5, 20.0, np.arange(20.0, 80.0))

    assert (np.diff(alive) < 0).all()
    assert 0 < alive.min() < alive.max() < 1


@BOTH
def test_silence_of_a_very_frequent_customer_is_certain_to_mean_the_end(fit: Fit, first_stops: int) -> None:
    model = fitted(fit, sample(1, first_stops))

    assert model.p_alive(130_000, 1_400.0, [1_400.0, 2_000.0]) == pytest.approx([1.0, 0.0], abs=1e-4)
    assert model.conditional_expected_purchases(10.0, 130_000, 1_400.0, 1_400.0) == pytest.approx(925, rel=0.05)


@BOTH
def test_expected_purchases_grow_with_time_and_stay_below_those_of_a_customer_who_never_stops(
    fit: Fit, first_stops: int
) -> None:
    model, time = fitted(fit, sample(1, first_stops)), np.linspace(0.0, 500.0, 60)

    expected = model.conditional_expected_purchases(time, 6, 30.0, 34.0)
    of_new = model.expected_purchases(time)

    assert expected[0] == of_new[0] == 0
    assert (np.diff(expected) > 0).all()
    assert (np.diff(of_new) > 0).all()
    assert (expected <= model.p_alive(6, 30.0, 34.0) * (model.r + 6) * time / (model.alpha + 34.0)).all()
    assert (of_new <= model.r * time / model.alpha).all()


@BOTH
def test_predictions_have_the_shape_of_what_is_asked(fit: Fit, first_stops: int) -> None:
    model = fitted(fit, sample(1, first_stops))

    assert model.p_alive(2, 3.0, 4.0).shape == ()
    assert model.expected_purchases([[1.0, 2.0]]).shape == (1, 2)
    assert model.conditional_expected_purchases([[30.0], [90.0]], [0, 1, 2], [0.0, 1.0, 2.0], 9.0).shape == (2, 3)
    assert model.conditional_expected_purchases(30.0, [], [], []).shape == (0,)


def test_negative_times_are_refused() -> None:
    model = fitted(fit_bg_nbd, sample(1, 0, size=300))

    with pytest.raises(ValueError, match="t: -1 in row 0 is negative"):
        model.expected_purchases(-1.0)
    with pytest.raises(ModelError, match="t: -1 in row 1 is negative"):
        model.conditional_expected_purchases([1.0, -1.0], 1, 1.0, 2.0)
