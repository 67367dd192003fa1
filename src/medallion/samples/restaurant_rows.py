"""Rows of the two order files as codes into small tables of texts, and their rendering.

A row of order_items is head + line id + item + price + end, a row of order_item_options is key + option; each piece is
a text that ends with its separator. Dirt replaces codes or adds rows, and never touches a text that is already made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from medallion.arrow_arrays import text_array
from medallion.samples.restaurant_customers import Visits
from medallion.samples.restaurant_locations import CAD_LOCATIONS, LOCATIONS, Locations
from medallion.samples.restaurant_menu import MAX_OPTION_QUANTITY, Menu
from medallion.samples.restaurant_orders import MAX_QUANTITY
from medallion.samples.streams import I64, U8, Bool, stream
from medallion.samples.text_columns import (
    csv_field,
    fixed_text,
    join_pieces,
    lookup,
    money,
    object_ids,
    take,
    with_comma,
)

ITEM_HEADER = (
    b"app_name,restaurant_id,creation_time_utc,order_id,user_id,printed_card_number,is_loyalty,currency,"
    b"lineitem_id,item_category,item_name,item_price,item_quantity\n"
)
OPTION_HEADER = b"order_id,lineitem_id,option_group_name,option_name,option_price,option_quantity\n"
APPS = ("Harbor Fresh", "Harbor Fresh - DEVELOPMENT")
URL = "https://harborfresh.example/menu?category="
LONG_NAME = "特製ラーメン" * 17  # 306 bytes in UTF-8, 102 characters

# How an item is written; the code of a row's item is variant * number of items + item.
CLEAN, UPPER, LOWER, PADDED, PASTED_URL, LINE_BREAK, QUOTES, OVERLONG, NAMELESS = range(9)
# Ends of a row of order_items: codes 0 … 499 are the quantities 1 … 500.
ENDS = (*(f"{q}\n" for q in range(1, MAX_QUANTITY + 1)), "40000\n", "1,surplus\n", "\n")
OVERFLOW_END, SURPLUS_END, CUT_END = range(MAX_QUANTITY, MAX_QUANTITY + 3)
# Special prices of order_items, ahead of the chunk's own ones; the last has no separator: its row stops there.
PRICE_WORD, PRICE_EXPONENT, PRICE_CUT = range(3)
SPECIAL_PRICES = ("abc,", "1e3,", "4.99")
# How an option is written; 0 … 2 are the quantities 1 … 3.
OPTION_WORD, OPTION_EXPONENT, OPTION_OVERFLOW, OPTION_SURPLUS, OPTION_CUT = range(
    MAX_OPTION_QUANTITY, MAX_OPTION_QUANTITY + 5
)
BAD_OPTION_FORMS = 5
GUEST_EMPTY, GUEST_NULL, GUEST_BLANK = range(3)
CARD_SHARE = 0.6


@dataclass(frozen=True)
class Vocabulary:
    """The texts that all chunks share. `people` holds, one a customer, user and masked card, then user and scientific
    card, then the three ways to write a guest."""

    places: list[str]
    people: pa.Array
    has_card: Bool
    items: list[str]
    options: list[str]


@dataclass(frozen=True)
class Heads:
    """The pieces of a row's head, one row an order; `person` is user and card, `flags` loyalty and currency."""

    place: pa.Array
    created: pa.Array
    order_id: pa.Array
    person: pa.Array
    flags: pa.Array

    def rows(self, orders: I64) -> Heads:
        return Heads(*(take(column, orders) for column in vars(self).values()))

    def text(self) -> pa.Array:
        return join_pieces(*vars(self).values())


@dataclass(frozen=True)
class ItemRows:
    """Rows of order_items, shape (rows,) each; `heads`, `line_ids` and `prices` are the tables of this chunk."""

    heads: pa.Array
    line_ids: pa.Array
    prices: pa.Array
    head: I64
    line: I64
    item: I64
    price: I64
    end: I64

    def text(self, words: Vocabulary) -> pa.Array:
        return join_pieces(
            take(self.heads, self.head),
            take(self.line_ids, self.line),
            lookup(words.items, self.item),
            take(self.prices, self.price),
            lookup(ENDS, self.end),
        )


@dataclass(frozen=True)
class OptionRows:
    """Rows of order_item_options, shape (rows,) each; codes of `discounts` follow those of the menu's options."""

    keys: pa.Array
    discounts: pa.Array
    key: I64
    option: I64

    def text(self, words: Vocabulary) -> pa.Array:
        options = pa.concat_arrays([text_array(words.options), self.discounts])
        return join_pieces(take(self.keys, self.key), take(options, self.option))


def build_vocabulary(seed: int, menu: Menu, locations: Locations, visits: Visits, epoch_seconds: int) -> Vocabulary:
    """Texts of places, people, items and options; `epoch_seconds` is the start of the history."""
    ids = [bytes(row).decode() for row in locations.ids]
    people, has_card = _people(seed, visits, epoch_seconds)
    return Vocabulary(
        places=[f"{csv_field(app)},{place}," for app in APPS for place in ids],
        people=people,
        has_card=has_card,
        items=_item_texts(menu),
        options=_option_texts(menu),
    )


def flag_text(loyal: I64, location: I64) -> pa.Array:
    """`TRUE,USD,`: loyalty of each order, and the currency of its location."""
    cad = np.isin(np.arange(LOCATIONS), CAD_LOCATIONS).astype(np.int64)
    return lookup(("FALSE,USD,", "FALSE,CAD,", "TRUE,USD,", "TRUE,CAD,"), loyal * 2 + cad[location])


def key_text(order_ids: U8, line_ids: U8) -> pa.Array:
    """`order_id,lineitem_id,` of each line."""
    return fixed_text(np.concatenate([with_comma(order_ids), with_comma(line_ids)], axis=1))


def _people(seed: int, visits: Visits, epoch_seconds: int) -> tuple[pa.Array, Bool]:
    rng = stream(seed, "people")
    ids = fixed_text(with_comma(object_ids(rng, epoch_seconds + visits.customer_start_ms // 1000)))
    digits = rng.integers(0, 10_000, len(ids))
    has_card = rng.random(len(ids)) < CARD_SHARE
    masked = [",", *(f"XXXXXXXXXXXX{number:04d}," for number in range(10_000))]
    # A card number that passed through a spreadsheet: six digits are left, trailing zeros are not written.
    scientific = [",", *(f"6.{f'780{number:02d}'.rstrip('0')}E+11," for number in range(100))]
    people = pa.concat_arrays(
        [
            join_pieces(ids, lookup(masked, np.where(has_card, 1 + digits, 0))),
            join_pieces(ids, lookup(scientific, np.where(has_card, 1 + digits % 100, 0))),
            text_array([",,", "NULL,,", "   ,,"]),
        ]
    )
    return people, has_card


def _item_texts(menu: Menu) -> list[str]:
    pairs = list(zip(menu.category, menu.item, strict=True))
    variants: list[list[tuple[str, str]]] = [
        pairs,
        [(category.upper(), name) for category, name in pairs],
        [(category.lower(), name) for category, name in pairs],
        [(f" {category} ", name) for category, name in pairs],
        [(URL + category.replace(" ", "+"), name) for category, name in pairs],
        [(category, f"{name}\n(today's special)") for category, name in pairs],
        [(category, f'"House" {name}, "as you like it"') for category, name in pairs],
        [(category, LONG_NAME) for category, _ in pairs],
        [("", "") for _ in pairs],
    ]
    return [f"{csv_field(category)},{csv_field(name)}," for variant in variants for category, name in variant]


def _option_texts(menu: Menu) -> list[str]:
    prices = [money(int(cents)) for cents in menu.option_price]
    named = [f"{csv_field(g)},{csv_field(n)}," for g, n in zip(menu.option_group, menu.option_name, strict=True)]
    whole = [f"{name}{price}," for name, price in zip(named, prices, strict=True)]
    return [
        *(f"{text}{quantity}\n" for quantity in range(1, MAX_OPTION_QUANTITY + 1) for text in whole),
        *(f"{name}abc,1\n" for name in named),
        *(f"{name}1e3,1\n" for name in named),
        *(f"{text}40000\n" for text in whole),
        *(f"{text}1,surplus\n" for text in whole),
        *(f"{name}0.00\n" for name in named),
    ]
