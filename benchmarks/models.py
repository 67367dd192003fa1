"""Customers by the million through the models of repeat purchases and spend, as a process of its own.

Histories are drawn from the MBG/NBD model with days as the unit, and counted by distinct history a million at a time,
as an engine would do; drawing and counting are not part of the seconds printed. Spend is given by number of purchases
and mean, to the cent.
"""

from __future__ import annotations

import argparse
import resource
import time

import numpy as np
import numpy.typing as npt

from medallion.models import fit_bg_nbd, fit_gamma_gamma, fit_mbg_nbd
from medallion.models.purchases_of_many import purchases_if_active

R, ALPHA, A, B = 0.632, 4.66, 0.628, 0.713
P, Q, V = 6.0, 3.8, 15.0
HORIZONS = (30.0, 90.0, 180.0, 270.0, 365.0)  # those that a year's worth is discounted by
I64 = npt.NDArray[np.int64]
CHUNK = 1_000_000


def histories(rng: np.random.Generator, size: int, days: int) -> I64:
    """(3, size): repeat purchases, day of the last, days observed, of customers acquired the more the later."""
    age = days * (1.0 - np.sqrt(rng.random(size)))
    possible = rng.poisson(rng.gamma(R, 1.0 / ALPHA, size) * age)
    before_stop = rng.geometric(np.maximum(rng.beta(A, B, size), 1e-9)) - 1
    repeats = np.minimum(possible, before_stop)
    # Of uniform times the one that stopping prevents is beta distributed; the last before it is the greatest below.
    prevented = rng.beta(repeats + 1.0, np.maximum(possible - repeats, 1))
    span = np.where(before_stop < possible, age * prevented, age)
    last = np.where(repeats > 0, span * rng.random(size) ** (1.0 / np.maximum(repeats, 1)), 0.0)
    observed = np.floor(age).astype(np.int64)
    day = np.minimum(np.ceil(last).astype(np.int64), observed)
    return np.stack([np.where(day > 0, np.minimum(repeats, day), 0), day, observed])


def spend(rng: np.random.Generator, frequency: I64) -> I64:
    """(2, n): number of purchases, mean value in cents, of those who came back."""
    x = frequency[frequency > 0]
    mean = rng.gamma(P * x, V / rng.gamma(Q, 1.0, len(x))) / x
    return np.stack([x, np.maximum(np.rint(mean * 100), 1).astype(np.int64)])


class Counted:
    """Distinct columns of whole numbers, each packed into one, and how often they came."""

    def __init__(self, bits: int) -> None:
        self.bits, self.keys, self.counts = bits, np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)

    def add(self, columns: I64) -> None:
        keys = np.zeros(columns.shape[1], dtype=np.int64)
        for column in columns:
            keys = (keys << self.bits) | column
        new, counts = np.unique(keys, return_counts=True)
        self.keys, index = np.unique(np.concatenate([self.keys, new]), return_inverse=True)
        self.counts = np.bincount(index, np.concatenate([self.counts, counts])).astype(np.int64)

    def column(self, place: int) -> npt.NDArray[np.float64]:
        """The column at a place counted from the last."""
        return ((self.keys >> (self.bits * place)) & ((1 << self.bits) - 1)).astype(np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=1_401)
    arguments = parser.parse_args()
    rng, buyers, values = np.random.default_rng(1), Counted(12), Counted(31)
    for start in range(0, arguments.customers, CHUNK):
        drawn = histories(rng, min(CHUNK, arguments.customers - start), arguments.days)
        buyers.add(drawn)
        values.add(spend(rng, drawn[0]))
    x, t_x, age = (buyers.column(place) for place in (2, 1, 0))
    print(f"{arguments.customers:,} customers, {len(x):,} histories, {len(values.keys):,} pairs of number and spend")
    began, cpu = time.monotonic(), time.process_time()
    for fit in (fit_bg_nbd, fit_mbg_nbd):
        started = time.monotonic()
        model = fit(x, t_x, age, buyers.counts)
        fitted = time.monotonic()
        alive = model.p_alive(x, t_x, age)
        expected = [alive * purchases for purchases in purchases_if_active(model, HORIZONS, x, age)]
        print(f"{model}\n  fit {fitted - started:.1f} s, score {time.monotonic() - fitted:.1f} s", end="")
        print(f", alive {buyers.counts @ alive:,.0f}, to come {[f'{buyers.counts @ one:,.0f}' for one in expected]}")
    started = time.monotonic()
    worth = fit_gamma_gamma(values.column(1), values.column(0) / 100, values.counts)
    fitted = time.monotonic()
    mean = np.average(worth.conditional_expected_value(values.column(1), values.column(0) / 100), weights=values.counts)
    print(f"{worth}\n  fit {fitted - started:.1f} s, score {time.monotonic() - fitted:.1f} s, mean {mean:.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    used = time.process_time() - cpu
    print(f"all: {time.monotonic() - began:.1f} s, {used:.1f} s of CPU, peak memory of the process {peak:.1f} GB")


if __name__ == "__main__":
    main()
