"""The columns of two versions of a mart, and which of them can be compared, as what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medallion.contracts import Table
    from medallion.warehouse.base import Session

NOT_COMPARED = "as_of"  # every row of a later version has a later one
DOUBLE, NUMBER, BOOLEAN = "double", "number", "boolean"
_NUMBERS = (DOUBLE, NUMBER)
# What information_schema calls the types, in both dialects.
_KINDS = (
    (DOUBLE, ("DOUBLE", "FLOAT", "REAL")),
    (NUMBER, ("DECIMAL", "NUMERIC", "BIGINT", "INTEGER", "SMALLINT")),
    ("text", ("VARCHAR", "CHARACTER", "TEXT")),
    (BOOLEAN, ("BOOL",)),
    ("timestamp", ("TIMESTAMP",)),
    ("date", ("DATE",)),
)
_COLUMNS = (
    "SELECT column_name, data_type FROM information_schema.columns"
    " WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position"
)


@dataclass(frozen=True)
class Sides:
    """The columns of both physical tables, each with the type that the warehouse has for it."""

    table: Table
    old: Mapping[str, str]
    new: Mapping[str, str]

    @property
    def names(self) -> list[str]:
        """What both have: as the contract orders it, then what the contract does not know any more."""
        known = [*self.table.column_names, *(name for name in self.old if name not in self.table.column_names)]
        return [name for name in known if name in self.old and name in self.new]

    @property
    def retyped(self) -> list[str]:
        return [name for name in self.names if self.kind(name) is None]

    @property
    def compared(self) -> list[str]:
        left_out = {*self.table.grain, *self.retyped, NOT_COMPARED}
        return [name for name in self.names if name not in left_out]

    def kind(self, name: str) -> str | None:
        """The kind of a column that both have; None where the two cannot be compared."""
        old, new = _kind(self.old[name]), _kind(self.new[name])
        if old == new:
            return old
        return DOUBLE if old in _NUMBERS and new in _NUMBERS else None


def sides_of(session: Session, table: Table, old: str, new: str) -> Sides:
    """The columns of two physical tables of a mart."""
    found = (dict(session.rows(_COLUMNS, relation.split(".", 1))) for relation in (old, new))
    return Sides(table, *found)


def _kind(data_type: str) -> str:
    name = data_type.upper()
    return next((kind for kind, prefixes in _KINDS if name.startswith(prefixes)), name)
