"""Where the columns of a relation come from, as far as its plan tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

ROWS = "*"  # the column of a reference to the rows of a table: what a count counts


class ColumnRef(NamedTuple):
    """A column of an input table; `ROWS` for the table's rows themselves."""

    table: str
    column: str


@dataclass(frozen=True)
class Origin:
    """Of a value: the columns it is computed from, and those that only decide which of them is taken.

    `is_known` is off where the plan has something in it that is not understood; then the columns named are not all.
    `fields` are the origins of a struct's fields, so that taking one out of it again leaves the others behind.
    """

    values: frozenset[ColumnRef] = frozenset()
    decided: frozenset[ColumnRef] = frozenset()
    is_known: bool = True
    fields: Mapping[str, Origin] | None = field(default=None, compare=False)

    @property
    def all(self) -> frozenset[ColumnRef]:
        """All columns that have a part in it."""
        return self.values | self.decided

    def deciding(self) -> Origin:
        """What it means for a value that this one decides about it."""
        return Origin(decided=self.all, is_known=self.is_known)


UNKNOWN = Origin(is_known=False)


def merged(origins: Iterable[Origin]) -> Origin:
    """The origin of what is computed from all of them."""
    found = list(origins)
    values = frozenset[ColumnRef]().union(*(one.values for one in found))
    decided = frozenset[ColumnRef]().union(*(one.decided for one in found))
    return Origin(values, decided, all(one.is_known for one in found))


@dataclass(frozen=True)
class Attribute:
    """A column of a relation: its name, the aliases it can be called by, and the plans whose column it is."""

    name: str
    origin: Origin
    qualifiers: frozenset[str] = frozenset()
    plans: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Relation:
    """The columns of a relation, and which columns choose, match and group its rows.

    `tables` are the inputs that its rows are made of. `is_open`: it may have columns that are not listed.
    """

    attributes: tuple[Attribute, ...] = ()
    chosen_by: Origin = field(default_factory=Origin)
    tables: frozenset[str] = frozenset()
    is_open: bool = False

    def chosen(self, *origins: Origin) -> Relation:
        """The same with rows that these choose as well."""
        return replace(self, chosen_by=merged([self.chosen_by, *(one.deciding() for one in origins)]))

    def counted(self) -> Origin:
        """The origin of a count of the rows."""
        is_known = self.chosen_by.is_known and not self.is_open
        return Origin(frozenset(ColumnRef(table, ROWS) for table in self.tables), is_known=is_known)

    def seen_by(self, plan: int) -> Relation:
        """The same, its columns known as those of that plan as well."""
        return replace(self, attributes=tuple(replace(a, plans=a.plans | {plan}) for a in self.attributes))

    def find(self, name: str, plan: int | None = None) -> Attribute | None:
        """The one column that `name`, qualified or not, means; None where there is none, or several."""
        parts = [part.strip("`").lower() for part in name.split(".")]
        found = [a for a in self.attributes if plan is None or plan in a.plans]
        plain = [a for a in found if a.name.lower() == name.strip("`").lower()]
        if not plain and len(parts) > 1:
            plain = [a for a in found if a.name.lower() == parts[-1] and parts[-2] in a.qualifiers]
        if not plain and len(parts) > 1:
            return _field(found, parts)
        return plain[0] if plain and all(a.origin == plain[0].origin for a in plain) else None

    def origin(self, name: str, plan: int | None = None) -> Origin:
        """The origin of what `name` means; unknown where that is not clear."""
        attribute = self.find(name, plan)
        return attribute.origin if attribute else UNKNOWN


def _field(attributes: Iterable[Attribute], parts: list[str]) -> Attribute | None:
    """A field of a struct, as `entry.amount`."""
    holders = [a for a in attributes if a.name.lower() == parts[0]]
    if len(holders) != 1 or len(parts) != 2:
        return None
    return Attribute(parts[1], field_of(holders[0].origin, parts[1]))


def field_of(origin: Origin, name: str) -> Origin:
    """The origin of a field; that of the whole where its fields are not known apart."""
    fields = {key.lower(): one for key, one in (origin.fields or {}).items()}
    if name.lower() not in fields:
        return replace(origin, fields=None)
    taken = fields[name.lower()]
    return Origin(taken.values, taken.decided | origin.decided, taken.is_known and origin.is_known, taken.fields)
