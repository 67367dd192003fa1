"""Customers whose order days and spend follow planted models, as the silver tables have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Planted:
    """Parameters of MBG/NBD, by days, and of gamma-gamma."""

    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    v: float


def planted_customers(
    planted: Planted, seeds: int, customers: int, days: int, as_of: date
) -> tuple[pa.Table, pa.Table]:
    """(customers, customer_days): a currency (`A00`, …) a seed, first order days over all the days up to as_of."""
    histories = []
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        first = rng.integers(0, days, customers)
        first[0] = 0
        for number in range(customers):
            times = _order_days(rng, planted, days - int(first[number]))
            rate = rng.gamma(planted.q, 1.0 / planted.v)
            spent = np.round(rng.gamma(planted.p, 1.0 / rate, len(times)), 2)
            histories.append((f"A{seed:02}", f"u{number}", times + int(first[number]), np.maximum(spent, 0.01)))
    start = as_of - timedelta(days=days)
    return _customers(histories, start), _customer_days(histories, start)


def _order_days(rng: np.random.Generator, planted: Planted, age: int) -> np.ndarray:
    """Distinct order days from the first (0) to age, of a customer who may stop after each."""
    rate, stop = rng.gamma(planted.r, 1.0 / planted.alpha), rng.beta(planted.a, planted.b)
    found, time = [0], 0.0
    while rng.random() >= stop:
        time += rng.exponential(1.0 / max(rate, 1e-12))
        if time > age:
            break
        found.append(int(np.ceil(time)))
    return np.unique(np.minimum(found, age))


History = tuple[str, str, np.ndarray, np.ndarray]


def _customers(histories: list[History], start: date) -> pa.Table:
    return pa.table(
        {
            "user_id": [user for _, user, _, _ in histories],
            "currency": [currency for currency, *_ in histories],
            "first_order_date": pa.array(
                [start + timedelta(days=int(days[0])) for *_, days, _ in histories], pa.date32()
            ),
            "last_order_date": pa.array(
                [start + timedelta(days=int(days[-1])) for *_, days, _ in histories], pa.date32()
            ),
            "order_day_count": pa.array([len(days) for *_, days, _ in histories], pa.int64()),
            "net_amount": _money(float(spent.sum()) for *_, spent in histories),
            "first_day_net_amount": _money(float(spent[0]) for *_, spent in histories),
        }
    )


def _customer_days(histories: list[History], start: date) -> pa.Table:
    rows = [(user, currency, int(day), int(days[0])) for currency, user, days, _ in histories for day in days]
    return pa.table(
        {
            "user_id": [user for user, *_ in rows],
            "currency": [currency for _, currency, *_ in rows],
            "order_date": _dates(start, [day for *_, day, _ in rows]),
            "first_order_date": _dates(start, [first for *_, first in rows]),
        }
    )


def _money(amounts: Iterable[float]) -> pa.Array:
    return pa.array([Decimal(f"{amount:.2f}") for amount in amounts], pa.decimal128(18, 2))


def _dates(start: date, days: list[int]) -> pa.Array:
    return pa.array([start + timedelta(days=day) for day in days], pa.date32())
