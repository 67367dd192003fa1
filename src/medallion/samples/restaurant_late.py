"""What a late delivery brings besides new orders: rows that were delivered before, some of them corrected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from medallion.arrow_arrays import text_array
from medallion.samples.restaurant_chunk import Chunk
from medallion.samples.restaurant_rows import ItemRows, OptionRows
from medallion.samples.streams import I64, Bool
from medallion.samples.text_columns import money

# Shares of the orders of the last chunk delivered in time, a file, at dirty = 1.
REPLAYED, CORRECTED = 0.01, 0.01
CORRECTION_CENTS = 100


@dataclass(frozen=True)
class Redelivery:
    """Rows to deliver again, and how many of each kind."""

    items: ItemRows
    options: OptionRows
    item_dirt: Counter[str]
    option_dirt: Counter[str]


def redeliver(rng: np.random.Generator, chunk: Chunk, free: Bool, dirty: float) -> Redelivery:
    """Rows of orders of `chunk` that are still `free` (shape (orders,); taken orders are struck off, in place).

    Of each kind at least one order. Replayed rows equal those delivered before. In corrected orders every line costs
    1.00 more, and of every line's options only the first is delivered, which replaces the line's whole set.
    """
    candidates = rng.permutation(np.flatnonzero(free))
    replays, corrections = (max(1, round(len(free) * share * dirty)) for share in (REPLAYED, CORRECTED))
    replayed, corrected = candidates[:replays], candidates[replays : replays + corrections]
    free[replayed] = free[corrected] = False
    kind = np.zeros(len(free), dtype=np.int64)
    kind[replayed], kind[corrected] = 1, 2
    items, options = chunk.sound_items, chunk.sound_options
    item_kind, option_kind = kind[chunk.item_order], kind[chunk.option_order]
    first_of_line = np.concatenate([[True], options.key[1:] != options.key[:-1]])[: len(options.key)]
    kept = np.flatnonzero((option_kind == 1) | ((option_kind == 2) & first_of_line))
    return Redelivery(
        _corrected_items(items, np.flatnonzero(item_kind), item_kind == 2, chunk.price_cents),
        replace(options, key=options.key[kept], option=options.option[kept]),
        Counter(replayed=int((item_kind == 1).sum()), corrected=int((item_kind == 2).sum())),
        Counter(replayed=int((option_kind == 1).sum()), corrected=int((option_kind[kept] == 2).sum())),
    )


def _corrected_items(items: ItemRows, chosen: I64, corrected: Bool, cents: I64) -> ItemRows:
    dearer = text_array([f"{money(value + CORRECTION_CENTS)}," for value in cents.tolist()])
    price = np.where(corrected, items.price + len(cents), items.price)
    columns = {name: getattr(items, name)[chosen] for name in ("head", "line", "item", "end")}
    return replace(items, prices=pa.concat_arrays([items.prices, dearer]), price=price[chosen], **columns)
