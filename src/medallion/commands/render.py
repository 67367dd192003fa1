"""Tables on the terminal: values by their contract's units, wide tables in blocks that fit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from medallion.commands.hints import completed
from medallion.documentation.value_text import EMPTY as EMPTY
from medallion.documentation.value_text import NUMBERS, text_of

if TYPE_CHECKING:
    from medallion.contracts import Column

_PLAIN_WIDTH = 140  # where no terminal says how wide it is
_WIDEST_CELL = 48
_PADDING = 2
_BETWEEN = _PADDING + 1  # what stands between two columns: padding and the box's blank
_EDGES = 2


@cache
def console() -> Console:
    """Standard output; as wide as the terminal, and wide enough for a log or pipe."""
    found = Console(highlight=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = _PLAIN_WIDTH
    return found


def say(text: str, style: str = "") -> None:
    """Print a line as it is, no markup in it is meant; commands that it names are completed."""
    console().print(Text(completed(text), style=style), soft_wrap=True)


def grid(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> None:
    """Print a table of text; `right` are the columns to align right."""
    table = Grid(box=SIMPLE_HEAD, pad_edge=False, padding=(0, _PADDING, 0, 0))
    for number, head in enumerate(heads):
        table.add_column(Text(head), justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console().print(table)


def values(columns: Sequence[Column | str], rows: Sequence[Sequence[Any]], repeated: int = 0) -> None:
    """Print rows of values; the first `repeated` columns stand in every block of a table that is too wide."""
    heads = [column if isinstance(column, str) else column.name for column in columns]
    units = [None if isinstance(column, str) else column.unit for column in columns]
    cells = [[cell(value, unit) for value, unit in zip(row, units, strict=True)] for row in rows]
    right = [
        all(isinstance(row[i], NUMBERS) and not isinstance(row[i], bool) for row in rows if row[i] is not None)
        for i in range(len(heads))
    ]
    widths = [max(map(len, (heads[i], *(row[i] for row in cells)))) + _BETWEEN for i in range(len(heads))]
    for block in _blocks(widths, repeated, console().width - _EDGES + _BETWEEN):
        grid(
            [heads[i] for i in block],
            [[row[i] for i in block] for row in cells],
            [place for place, i in enumerate(block) if right[i]],
        )


def cell(value: object, unit: str | None = None) -> str:
    """A value for people, cut where it is too wide."""
    return text_of(value, unit, _WIDEST_CELL)


def size(byte_count: int | None) -> str:
    """A file's size for people."""
    if byte_count is None:
        return EMPTY
    amount, unit = float(byte_count), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


def count(value: int | None) -> str:
    """A count with its thousands apart."""
    return EMPTY if value is None else f"{value:,}"


def about(now: int | None, expected: int | None) -> str:
    """An estimate in two digits; what is known to stay as it is, exactly."""
    if expected is None or expected == now:
        return count(expected)
    digits = max(len(str(expected)) - 2, 0)
    return f"≈ {round(expected, -digits):,}"


def _blocks(widths: Sequence[int], repeated: int, available: int) -> Iterator[list[int]]:
    """Which columns stand side by side, at least one more than the repeated ones."""
    keys = list(range(repeated))
    block, used = [*keys], sum(widths[:repeated])
    for i in range(repeated, len(widths)):
        if len(block) > repeated and used + widths[i] > available:
            yield block
            block, used = [*keys], sum(widths[:repeated])
        block.append(i)
        used += widths[i]
    yield block
