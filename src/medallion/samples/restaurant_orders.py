"""What is ordered: the lines and options of one chunk of orders, all money in integer cents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medallion.samples.restaurant_discounts import discount_percents
from medallion.samples.restaurant_locations import pair_tied
from medallion.samples.restaurant_menu import MAX_OPTION_QUANTITY, OPTIONS_PER_FAMILY, PRICE_PERIOD_DAYS, Menu
from medallion.samples.streams import F64, I64, Bool, draw_from
from medallion.samples.text_columns import MS_PER_DAY

MAX_LINES, MAX_QUANTITY, MAX_LINE_OPTIONS = 61, 500, 24
REFUND_SHARE = 0.01
# 40 % of orders have no option at all: these take none, of the others most lines do.
PLAIN_ORDERS, LINES_WITH_OPTIONS = 0.36, 0.78
# Catering is not ordered by the hundred; this also keeps a line total inside decimal(8,2).
MULTIPLE_BELOW_CENTS = 5_000
_STEPS = np.array((1, 3, 7, 9, 11, 13), dtype=np.int64)  # coprime to OPTIONS_PER_FAMILY: no option twice on a line


def _cdf(head: tuple[float, ...], exponent: float, last: int) -> F64:
    """Probabilities of 1, 2, …: the head as given, the rest a power law up to `last`."""
    tail = np.arange(len(head) + 1, last + 1, dtype=np.float64) ** -exponent
    return np.cumsum(np.concatenate([head, tail / tail.sum() * (1 - sum(head))]))


# The heads are the published shares, moved so far that a million orders give about 2.5 M lines and 3.8 M options.
LINES_CDF = _cdf((0.52, 0.22, 0.08), 2.7, MAX_LINES)
QUANTITY_CDF = _cdf((0.93,), 2.4, MAX_QUANTITY)
OPTIONS_CDF = _cdf((0.50,), 1.85, MAX_LINE_OPTIONS)
OPTION_QUANTITY_CDF = _cdf((0.97,), 2.0, MAX_OPTION_QUANTITY)


@dataclass(frozen=True)
class Baskets:
    """Lines (one row a line, grouped by order) and options (one row an option, grouped by line) of one chunk of orders.

    `line_order` is the order's row in the chunk, `option_line` the line's row in the chunk. `option` is the option's
    number in the menu. `discount_*` have one row a discounted order: its line, per cent, cents (positive).
    """

    line_order: I64
    item: I64
    unit_price: I64
    quantity: I64
    option_line: I64
    option: I64
    option_quantity: I64
    repeated: Bool
    discount_line: I64
    discount_percent: I64
    discount_cents: I64

    @property
    def amount(self) -> I64:
        """Cents of each line, its options apart; negative for refunds."""
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class _Lines:
    order: I64
    item: I64
    price: I64
    quantity: I64
    options: I64
    start: I64
    step: I64
    option_quantity: I64

    def rows(self, source: I64) -> _Lines:
        """The same orders' lines, with the content of the lines in `source`."""
        return _Lines(self.order, *(column[source] for column in list(vars(self).values())[1:]))


def fill_baskets(
    rng: np.random.Generator,
    dirt: np.random.Generator,
    menu: Menu,
    ms: I64,
    location: I64,
    *,
    discounts: bool,
    repeats: float,
    percent: I64 | None = None,
) -> Baskets:
    """Lines and options of a chunk of orders; `ms` and `location` have shape (orders,), the latter is adjusted.

    `repeats` is the share of options written twice (an option chosen twice); the locations that tie are spared.
    `percent` are the orders' discounts where they are known already.
    """
    first, second = pair_tied(location)
    line_count = 1 + draw_from(LINES_CDF, rng.random(len(ms)))
    line_count[second] = line_count[first]
    start = np.cumsum(line_count) - line_count
    plain = rng.random(len(ms)) < PLAIN_ORDERS
    lines = _draw_lines(rng, menu, ms, np.repeat(np.arange(len(ms)), line_count), plain)
    source_order = np.arange(len(ms))
    source_order[second] = first
    position = np.arange(len(lines.order)) - start[lines.order]
    lines = lines.rows(start[source_order[lines.order]] + position)
    drawn = discount_percents(rng, len(ms))
    percent = (drawn if percent is None else percent)[source_order] * int(discounts)
    carrier = start + (rng.random(len(ms)) * line_count).astype(np.int64)
    spared = np.isin(source_order, first)
    line, option, quantity = _options(menu, lines)
    twice = (dirt.random(len(line)) < repeats) & ~spared[lines.order[line]]
    times = 1 + twice.astype(np.int64)
    line, option, quantity = np.repeat(line, times), np.repeat(option, times), np.repeat(quantity, times)
    repeated = np.zeros(len(line), dtype=np.bool_)
    repeated[np.cumsum(times)[twice] - 1] = True
    cents = (_gross(menu, lines, line, option, quantity, len(ms)) * percent + 50) // 100
    reduced = np.flatnonzero(cents > 0)
    return Baskets(
        lines.order, lines.item, lines.price, lines.quantity, line, option, quantity, repeated,
        carrier[reduced], percent[reduced], cents[reduced],
    )  # fmt: skip


def _draw_lines(rng: np.random.Generator, menu: Menu, ms: I64, order: I64, plain: Bool) -> _Lines:
    """Independent content of each line: item by period and daypart, its price then, quantity, number of options."""
    rows = len(order)
    period = ms[order] // MS_PER_DAY // PRICE_PERIOD_DAYS
    item = _items(menu, period, _daypart(ms)[order], rng.random(rows))
    price = menu.price[period, item]
    quantity = 1 + draw_from(QUANTITY_CDF, rng.random(rows))
    quantity = np.where(price < MULTIPLE_BELOW_CENTS, quantity, 1)
    has_options = ~plain[order] & (rng.random(rows) < LINES_WITH_OPTIONS)
    options = np.where(has_options, 1 + draw_from(OPTIONS_CDF, rng.random(rows)), 0)
    return _Lines(
        order,
        item,
        np.where(rng.random(rows) < REFUND_SHARE, -price, price),
        quantity,
        options,
        rng.integers(0, OPTIONS_PER_FAMILY, rows),
        _STEPS[rng.integers(0, len(_STEPS), rows)],
        1 + draw_from(OPTION_QUANTITY_CDF, rng.random(rows)),
    )


def _daypart(ms: I64) -> I64:
    """Row of `restaurant_menu.DAYPARTS` of each order: local time is five hours behind."""
    hour = (ms // 3_600_000 - 5) % 24
    return np.searchsorted(np.array((11, 14, 17)), hour, side="right").astype(np.int64)


def _items(menu: Menu, period: I64, daypart: I64, uniform: F64) -> I64:
    """Item of each line, drawn from the shares of its period and daypart in one search over all of them."""
    _, dayparts, items = menu.share_cdf.shape
    cell = period * dayparts + daypart
    cells = np.arange(menu.periods * dayparts).reshape(menu.periods, dayparts, 1)
    stacked = (menu.share_cdf + cells).ravel()
    found: I64 = np.searchsorted(stacked, uniform + cell, side="right") - cell * items
    return np.minimum(found, np.int64(items - 1))


def _options(menu: Menu, lines: _Lines) -> tuple[I64, I64, I64]:
    """(line, option, quantity) of every option: a walk through the family's options that meets none of them twice."""
    line: I64 = np.repeat(np.arange(len(lines.order)), lines.options)
    first = np.cumsum(lines.options) - lines.options
    number: I64 = np.arange(len(line)) - first[line]
    within = (lines.start[line] + number * lines.step[line]) % OPTIONS_PER_FAMILY
    option = menu.family[lines.item][line] * OPTIONS_PER_FAMILY + within
    quantity = np.where(number == 0, lines.option_quantity[line], 1)
    return line, option, quantity


def _gross(menu: Menu, lines: _Lines, line: I64, option: I64, quantity: I64, orders: int) -> I64:
    """Cents of each order before discounts and refunds; sums of integers below 2**53, so the floats are exact."""
    items = np.bincount(lines.order, weights=np.maximum(lines.price * lines.quantity, 0), minlength=orders)
    options = np.bincount(lines.order[line], weights=menu.option_price[option] * quantity, minlength=orders)
    return (items + options).astype(np.int64)
