"""What is wrong in real files, planted in known amounts.

Rows that a gate must reject or collapse are added beside sound rows, never put in their place: the sound rows of a
dirty file are those of the clean file of the same seed, except for repeated options and for the spellings, users, cards
and flags that `respell_items` and `mark_orders` change. Every kind has lines of its own, so no line carries two kinds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from medallion.arrow_arrays import text_array
from medallion.samples import restaurant_rows as rows
from medallion.samples.streams import I64, Bool
from medallion.samples.text_columns import fixed_text, join_pieces, object_ids, take, with_comma

# Shares of rows at dirty = 1; a tenth of them is what the published files show (or a floor, where they show a handful).
REPEATED_OPTIONS = 0.12
SPELLINGS = {
    "category_upper_case": (rows.UPPER, 0.01),
    "category_lower_case": (rows.LOWER, 0.005),
    "category_padded": (rows.PADDED, 0.005),
    "category_url": (rows.PASTED_URL, 0.002),
    "name_line_break": (rows.LINE_BREAK, 0.002),
    "name_quotes": (rows.QUOTES, 0.002),
}
EXACT_DUPLICATE, CONFLICTING_KEY, TWO_USERS = 0.002, 0.001, 0.001
BAD_LINES = 0.0008  # of each kind
# Kinds that differ in the numbers only: which piece of the row is replaced by which code.
BAD_NUMBERS = {
    "unparsable_price_word": {"price": rows.PRICE_WORD},
    "unparsable_price_exponent": {"price": rows.PRICE_EXPONENT},
    "quantity_overflow": {"end": rows.OVERFLOW_END},
    "ragged_long": {"end": rows.SURPLUS_END},
    "ragged_short": {"price": rows.PRICE_CUT, "end": rows.CUT_END},
}
# kind -> (how the option is written, share of rows)
BAD_OPTIONS = {
    "orphan": (0, 0.001),
    "unparsable_price_word": (rows.OPTION_WORD, 0.0004),
    "unparsable_price_exponent": (rows.OPTION_EXPONENT, 0.0004),
    "quantity_overflow": (rows.OPTION_OVERFLOW, 0.0004),
    "ragged_long": (rows.OPTION_SURPLUS, 0.0004),
    "ragged_short": (rows.OPTION_CUT, 0.0004),
    "missing_lineitem_id": (0, 0.0004),
}
# What becomes of a kind of planted row; all others are legal.
COLLAPSED_KINDS = ("exact_duplicate", "conflicting_key")
REJECTED_KINDS = (
    "missing_lineitem_id", "overlong_name", "impossible_timestamp", "missing_order_id", *BAD_NUMBERS, "orphan",
)  # fmt: skip
IMPOSSIBLE_TIMES = ("2023-02-30T12:00:00.000Z,", "2023-13-01T08:00:00Z,", "0000-00-00T00:00:00.000Z,", "yesterday,")
CONFLICT_EARLIER_MS = 60_000  # the older one of two conflicting rows


@dataclass(frozen=True)
class OrderMarks:
    """How each order is written, shape (orders,): whole-order kinds of dirt, all of them legal."""

    development: I64
    flipped: I64
    fraction_digits: I64
    scientific_card: I64
    guest: I64


def mark_orders(rng: np.random.Generator, orders: int, dirty: float) -> OrderMarks:
    """Which orders come from the test app, have a flipped loyalty flag, short seconds, a lossy card, an odd guest."""

    def hit(share: float) -> I64:
        return (rng.random(orders) < share * dirty).astype(np.int64)

    development, flipped = hit(0.005), hit(0.01)
    short, scientific, guest = hit(0.3), hit(0.5), hit(0.66)
    digits = np.where(short > 0, rng.integers(0, 3, orders), 3)
    return OrderMarks(development, flipped, digits, scientific, guest * rng.integers(1, 3, orders))


def count_marks(marks: OrderMarks, customer: I64, has_card: Bool) -> Counter[str]:
    """Orders with each kind of dirt; `customer` (-1: guest) has one row an order, `has_card` one a customer."""
    known = customer >= 0
    carded = known & has_card[np.maximum(customer, 0)]
    return Counter(
        development_app_orders=int(marks.development.sum()),
        loyalty_flip_orders=int((marks.flipped * known).sum()),
        short_fraction_orders=int((marks.fraction_digits < 3).sum()),
        scientific_card_orders=int((marks.scientific_card * carded).sum()),
        guest_null_orders=int(((marks.guest == rows.GUEST_NULL) & ~known).sum()),
        guest_blank_orders=int(((marks.guest == rows.GUEST_BLANK) & ~known).sum()),
    )


class Hosts:
    """Hands out rows at random, each at most once."""

    def __init__(self, rng: np.random.Generator, size: int) -> None:
        self._rng, self._size = rng, size
        self._left = rng.permutation(size).astype(np.int64)

    def draw(self, share: float, allowed: I64 | None = None) -> I64:
        """About `share` of all rows, from those where `allowed` is not 0."""
        number = int(share * self._size + self._rng.random())
        eligible = self._left if allowed is None else self._left[allowed[self._left] > 0]
        drawn = eligible[:number]
        self._left = self._left[number:] if allowed is None else np.setdiff1d(self._left, drawn, assume_unique=True)
        return drawn


@dataclass(frozen=True)
class ItemContext:
    """What dirt needs to know of the sound rows of order_items.

    `heads`, `earlier` (a time before the order's own, same form) and `seconds` have one row an order; `order`,
    `stranger` (another customer) and `shareable` (1: a further line of an order with a user) one row a line.
    """

    heads: rows.Heads
    earlier: pa.Array
    seconds: I64
    order: I64
    stranger: pa.Array
    shareable: I64
    menu_items: int


def respell_items(
    hosts: Hosts, dirty: float, clean: rows.ItemRows, context: ItemContext
) -> tuple[rows.ItemRows, Counter[str]]:
    """The same rows, some of them with another spelling or another user, and how many of each kind."""
    counts = Counter[str]()
    head, item = clean.head.copy(), clean.item.copy()
    shared = hosts.draw(TWO_USERS * dirty, context.shareable)
    head[shared] = len(clean.heads) + np.arange(len(shared))
    other = replace(context.heads.rows(context.order[shared]), person=take(context.stranger, shared))
    counts["two_users"] = len(shared)
    for kind, (variant, share) in SPELLINGS.items():
        chosen = hosts.draw(share * dirty)
        item[chosen] += variant * context.menu_items
        counts[kind] = len(chosen)
    return replace(clean, heads=pa.concat_arrays([clean.heads, other.text()]), head=head, item=item), counts


class _AddedItems:
    """Rows to be put behind their host rows, with the heads and line ids that only they have."""

    def __init__(self, sound: rows.ItemRows, context: ItemContext) -> None:
        self._sound, self._context = sound, context
        self._columns = {name: getattr(sound, name) for name in ("head", "line", "item", "price", "end")}
        self._hosts, self._parts, self._heads = [np.arange(len(sound.head))], [self._columns], [sound.heads]
        self._new_lines = 0
        self.counts = Counter[str]()

    def add(self, kind: str, hosts: I64, **pieces: I64 | int) -> None:
        """Copies of the hosts with some pieces replaced."""
        part = {name: column[hosts] for name, column in self._columns.items()}
        for name, piece in pieces.items():
            part[name][:] = piece
        self._hosts.append(hosts)
        self._parts.append(part)
        self.counts[kind] = len(hosts)

    def heads(self, hosts: I64, **pieces: pa.Array) -> I64:
        """Codes of new heads: those of the hosts' orders with some pieces replaced."""
        start = sum(len(table) for table in self._heads)
        self._heads.append(replace(self._context.heads.rows(self._context.order[hosts]), **pieces).text())
        return start + np.arange(len(hosts), dtype=np.int64)

    @property
    def no_line_id(self) -> int:
        """The code of the empty line id: it stands behind those of the sound rows."""
        return len(self._sound.line_ids)

    def new_lines(self, number: int) -> I64:
        """Codes of line ids that no other row has."""
        codes = self.no_line_id + 1 + self._new_lines + np.arange(number, dtype=np.int64)
        self._new_lines += number
        return codes

    def rows(self, rng: np.random.Generator) -> rows.ItemRows:
        """The sound rows and the added ones."""
        place = np.argsort(np.concatenate(self._hosts), kind="stable")
        merged = {name: np.concatenate([part[name] for part in self._parts])[place] for name in self._columns}
        fresh = object_ids(rng, np.resize(self._context.seconds, self._new_lines))
        ids = pa.concat_arrays([self._sound.line_ids, text_array([","]), fixed_text(with_comma(fresh))])
        return rows.ItemRows(heads=pa.concat_arrays(self._heads), line_ids=ids, prices=self._sound.prices, **merged)


def add_bad_items(
    rng: np.random.Generator, hosts: Hosts, dirty: float, sound: rows.ItemRows, context: ItemContext
) -> tuple[rows.ItemRows, Counter[str]]:
    """The sound rows with rows to collapse or to reject among them, and how many of each kind."""
    added = _AddedItems(sound, context)
    added.add("exact_duplicate", hosts.draw(EXACT_DUPLICATE * dirty))
    chosen = hosts.draw(CONFLICTING_KEY * dirty)
    old = added.heads(chosen, created=take(context.earlier, context.order[chosen]))
    added.add("conflicting_key", chosen, head=old, price=_other_price(sound.price[chosen], len(sound.prices)))
    chosen = hosts.draw(BAD_LINES * dirty)
    blank = context.menu_items * rows.NAMELESS + sound.item[chosen] % context.menu_items
    added.add("missing_lineitem_id", chosen, line=added.no_line_id, item=blank)
    chosen = hosts.draw(BAD_LINES * dirty)
    overlong = context.menu_items * rows.OVERLONG + sound.item[chosen] % context.menu_items
    added.add("overlong_name", chosen, line=added.new_lines(len(chosen)), item=overlong)
    chosen = hosts.draw(BAD_LINES * dirty)
    times = take(text_array(IMPOSSIBLE_TIMES), np.arange(len(chosen)) % len(IMPOSSIBLE_TIMES))
    head = added.heads(chosen, created=times)
    added.add("impossible_timestamp", chosen, head=head, line=added.new_lines(len(chosen)))
    chosen = hosts.draw(BAD_LINES * dirty)
    head = added.heads(chosen, order_id=text_array([","] * len(chosen)))
    added.add("missing_order_id", chosen, head=head, line=added.new_lines(len(chosen)))
    for kind, pieces in BAD_NUMBERS.items():
        chosen = hosts.draw(BAD_LINES * dirty)
        added.add(kind, chosen, line=added.new_lines(len(chosen)), **pieces)
    return added.rows(rng), added.counts


def _other_price(price: I64, prices: int) -> I64:
    special = len(rows.SPECIAL_PRICES)
    return special + (price - special + 1) % (prices - special)


def add_bad_options(
    rng: np.random.Generator, dirty: float, sound: rows.OptionRows, context: ItemContext, order: I64, menu_options: int
) -> tuple[rows.OptionRows, Counter[str]]:
    """The sound rows with rows to reject among them, and how many of each kind; `order` is the order of each row."""
    hosts, counts = Hosts(rng, len(sound.key)), Counter[str]()
    plain = np.where(sound.option < menu_options, sound.option, 0)
    host_parts, keys, codes, tables = [np.arange(len(sound.key))], [sound.key], [sound.option], [sound.keys]
    for kind, (variant, share) in BAD_OPTIONS.items():
        chosen = hosts.draw(share * dirty)
        key = sound.key[chosen]
        if kind in ("orphan", "missing_lineitem_id"):
            unknown = fixed_text(with_comma(object_ids(rng, context.seconds[order[chosen]])))
            lines = unknown if kind == "orphan" else text_array([","] * len(chosen))
            key = sum(len(table) for table in tables) + np.arange(len(chosen), dtype=np.int64)
            tables.append(join_pieces(take(context.heads.order_id, order[chosen]), lines))
        host_parts.append(chosen)
        keys.append(key)
        codes.append(plain[chosen] + variant * menu_options)
        counts[kind] = len(chosen)
    place = np.argsort(np.concatenate(host_parts), kind="stable")
    key, code = np.concatenate(keys)[place], np.concatenate(codes)[place]
    return rows.OptionRows(pa.concat_arrays(tables), sound.discounts, key, code), counts
