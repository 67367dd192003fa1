"""Who orders when: customers of the MBG/NBD model, guests, one faulty account, loyalty membership.

Parameters are those fitted to published profiles of such files (Batislam, Denizel, Filiztekin 2007 for the model):
purchases a day are Poisson with a gamma distributed rate, and after every purchase, the first one included, the
customer stops with a beta distributed probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medallion.samples.restaurant_calendar import day_weights
from medallion.samples.restaurant_discounts import discount_percents
from medallion.samples.restaurant_effects import CustomerOrders, Effects, cut, with_lift, with_repeats
from medallion.samples.streams import F64, I64, Bool, draw_from, stream
from medallion.samples.text_columns import MS_PER_DAY

RATE_SHAPE, RATE_SCALE = 0.632, 1 / 4.66
STOP_A, STOP_B = 0.628, 0.713
GUEST_SHARE = 0.09
FAULTY_ORDERS, FAULTY_FULL_SIZE = 2_100, 130_000
# The loyalty programme: when it starts, days between its letters, and who joins with a first order, or by letter.
LAUNCH_SHARE, LETTER_DAYS = 0.5, 30
NEW_MEMBERS, JOIN_BY_LETTER = 0.04, 0.50
MIDNIGHT_SHARE = 0.002
GUEST, FAULTY = -1, 0
BY_JOINING, BY_DISCOUNTS = 1, 2
NO_EFFECTS = Effects()
# Orders by hour, UTC, of restaurants five hours behind: breakfast from 12, lunch 16-18, dinner 22-24, then a tail.
HOUR_WEIGHTS = (
    5.0, 2.5, 1.4, 0.7, 0.3, 0.2, 0.1, 0.1, 0.1, 0.2, 0.6, 2.0,
    4.5, 5.0, 4.0, 5.5, 10.0, 11.5, 7.0, 4.5, 4.5, 7.0, 10.5, 8.5,
)  # fmt: skip


@dataclass(frozen=True)
class Visits:
    """One row an order, in order of time. `customer` is -1 for guests; `customer_start` has one row a customer.

    `discount_percent` is there only if discounts have an effect on visits; else they are drawn with the baskets.
    """

    customer: I64
    ms: I64  # since the start of the first day
    loyal: Bool
    customer_start_ms: I64
    one_timers: int
    switchers: int
    discount_percent: I64 | None = None
    added_by_joining: int = 0
    added_by_discounts: int = 0

    @property
    def day(self) -> I64:
        return self.ms // MS_PER_DAY


def simulate_visits(seed: int, orders: int, days: int, effects: Effects = NO_EFFECTS) -> Visits:
    """Exactly `orders` orders over `days` days."""
    rng = stream(seed, "visits")
    guests = round(orders * GUEST_SHARE)
    faulty = min(round(FAULTY_ORDERS * min(1.0, orders / FAULTY_FULL_SIZE)), orders - guests)
    customer, time, start = _customer_orders(rng, orders - guests - faulty, days)
    loyal, switchers = _loyalty(rng, customer, time, start, days)
    planted = _planted(seed, CustomerOrders(customer, time, loyal), effects, days)
    customer, time, loyal = planted.orders.customer, planted.orders.time, planted.orders.loyal
    start = start[: customer.max(initial=-1) + 1]
    one_timers = int(np.count_nonzero(np.bincount(customer, minlength=len(start)) == 1)) if len(start) else 0
    # Customer 0 is the faulty account: a till that books every walk-in on one login.
    customer = np.concatenate([customer + 1, np.full(faulty, FAULTY), np.full(guests, GUEST)])
    time = np.concatenate([time, rng.uniform(0, days, faulty), days * np.sqrt(rng.random(guests))])
    loyal = np.concatenate([loyal, np.zeros(faulty + guests, dtype=np.bool_)])
    ms = _calendar_days(time, days) * MS_PER_DAY + _times_of_day(rng, orders)
    order = np.argsort(ms, kind="stable")
    start_ms = (np.concatenate([[0.0], start]) * MS_PER_DAY).astype(np.int64)
    percent = planted.percent
    if percent is not None:
        percent = np.concatenate([percent, discount_percents(stream(seed, "discounts", 1), faulty + guests)])[order]
    return Visits(
        customer[order], ms[order], loyal[order], start_ms, one_timers, switchers,
        percent, planted.added_by_joining, planted.added_by_discounts,
    )  # fmt: skip


@dataclass(frozen=True)
class _Planted:
    orders: CustomerOrders
    percent: I64 | None = None
    added_by_joining: int = 0
    added_by_discounts: int = 0


def _planted(seed: int, orders: CustomerOrders, effects: Effects, days: int) -> _Planted:
    """As many orders as given, of fewer customers where effects add some."""
    wanted = len(orders.customer)
    rng, added = stream(seed, "effects"), np.zeros(wanted, dtype=np.int64)
    if effects.loyalty_lift:
        orders = with_lift(rng, orders, effects.loyalty_lift)
        added = np.concatenate([added, np.full(len(orders.customer) - wanted, BY_JOINING)])
    percent: I64 | None = None
    if effects.discount_repeat:
        percent = np.empty(0, dtype=np.int64)
        # What a discount brings may be discounted itself.
        while len(percent) < len(orders.customer):
            known = len(percent)
            percent = np.concatenate([percent, discount_percents(rng, len(orders.customer) - known)])
            is_new = np.arange(len(percent)) >= known
            orders = with_repeats(rng, orders, (percent > 0) & is_new, effects.discount_repeat, days)
        added = np.concatenate([added, np.full(len(orders.customer) - len(added), BY_DISCOUNTS)])
    orders, rows = cut(orders, wanted)
    counts = np.bincount(added[rows], minlength=BY_DISCOUNTS + 1).tolist()
    return _Planted(orders, None if percent is None else percent[rows], counts[BY_JOINING], counts[BY_DISCOUNTS])


def _customer_orders(rng: np.random.Generator, wanted: int, days: int) -> tuple[I64, F64, F64]:
    """(customer, time) of exactly `wanted` orders, by customer, first order first; and each customer's first time."""
    starts, repeats, spans, total = [], [], [], 0
    while total < wanted:
        size = max(100, (wanted - total) // 5)
        start = days * np.sqrt(rng.random(size))
        repeat, span = _repeat_purchases(rng, days - start)
        starts.append(start)
        repeats.append(repeat)
        spans.append(span)
        total += size + int(repeat.sum())
    if not wanted:
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0)
    start, count, span = np.concatenate(starts), np.concatenate(repeats) + 1, np.concatenate(spans)
    before = np.cumsum(count) - count
    kept = before < wanted
    count = np.minimum(count, wanted - before)[kept]
    customer = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    time = start[customer] + rng.random(wanted) * span[customer]
    time[first] = start[kept]
    return customer, time, start[kept]


def _repeat_purchases(rng: np.random.Generator, remaining: F64) -> tuple[I64, F64]:
    """Repeat purchases of each customer, and the span of days in which they lie uniformly."""
    rate = rng.gamma(RATE_SHAPE, RATE_SCALE, len(remaining))
    stop = np.maximum(rng.beta(STOP_A, STOP_B, len(remaining)), 1e-9)
    possible = rng.poisson(rate * remaining)
    before_stop = rng.geometric(stop) - 1
    repeat = np.minimum(possible, before_stop)
    # The purchase that stopping prevents is the (k+1)th of `possible` uniform times: beta distributed; those before it
    # are uniform below it. So nothing has to be sorted.
    prevented = rng.beta(repeat + 1.0, np.maximum(possible - repeat, 1))
    return repeat, np.where(before_stop < possible, remaining * prevented, remaining)


def _loyalty(rng: np.random.Generator, customer: I64, time: F64, start: F64, days: int) -> tuple[Bool, int]:
    """Whether each order is a loyal one, and how many customers joined between two of their orders.

    From the programme's start on some join with their first order. The others have one letter each, with the next of
    the letters to all new customers, and half of them join with the order that follows, should there be one.
    """
    launch = days * LAUNCH_SHARE
    # Three numbers a customer, of which two are needed: so a seed's orders stay what they always were.
    kind, answer, _ = rng.random((3, len(start)))
    is_new_member = (kind < NEW_MEMBERS) & (start >= launch)
    letter = launch + LETTER_DAYS * np.ceil(np.maximum(start - launch, 0.0) / LETTER_DAYS)
    follows = ((answer < JOIN_BY_LETTER) & ~is_new_member)[customer] & (time >= letter[customer])
    joined = np.where(is_new_member, start, np.inf)
    np.minimum.at(joined, customer[follows], time[follows])
    return time >= joined[customer], int(np.count_nonzero(np.isfinite(joined) & (joined > start)))


def _calendar_days(time: F64, days: int) -> I64:
    """Model time as calendar days: busy days are longer in model time, so they receive more orders."""
    return draw_from(np.cumsum(day_weights(days)), time)


def _times_of_day(rng: np.random.Generator, orders: int) -> I64:
    """Milliseconds since midnight (UTC); a few lie within 90 seconds of midnight."""
    weights = np.array(HOUR_WEIGHTS)
    hour = draw_from(np.cumsum(weights) / weights.sum(), rng.random(orders))
    ms = hour * 3_600_000 + rng.integers(0, 3_600_000, orders)
    near = rng.random(orders) < MIDNIGHT_SHARE
    return np.where(near, rng.integers(-90_000, 90_000, orders) % MS_PER_DAY, ms)
