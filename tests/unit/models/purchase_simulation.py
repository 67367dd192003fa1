"""Customers of the BG/NBD and MBG/NBD models, purchase by purchase, for tests of both to recover what made them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from medallion.models import fit_bg_nbd, fit_mbg_nbd
from medallion.models.beta_geometric import BetaGeometric

F64 = npt.NDArray[np.float64]
Fit = Callable[..., BetaGeometric]
# Each model, and whether its customers may stop after the first purchase.
BOTH = pytest.mark.parametrize(("fit", "first_stops"), [(fit_bg_nbd, 0), (fit_mbg_nbd, 1)], ids=["bg", "mbg"])


class Customers(NamedTuple):
    """One row a customer: history up to its age, and the purchases in the time that follows."""

    frequency: F64
    recency: F64
    age: F64
    future: F64


def customers(
    rng: np.random.Generator,
    size: int,
    parameters: tuple[float, float, float, float],
    first_stops: int,
    longest: float,
    follow: float = 0.0,
) -> Customers:
    """Customers first seen at any time of `longest`; with `first_stops` 1 they may stop after the first purchase."""
    r, alpha, a, b = parameters
    age = rng.uniform(0.0, longest, size)
    rate, stop = rng.gamma(r, 1.0 / alpha, size), rng.beta(a, b, size)
    left = rng.geometric(np.maximum(stop, 1e-12)) - first_stops
    time, frequency, recency, future = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    active = np.flatnonzero(left > 0)
    while len(active):
        time[active] += rng.exponential(1.0, len(active)) / np.maximum(rate[active], 1e-300)
        active = active[time[active] <= age[active] + follow]
        seen = active[time[active] <= age[active]]
        frequency[seen] += 1
        recency[seen] = time[seen]
        future[active] += time[active] > age[active]
        left[active] -= 1
        active = active[left[active] > 0]
    return Customers(frequency, recency, age, future)
