"""Records of transactions, as the files of seed 004 show them: invented cards in every notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from medallion.samples.card_payments_places import LAST_MOMENT, WORDS, written
from medallion.samples.streams import stream

HEADER = (
    "id", "device_id", "product_name", "product_sku", "product_name", "amount", "status", "card_number", "cvv",
    "created_at", "happened_at",
)  # fmt: skip
STATUSES = ("accepted", "refused", "cancelled")
_SKUS = tuple(("v" if number == 0 else "") + str(3770009015028 + 7 * number) for number in range(20))
# How cards are written: lengths of the groups of digits, and how often (of 100).
_NOTATIONS = (((15,), 20), ((4, 6, 5), 17), ((6, 10), 11), ((4, 4, 4, 4), 11), ((3, 5, 5, 3), 10), ((6, 6, 4), 10),
              ((16,), 9), ((19,), 5), ((18,), 3), ((13,), 2), ((14,), 1), ((12,), 1))  # fmt: skip
_SCIENTIFIC = 0.015
_CREATED_WITHIN = 150  # days before the end: 15 % of the transactions are then recorded before they happened
CHUNK = 50_000


@dataclass(frozen=True)
class Transaction:
    """A record, and on which day (0 is the first) it was recorded."""

    record: tuple[str, ...]
    recorded_day: int


def transactions(seed: int, count: int, days: int, device_count: int) -> Iterator[Transaction]:
    """`count` transactions that happened within the last `days` days; numbered from 1 on."""
    cards = np.repeat(np.arange(len(_NOTATIONS)), [often for _, often in _NOTATIONS])
    for first in range(0, count, CHUNK):
        draw = stream(seed, "transactions", first)
        size = min(CHUNK, count - first)
        device, sku = draw.integers(1, device_count + 1, size), draw.integers(len(_SKUS), size=size)
        words, amount = draw.integers(len(WORDS), size=(size, 3)), draw.integers(1, 999, size)
        status, notation = draw.integers(3, size=size), cards[draw.integers(len(cards), size=size)]
        digits, scientific = draw.integers(10, size=(size, 19)), draw.random(size) < _SCIENTIFIC
        cvv = draw.integers(100, 1000, size)
        happened = draw.integers(1, days * 86_400, size)
        created = draw.integers(1, min(days, _CREATED_WITHIN) * 86_400, size)
        for row in range(size):
            name = f"{WORDS[words[row, 0]]} {WORDS[words[row, 1]]}"
            record = (
                str(first + row + 1),
                str(device[row]),
                f"{name}," if row % 5 == 0 else name,
                _SKUS[sku[row]],
                WORDS[words[row, 2]],
                str(amount[row]),
                STATUSES[status[row]],
                card_number(digits[row].tolist(), _NOTATIONS[notation[row]][0], is_scientific=bool(scientific[row])),
                str(cvv[row]),
                written(LAST_MOMENT - timedelta(seconds=int(created[row]))),
                written(LAST_MOMENT - timedelta(seconds=int(happened[row]))),
            )
            yield Transaction(record, days - 1 - int(created[row]) // 86_400)


def card_number(digits: list[int], groups: tuple[int, ...], *, is_scientific: bool = False) -> str:
    """Digits in groups; or as a spreadsheet leaves them, `6.33482E+15`."""
    text = "".join(map(str, (4, *digits)))
    if is_scientific:
        return f"{text[0]}.{text[1:6]}E+15"
    parts, start = [], 0
    for length in groups:
        parts.append(text[start : start + length])
        start += length
    return " ".join(parts)
