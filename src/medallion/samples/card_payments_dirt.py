"""What is wrong in files of card payments, planted beside sound records in known numbers."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable

import numpy as np

from medallion.samples.card_payments_places import Record
from medallion.samples.card_payments_rows import STATUSES

# Share of the sound records that get a bad neighbour of each kind, at dirty = 1.
EACH_KIND = 0.004
ID, DEVICE, NAME, AMOUNT, STATUS, CARD, CVV, CREATED, HAPPENED = 0, 1, 2, 5, 6, 7, 8, 9, 10
Line = Callable[[list[str]], str]


def line(record: Record | list[str]) -> str:
    """The record as CSV, with its line end."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(record)
    return text.getvalue()


def _with(**changes: str) -> Line:
    places = {"device": DEVICE, "amount": AMOUNT, "status": STATUS, "created": CREATED, "happened": HAPPENED, "id": ID}

    def change(record: list[str]) -> str:
        for name, value in changes.items():
            record[places[name]] = value
        return line(record)

    return change


def _slipped(record: list[str]) -> str:
    """The device is missing, and an empty field added at the end: as many fields as before, all in the wrong place."""
    return line([record[ID], *record[NAME:], ""])


def _card_as_name(record: list[str]) -> str:
    return line([*record[:NAME], f"card {record[CARD]}", *record[NAME + 1 :]])


# kind -> how a sound record, under an id of its own, is spoilt. The gate keeps out the last three, silver the others.
BAD_TRANSACTIONS: dict[str, Line] = {
    "unknown_status": _with(status="pending"),
    "thousands_separator": _with(amount="1,234"),
    "amount_word": _with(amount="abc"),
    "impossible_happened_at": _with(happened="02/30/2023 5:00:00"),
    "impossible_created_at": _with(created="13/01/2022 4:61:00"),
    "missing_id": _with(id=""),
    "missing_device": _with(device=" "),
    "too_few_fields": lambda record: line(record[:-2]),
    "too_many_fields": lambda record: line([*record, "more"]),
    "slipped_fields": _slipped,
}
# Legal, but noticed: a device that no file names, a card number where none belongs.
ODD_TRANSACTIONS: dict[str, Line] = {"unknown_device": _with(device="unheard-of"), "card_as_name": _card_as_name}
BAD_DEVICES = {"device_of_no_store": "999999", "device_without_store": ""}


class TransactionDirt:
    """Spoils copies of sound records; `counts` says how many of each kind."""

    def __init__(self, draw: np.random.Generator, dirty: float) -> None:
        self._draw = draw
        self._share = EACH_KIND * dirty
        self._kinds = {**BAD_TRANSACTIONS, **ODD_TRANSACTIONS}
        self._number = 0
        self.counts: Counter[str] = Counter()

    def beside(self, record: Record) -> str:
        """The lines to be written after a sound record: mostly none. A small sample gets each kind at least once."""
        if not self._share:
            return ""
        lines = ""
        for kind, spoil in self._kinds.items():
            if self._draw.random() < self._share or not self.counts[kind]:
                self.counts[kind] += 1
                self._number += 1
                lines += spoil([f"x{self._number}", *record[1:]])
        if self._draw.random() < self._share:
            self.counts["exact_duplicate"] += 1
            lines += line(record)
        return lines

    def changed(self, record: Record) -> str:
        """What a later delivery says of an earlier transaction: another status, and perhaps no name any more."""
        self.counts["changed_status"] += 1
        other = STATUSES[(STATUSES.index(record[STATUS]) + 1) % len(STATUSES)]
        name = "" if self._draw.random() < 0.5 else record[NAME]
        return line([*record[:NAME], name, *record[NAME + 1 : STATUS], other, *record[STATUS + 1 :]])
