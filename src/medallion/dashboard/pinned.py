"""The published version of a product that a view shows throughout: its number, its dates, and its physical tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.warehouse.ddl import quote_relation
from medallion.warehouse.kept_versions import KeptVersion, kept_versions

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Version

_CONTROL_TABLES = "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?"


@dataclass(frozen=True)
class PinnedTable:
    """A mart as published in one version: its physical table, and the columns that this has."""

    name: str
    relation: str
    columns: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """One published version of a product. Its tables never change: what they hold can be kept under their names.

    `stamp` tells it from a version of the same number in another warehouse, or in one that was made anew. `before` is
    the version before, where that is kept and shows something else.
    """

    product: str
    number: int
    origin: int
    as_of: date | None
    published_at: datetime
    stamp: str
    tables: tuple[PinnedTable, ...]
    before: Pinned | None = None

    @property
    def is_rollback(self) -> bool:
        """Whether it shows an earlier version again."""
        return self.origin < self.number

    def table(self, name: str) -> PinnedTable | None:
        """The mart of that name; None where it was not thought of when the version was published."""
        return next((one for one in self.tables if one.name == name), None)

    def relations(self) -> dict[str, str]:
        """The physical tables as SQL, by the marts' names; those of the version before as `before_<name>`."""
        own = {one.name: quote_relation(one.relation) for one in self.tables}
        if self.before is not None:
            own |= {f"before_{one.name}": quote_relation(one.relation) for one in self.before.tables}
        return own


def read_pinned(session: Session, product: DataProduct) -> Pinned | None:
    """What is published of a product now; None where nothing is."""
    if not session.rows(_CONTROL_TABLES, ("control", "version")):
        return None
    kept = kept_versions(session, product.name)
    if not kept:
        return None
    current = kept[0]
    earlier = next((one for one in kept[1:] if one.origin < current.origin and not one.is_shown_by(current)), None)
    return _pinned(product, current, _pinned(product, earlier, None) if earlier else None)


def _pinned(product: DataProduct, kept: KeptVersion, before: Pinned | None) -> Pinned:
    published_at = kept.published_at
    known = {step.table.name for step in product.layer(Layer.GOLD)}
    return Pinned(
        product=product.name,
        number=kept.number,
        origin=kept.origin,
        as_of=kept.as_of,
        published_at=published_at if published_at.tzinfo else published_at.replace(tzinfo=UTC),
        stamp=f"{kept.run_id} {published_at.isoformat()}",
        tables=tuple(_table(one) for name, one in sorted(kept.tables.items()) if name in known),
        before=before,
    )


def _table(version: Version) -> PinnedTable:
    try:
        columns = frozenset(name for name, *_ in json.loads(version.contract or "{}")["columns"])
    except (ValueError, KeyError, TypeError):  # the record is damaged: nothing optional is shown
        columns = frozenset()
    return PinnedTable(version.table_name, version.relation, columns)
