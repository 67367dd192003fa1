"""Values of sample rows as text: by the contract's units, personal data masked by the contract's marks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medallion.documentation.value_text import EMPTY, NUMBERS, text_of

if TYPE_CHECKING:
    from medallion.contracts import Column, Table
    from medallion.documentation.site.facts import TableFacts

MASK = "•••••"
_LONGEST = 80


@dataclass(frozen=True)
class Cell:
    """A value as text; `kind` is `masked`, `empty`, `number` or `text`."""

    text: str
    kind: str


@dataclass(frozen=True)
class Sample:
    """The first rows of a table; personal data is not in it."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def sample_of(table: Table, facts: TableFacts) -> Sample:
    """The sample of a published table."""
    columns = tuple(table.column(name) for name in facts.sample_columns)
    rows = (tuple(cell(value, column) for value, column in zip(row, columns, strict=True)) for row in facts.sample)
    return Sample(columns, tuple(rows))


def cell(value: object, column: Column) -> Cell:
    """A value for people. What the contract marks as personal is masked, so that not even its length is told."""
    if value is None:
        return Cell(EMPTY, "empty")
    if column.pii:
        return Cell(MASK, "masked")
    is_number = isinstance(value, NUMBERS) and not isinstance(value, bool)
    return Cell(text_of(value, column.unit, _LONGEST), "number" if is_number else "text")
