"""The expectation over stop probabilities agrees with the closed form where that is sound, and is right beyond."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import integrate, special

from medallion.models.purchases_until_stop import purchases_until_stop


def taken(shape: float, time: float, a: float, b: float) -> float:
    return float(purchases_until_stop(*(np.array([one], dtype=np.float64) for one in (shape, time, a, b)))[0])


@pytest.mark.parametrize("shape", [0.2, 1.7, 6.0])
@pytest.mark.parametrize("time", [0.05, 1.0, 30.0])
@pytest.mark.parametrize(("a", "b"), [(0.6, 0.7), (0.9, 2.4), (2.5, 1.2), (6.0, 9.0)])
def test_it_is_the_published_closed_form(shape: float, time: float, a: float, b: float) -> None:
    gauss = special.hyp2f1(shape, b, a + b - 1, time / (1 + time))

    published = (a + b - 1) / (a - 1) * (1 - (1 + time) ** -shape * gauss)

    assert taken(shape, time, a, b) == pytest.approx(published, rel=1e-8)


@pytest.mark.parametrize(
    ("shape", "time", "a", "b"),
    [
        (3.0, 2.0, 1.0, 2.0),  # the closed form divides by zero
        (2.0, 5.0, 0.4, 0.6),  # and here has no gamma function
        (2_000.0, 0.5, 0.63, 1_500.0),
        (40.0, 300.0, 0.3, 35.0),
        (0.6, 1e4, 0.05, 0.7),
        (5.0, 0.01, 400.0, 900.0),
        (5.0, 1.0, 20.0, 0.2),
    ],
)
def test_it_is_the_integral_over_stop_probabilities(shape: float, time: float, a: float, b: float) -> None:
    def density(logit: float) -> float:
        stop, stays = special.expit(logit), special.expit(-logit)
        log_beta = a * np.log(stop) + b * np.log(stays) - special.betaln(a, b)
        return float(np.exp(log_beta) * -np.expm1(-shape * np.log1p(stop * time)) / stop)

    peak = np.log(a / b)
    ends = (-600.0, peak - 20.0, peak - 3.0, peak - 0.3, peak, peak + 0.3, peak + 3.0, 600.0)
    parts = [integrate.quad(density, low, high, epsabs=0.0, epsrel=1e-10, limit=400)[0] for low, high in pairwise(ends)]

    assert taken(shape, time, a, b) == pytest.approx(sum(parts), rel=1e-7)


@pytest.mark.parametrize("exact", [1.0, 2.0])
def test_it_is_smooth_where_the_closed_form_is_singular(exact: float) -> None:
    values = [taken(4.0, 3.0, exact * (1 + shift), 2.0) for shift in (-1e-7, 0.0, 1e-7)]

    assert values[0] > values[1] > values[2]
    assert values[1] == pytest.approx((values[0] + values[2]) / 2, rel=1e-9)


def test_no_time_brings_no_purchases() -> None:
    assert taken(4.0, 0.0, 1.5, 2.0) == 0.0


def test_who_hardly_ever_stops_buys_at_the_mean_rate() -> None:
    assert taken(4.0, 3.0, 1e-4, 1e4) == pytest.approx(12.0, rel=1e-4)


def test_many_rows_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    columns = rng.gamma(1.0, 5.0, (4, 5_000)) + 0.1

    together = purchases_until_stop(*columns)

    picked = [0, 2047, 2048, 4_999]
    assert together[picked] == pytest.approx([taken(*columns[:, row]) for row in picked], rel=1e-8)
