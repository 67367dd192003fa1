"""The published versions of a product's marts that are still there as a whole: to list, to compare, to go back to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.errors import UsageError
from medallion.warehouse import control
from medallion.warehouse.records import CheckpointStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Version

_FIRST_PUBLISHED = (
    "SELECT table_name, min(finished_at) FROM control.checkpoint"
    " WHERE product = ? AND layer = ? AND status = ? GROUP BY table_name"
)


@dataclass(frozen=True, kw_only=True)
class KeptVersion:
    """One version of a product: what each mart was in it, by the mart's name.

    `named` are the marts that it was published with (the others stayed as they were). `origin` is the version in which
    the newest of these were built: a version that shows an earlier one again, by a rollback, has an earlier origin.
    """

    number: int
    origin: int
    run_id: str
    as_of: date | None
    published_at: datetime
    named: tuple[str, ...]
    tables: Mapping[str, Version]

    @property
    def is_rollback(self) -> bool:
        return self.origin < self.number

    @property
    def rebuilt(self) -> tuple[str, ...]:
        """The marts that were built for this version; a rollback builds none."""
        return () if self.is_rollback else self.named

    @property
    def row_count(self) -> int:
        """Rows of all marts together."""
        return sum(table.row_count or 0 for table in self.tables.values())

    def is_shown_by(self, other: KeptVersion) -> bool:
        """Whether all its marts are in `other` what they are in it; `other` may have further ones."""
        return bool(self.tables) and {row.relation for row in self.tables.values()} <= {
            row.relation for row in other.tables.values()
        }

    def of(self, marts: Collection[str]) -> KeptVersion:
        """The version as far as it holds these marts."""
        return replace(self, tables={name: row for name, row in self.tables.items() if name in marts})


def kept_versions(session: Session, product: str) -> list[KeptVersion]:
    """The versions that are kept, newest first; the first one is the current one. Empty where nothing is published.

    A version of which some tables were dropped is not kept, even if others of its tables are still shown by later ones.
    """
    history = sorted(control.versions(session, product), key=lambda row: row.version)
    parameters = (product, Layer.GOLD.value, CheckpointStatus.PUBLISHED.value)
    first_published = dict(session.rows(_FIRST_PUBLISHED, parameters))
    names = {row.table_name for row in history}
    tables: dict[str, Version] = {}
    found = []
    ended: set[str] = set()
    for number in sorted({row.version for row in history}):
        rows = [row for row in history if row.version == number and not row.is_end]
        ended |= {row.table_name for row in history if row.version == number and row.is_end}
        ended -= {row.table_name for row in rows}
        tables = {name: row for name, row in tables.items() if name not in ended}
        tables |= {row.table_name: row for row in rows}
        if not rows:  # pruned, but for the end of a mart
            continue
        published_at = max(row.published_at for row in rows)
        # A mart that is missing was either dropped since, or not thought of yet.
        missing = [first_published.get(name) for name in names - tables.keys() - ended]
        if all(first and first > published_at.replace(tzinfo=None) for first in missing):
            found.append(_kept(number, rows, tables))
    return found[::-1]


def kept_version(kept: Sequence[KeptVersion], product: str, number: int) -> KeptVersion:
    """The version of that number. Raises UsageError that names those kept."""
    for one in kept:
        if one.number == number:
            return one
    if not kept:
        raise UsageError(f"{product}: version {number} is unknown, nothing is published yet; run the product first")
    raise UsageError(f"{product}: version {number} is not kept; choose one of: {numbers(kept)}")


def rollback_target(kept: Sequence[KeptVersion], product: str, number: int | None) -> KeptVersion:
    """The version to go back to: the one asked for, or else the one before what readers see now.

    Raises UsageError where it is not kept, is shown already, or there is none before.
    """
    current = kept[0]
    others = [one for one in kept if not one.is_shown_by(current)]
    if number is None:
        earlier = [one for one in others if one.number < current.origin]
        if not earlier:
            shown = f"version {current.number}" + (f" (version {current.origin} again)" if current.is_rollback else "")
            also = f"; --to takes one of: {numbers(others)}" if others else ""
            raise UsageError(f"{product}: no version before {shown} is kept, there is nothing to go back to{also}")
        return earlier[0]
    target = kept_version(kept, product, number)
    if target.is_shown_by(current):
        remedy = f"choose one of: {numbers(others)}" if others else "no other is kept"
        raise UsageError(f"{product}: version {number} is what readers see already; {remedy}")
    return target


def numbers(kept: Sequence[KeptVersion]) -> str:
    """Their numbers for a message, oldest first."""
    return ", ".join(str(one.number) for one in reversed(kept))


def _kept(number: int, rows: Sequence[Version], tables: Mapping[str, Version]) -> KeptVersion:
    newest = max(rows, key=built_in)
    return KeptVersion(
        number=number,
        origin=built_in(newest),
        run_id=newest.run_id,
        as_of=newest.as_of,
        published_at=newest.published_at,
        named=tuple(sorted(row.table_name for row in rows)),
        tables=tables,
    )


def built_in(row: Version) -> int:
    """The version that a physical table was built for, which its name ends with."""
    suffix = row.relation.rpartition("__")[2]
    return int(suffix) if suffix.isdecimal() else row.version
