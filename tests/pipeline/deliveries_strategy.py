"""Any delivery of a small world: few orders, customers, days and prices, so that rows correct, repeat and contradict
each other often; files that come in any order, late, together, and again under the same or another name.

A big file of ordinary orders comes with the first run, so that what follows is little and tables are updated by key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import payment_deliveries
from hypothesis import assume
from hypothesis import strategies as st
from restaurant_input import DATES_HEADER, ITEMS_HEADER, OPTIONS_HEADER

HEADERS = {
    "order_items": ITEMS_HEADER,
    "order_item_options": OPTIONS_HEADER,
    "date_dim": DATES_HEADER,
    **payment_deliveries.HEADERS,
}
BULK_NUMBER, NUMBERS = 5, range(1, 13)  # files sort before and after the big one, and 10 after 2
FREE_NUMBERS = [number for number in NUMBERS if number != BULK_NUMBER]
MOST_FILES, MOST_ROWS, MOST_RUNS = 4, 5, 4


@dataclass(frozen=True, repr=False)
class File:
    """A delivered file: the source it belongs to, the number in its name, its rows."""

    source: str
    number: int
    rows: tuple[str, ...]

    def __repr__(self) -> str:
        return f"File({self.name}: {self.rows if self.number != BULK_NUMBER else 'the big one'})"

    @property
    def name(self) -> str:
        return f"{self.source}_{self.number}.csv"

    @property
    def text(self) -> str:
        return "\n".join((HEADERS[self.source], *self.rows)) + "\n"


@dataclass(frozen=True)
class Run:
    """What a run finds: the files that are new, and, where it `keeps` them, those that came before as well."""

    files: tuple[File, ...]
    keeps: bool = False


def _row(*fields: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*fields).map(",".join)


def _one_of(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values)


DAYS = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-09", "2024-02-28")
ORDER_IDS, LINE_IDS = _one_of("o1", "o2", "o3", "b7", " o1 ", ""), _one_of("l1", "l2", "l1 ", "l1")
OTHER_LINE_IDS = _one_of("l3", "l4", "l3 ")  # lines that the big file does not have


def _items(line_ids: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return _row(
        _one_of("app", "kiosk"),
        _one_of("r1", "r2", ""),
        _one_of(*(f"{day}T{hour}:00:00Z" for day in DAYS for hour in ("10", "23")), "yesterday"),
        ORDER_IDS,
        _one_of("u1", "u2", "u3", "", "NULL"),
        _one_of("", "XXXXXXXXXXXX1234"),
        _one_of("TRUE", "FALSE", ""),
        _one_of("USD", "USD", "usd", "EUR", "dollars"),
        line_ids,
        _one_of("Mains", "Drinks"),
        _one_of("Burger", "Cola"),
        _one_of("10.00", "2.50", "-4.00", "0", "abc"),
        _one_of("1", "2", "3"),
    )


def _options(line_ids: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return _row(
        ORDER_IDS,
        line_ids,
        _one_of("Extras", "Discount", ""),
        _one_of("Cheese", " Cheese", "Ten off"),
        _one_of("1.00", "-3.00", "-20.00", "abc"),
        _one_of("1", "2"),
    )


def _calendar(*days: str) -> st.SearchStrategy[str]:
    return _row(_one_of(*days), *[st.just("")] * 5, _one_of("TRUE", "FALSE", "perhaps"), _one_of("", "Feast"))


RAGGED = st.just("too,few")  # the gate keeps it out
ROWS = {
    "order_items": _items(LINE_IDS) | RAGGED,
    "order_item_options": _options(LINE_IDS) | RAGGED,
    "date_dim": _calendar(*DAYS, "01-01-2024", "2024-01-05", "someday"),
}


def _bulk(orders: int) -> tuple[File, ...]:
    """Ordinary orders of the same customers, locations and days, and two of the orders that other files speak of."""
    ids = [*(f"b{number}" for number in range(orders)), "o1", "o2"]
    lines = [
        f"app,r{n % 2 + 1},{DAYS[n % 3]}T1{n % 3}:00:00Z,{order},u{n % 7 + 2},,FALSE,USD,{line},Mains,Burger,10.00,1"
        for n, order in enumerate(ids)
        for line in ("l1", "l2")
    ]
    options = [f"{order},l1,Extras,Cheese,1.00,1" for order in ids]
    return (
        File("order_items", BULK_NUMBER, tuple(lines)),
        File("order_item_options", BULK_NUMBER, tuple(options)),
        File("date_dim", BULK_NUMBER, ("2024-01-01,2024,1,1,Monday,FALSE,TRUE,New Year's Day",)),
    )


BULK = _bulk(150)


@dataclass(frozen=True, repr=False)
class World:
    """What a product's files may say: rows by source, and the big files that come with the first run."""

    rows: Mapping[str, st.SearchStrategy[str]]
    bulk: tuple[File, ...]


WORLDS = {
    "restaurant": World(ROWS, BULK),
    "card_payments": World(
        payment_deliveries.ROWS,
        tuple(File(source, BULK_NUMBER, rows) for source, rows in payment_deliveries.ordinary(300).items()),
    ),
}


@st.composite
def _files(draw: st.DrawFn, source: str, rows: st.SearchStrategy[str]) -> list[File]:
    chosen = draw(st.lists(st.sampled_from(FREE_NUMBERS), max_size=MOST_FILES, unique=True))
    return [File(source, n, tuple(draw(st.lists(rows, min_size=1, max_size=MOST_ROWS)))) for n in chosen]


@st.composite
def histories(draw: st.DrawFn, world: World) -> tuple[Run, ...]:
    """Runs that between them deliver some files, each in one run or, as a replay, in several."""
    files = [file for source, rows in world.rows.items() for file in draw(_files(source, rows))]
    taken = {(file.source, file.number) for file in files} | {(source, BULK_NUMBER) for source in world.rows}
    for number in draw(st.lists(st.sampled_from(NUMBERS), max_size=2)):
        original = draw(st.sampled_from([*files, *world.bulk]))
        if (original.source, number) not in taken or number == original.number:
            taken.add((original.source, number))
            files.append(replace(original, number=number))
    # most often the big files come alone
    return _runs(draw, world.bulk, files, draw(st.sampled_from((1, 1, 1, 0))))


@st.composite
def splits(draw: st.DrawFn) -> tuple[tuple[File, ...], tuple[Run, ...]]:
    """Lines, options of lines and days that come once each: in one file a source, and spread over files and runs.

    All options of a line are in one file, as a later delivery of them would replace the earlier one.
    """
    units = {
        "order_items": [(row,) for row in draw(st.lists(_items(OTHER_LINE_IDS), max_size=8, unique_by=_line))],
        "order_item_options": _sets(draw(st.lists(_options(OTHER_LINE_IDS), max_size=8))),
        "date_dim": [
            (row,) for row in draw(st.lists(_calendar(*DAYS[1:], "someday"), max_size=3, unique_by=_first_field))
        ],
    }
    together, apart = [], []
    for source, found in units.items():
        rows: dict[int, list[str]] = {}
        for unit in draw(st.permutations(found)):
            rows.setdefault(draw(st.sampled_from(FREE_NUMBERS)), []).extend(unit)
        apart += [File(source, number, tuple(part)) for number, part in rows.items()]
        together += [File(source, FREE_NUMBERS[0], tuple(row for unit in found for row in unit))] if found else []
    return (*BULK, *together), _runs(draw, BULK, apart, first=1)


def _runs(draw: st.DrawFn, bulk: tuple[File, ...], files: list[File], first: int) -> tuple[Run, ...]:
    """The big files in the first run, and the others in any order, none before the run `first`."""
    runs: list[list[File]] = [[] for _ in range(MOST_RUNS)]
    for file in draw(st.permutations(files)):
        runs[draw(st.integers(first, MOST_RUNS - 1))].append(file)
    later = [Run(tuple(found), draw(st.booleans())) for found in runs[1:] if found]
    assume(later)
    return (Run((*bulk, *runs[0])), *later)


def _line(row: str) -> tuple[str, str]:
    fields = row.split(",")
    return fields[3].strip(), fields[8].strip()


def _first_field(row: str) -> str:
    return row.partition(",")[0]


def _sets(rows: list[str]) -> list[tuple[str, ...]]:
    """The rows by the line they belong to."""
    found: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        found.setdefault(tuple(field.strip() for field in row.split(",")[:2]), []).append(row)
    return [tuple(one) for one in found.values()]
