"""One chunk of orders: from visits to the rows of the two order files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from medallion.arrow_arrays import text_array
from medallion.samples import restaurant_dirt as dirt
from medallion.samples import restaurant_rows as rows
from medallion.samples.restaurant_customers import Visits
from medallion.samples.restaurant_effects import Effects
from medallion.samples.restaurant_locations import LOCATIONS, TIED, Locations
from medallion.samples.restaurant_menu import MAX_OPTION_QUANTITY, Menu
from medallion.samples.restaurant_orders import Baskets, fill_baskets
from medallion.samples.streams import I64, U8, Bool, stream
from medallion.samples.text_columns import fixed_text, money, object_ids, take, timestamps, with_comma

LINE_SECONDS = 120  # a line is rung up within two minutes of its order


@dataclass(frozen=True)
class World:
    """All that the chunks share; `location` has one row an order."""

    seed: int
    dirty: float
    discounts: bool
    line_totals: bool
    menu: Menu
    visits: Visits
    effects: Effects
    locations: Locations
    location: I64
    words: rows.Vocabulary
    epoch_seconds: int


@dataclass(frozen=True)
class Chunk:
    """Rows of one chunk of orders.

    `items` and `options` are all rows; `sound_items` and `sound_options` those that are neither to collapse nor to
    reject, one a line and one an option, with the order of each in the chunk. `quiet` says of each order that it has no
    discount, no refund and a location that does not tie: such orders can be corrected without a second thought.
    """

    items: rows.ItemRows
    options: rows.OptionRows
    sound_items: rows.ItemRows
    sound_options: rows.OptionRows
    item_order: I64
    option_order: I64
    price_cents: I64
    quiet: Bool
    item_dirt: Counter[str]
    option_dirt: Counter[str]
    totals: Counter[str]


def build_chunk(world: World, number: int, orders: slice) -> Chunk:
    """Chunk `number`: the given orders. Depends on the sample's settings, the number and the orders only."""
    rng, dirt_rng = stream(world.seed, "chunk", number), stream(world.seed, "dirt", number)
    ms, location = world.visits.ms[orders], world.location[orders].copy()
    baskets = fill_baskets(
        rng, dirt_rng, world.menu, ms, location,
        discounts=world.discounts, repeats=dirt.REPEATED_OPTIONS * world.dirty,
        percent=None if world.visits.discount_percent is None else world.visits.discount_percent[orders],
    )  # fmt: skip
    marks = dirt.mark_orders(dirt_rng, len(ms), world.dirty)
    seconds = world.epoch_seconds + ms // 1000
    order_ids = object_ids(rng, seconds)
    line_ids = object_ids(rng, seconds[baskets.line_order] + rng.integers(0, LINE_SECONDS, len(baskets.line_order)))
    heads = _heads(world, orders, location, order_ids, marks)
    items, price_cents = _item_rows(heads, baskets, line_ids, line_totals=world.line_totals)
    options, option_order = _option_rows(baskets, order_ids, line_ids, len(world.menu.option_name))
    item_dirt, option_dirt = Counter[str](), Counter[str]()
    sound_items, sound_options = items, options
    if world.dirty > 0:
        customer = world.visits.customer[orders]
        context = _context(world, dirt_rng, heads, baskets, ms, customer, marks)
        hosts = dirt.Hosts(dirt_rng, len(items.head))
        sound_items, respelled = dirt.respell_items(hosts, world.dirty, items, context)
        items, bad = dirt.add_bad_items(dirt_rng, hosts, world.dirty, sound_items, context)
        item_dirt = dirt.count_marks(marks, customer, world.words.has_card) + respelled + bad
        options, bad = dirt.add_bad_options(
            dirt_rng, world.dirty, sound_options, context, option_order, len(world.menu.option_name)
        )
        option_dirt = Counter(repeated=int(baskets.repeated.sum())) + bad
    return Chunk(
        items, options, sound_items, sound_options, baskets.line_order, option_order, price_cents,
        _quiet(baskets, location), item_dirt, option_dirt, _totals(baskets, len(ms)),
    )  # fmt: skip


def _heads(world: World, orders: slice, location: I64, order_ids: U8, marks: dirt.OrderMarks) -> rows.Heads:
    customer = world.visits.customer[orders]
    people = len(world.words.has_card)
    person = np.where(customer >= 0, customer + marks.scientific_card * people, 2 * people + marks.guest)
    loyal = world.visits.loyal[orders] ^ ((marks.flipped > 0) & (customer >= 0))
    return rows.Heads(
        place=take(text_array(world.words.places), marks.development * LOCATIONS + location),
        created=timestamps(world.epoch_seconds * 1000 + world.visits.ms[orders], marks.fraction_digits),
        order_id=fixed_text(with_comma(order_ids)),
        person=take(world.words.people, person),
        flags=rows.flag_text(loyal.astype(np.int64), location),
    )


def _item_rows(heads: rows.Heads, baskets: Baskets, line_ids: U8, *, line_totals: bool) -> tuple[rows.ItemRows, I64]:
    """The lines as rows, and the cents of each entry of their price table behind the special ones."""
    cents, price = np.unique(baskets.amount if line_totals else baskets.unit_price, return_inverse=True)
    table = rows.ItemRows(
        heads=heads.text(),
        line_ids=fixed_text(with_comma(line_ids)),
        prices=text_array([*rows.SPECIAL_PRICES, *(f"{money(value)}," for value in cents.tolist())]),
        head=baskets.line_order,
        line=np.arange(len(line_ids)),
        item=baskets.item,
        price=len(rows.SPECIAL_PRICES) + price,
        end=baskets.quantity - 1,
    )
    return table, cents


def _option_rows(baskets: Baskets, order_ids: U8, line_ids: U8, options: int) -> tuple[rows.OptionRows, I64]:
    """Options and discounts in order of their lines, and the order of each row."""
    discounts = [
        f"Discount,{percent}% Off,{money(-cents)},1\n"
        for percent, cents in zip(baskets.discount_percent.tolist(), baskets.discount_cents.tolist(), strict=True)
    ]
    first_discount = options * (MAX_OPTION_QUANTITY + rows.BAD_OPTION_FORMS)
    line = np.concatenate([baskets.option_line, baskets.discount_line])
    code = np.concatenate(
        [
            baskets.option + (baskets.option_quantity - 1) * options,
            first_discount + np.arange(len(discounts)),
        ]
    )
    place = np.argsort(line, kind="stable")
    keys = rows.key_text(order_ids[baskets.line_order], line_ids)
    table = rows.OptionRows(keys, text_array(discounts), line[place], code[place])
    return table, baskets.line_order[line[place]]


def _context(
    world: World,
    rng: np.random.Generator,
    heads: rows.Heads,
    baskets: Baskets,
    ms: I64,
    customer: I64,
    marks: dirt.OrderMarks,
) -> dirt.ItemContext:
    order, people = baskets.line_order, len(world.words.has_card)
    further = np.arange(len(order)) > np.searchsorted(order, order)
    stranger = (customer[order] + rng.integers(1, max(people, 2), len(order))) % people
    return dirt.ItemContext(
        heads=heads,
        earlier=timestamps(world.epoch_seconds * 1000 + ms - dirt.CONFLICT_EARLIER_MS, marks.fraction_digits),
        seconds=world.epoch_seconds + ms // 1000,
        order=order,
        stranger=take(world.words.people, stranger),
        shareable=(further & (customer[order] >= 0)).astype(np.int64),
        menu_items=len(world.menu.item),
    )


def _quiet(baskets: Baskets, location: I64) -> Bool:
    quiet = ~np.isin(location, TIED)
    quiet[baskets.line_order[baskets.discount_line]] = False
    quiet[baskets.line_order[baskets.unit_price < 0]] = False
    return quiet


def _totals(baskets: Baskets, orders: int) -> Counter[str]:
    return Counter(
        orders=orders,
        lines=len(baskets.line_order),
        options=len(baskets.option_line) - int(baskets.repeated.sum()),
        discounted_orders=len(baskets.discount_line),
        refund_lines=int((baskets.unit_price < 0).sum()),
        item_cents=int(baskets.amount.sum()),
        discount_cents=int(baskets.discount_cents.sum()),
    )
