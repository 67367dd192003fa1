"""Effects that are planted in the visits: orders that joining the loyalty programme, or a discount, brings on top."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medallion.errors import UsageError
from medallion.samples.streams import F64, I64, Bool

# Days after a discounted order in which the order that it brings lies: later than its day, within the first 30.
SOONEST_DAYS, LATEST_DAYS = 2.0, 26.0


@dataclass(frozen=True)
class Effects:
    """What is planted; 0 plants nothing.

    `loyalty_lift`: orders that joining adds, as a share of those after the one that a customer joined with, spread over
    the time until the last. `discount_repeat`: the share of customers' discounted orders that bring another one.
    """

    loyalty_lift: float = 0.0
    discount_repeat: float = 0.0

    def __post_init__(self) -> None:
        """Raise `UsageError` for what is no share."""
        for name, value in vars(self).items():
            if not 0.0 <= value <= 1.0:
                raise UsageError(f"{name}: {value} is outside 0 to 1; 0 plants nothing")


@dataclass(frozen=True)
class CustomerOrders:
    """One row an order of customers numbered from 0, each customer's first order before the others."""

    customer: I64
    time: F64  # in days
    loyal: Bool

    def plus(self, customer: I64, time: F64, loyal: Bool) -> CustomerOrders:
        """These orders, and further ones of the same customers behind them."""
        joined = zip((self.customer, self.time, self.loyal), (customer, time, loyal), strict=True)
        return CustomerOrders(*(np.concatenate(pair) for pair in joined))


def with_lift(rng: np.random.Generator, orders: CustomerOrders, lift: float) -> CustomerOrders:
    """The orders with those that joining adds, behind them."""
    joined, last = joined_times(orders), np.full(orders.customer.max(initial=-1) + 1, -np.inf)
    np.maximum.at(last, orders.customer, orders.time)
    is_after = orders.time > joined[orders.customer]
    customer = orders.customer[is_after & (rng.random(len(is_after)) < lift)]
    since = joined[customer]
    time = since + (last[customer] - since) * rng.random(len(customer))
    return orders.plus(customer, time, np.ones(len(customer), dtype=np.bool_))


def with_repeats(
    rng: np.random.Generator, orders: CustomerOrders, is_discounted: Bool, share: float, days: int
) -> CustomerOrders:
    """The orders with those that discounts bring, behind them; none after the last day."""
    joined, always = joined_times(orders), loyal_from_the_first(orders)
    source = np.flatnonzero(is_discounted & (rng.random(len(is_discounted)) < share))
    time = orders.time[source] + rng.uniform(SOONEST_DAYS, LATEST_DAYS, len(source))
    customer, time = orders.customer[source][time < days], time[time < days]
    return orders.plus(customer, time, always[customer] | (time >= joined[customer]))


def joined_times(orders: CustomerOrders) -> F64:
    """When each customer joined between two orders: the time of the first loyal one; infinite for all others."""
    joined = np.full(orders.customer.max(initial=-1) + 1, np.inf)
    np.minimum.at(joined, orders.customer[orders.loyal], orders.time[orders.loyal])
    joined[loyal_from_the_first(orders)] = np.inf
    return joined


def loyal_from_the_first(orders: CustomerOrders) -> Bool:
    """Whether each customer's first order is a loyal one."""
    first = np.unique(orders.customer, return_index=True)[1]
    return orders.loyal[first]


def cut(orders: CustomerOrders, wanted: int) -> tuple[CustomerOrders, I64]:
    """The orders of as many customers as have `wanted` together, by customer; and which rows these are."""
    rows = np.argsort(orders.customer, kind="stable")[:wanted]
    return CustomerOrders(orders.customer[rows], orders.time[rows], orders.loyal[rows]), rows
