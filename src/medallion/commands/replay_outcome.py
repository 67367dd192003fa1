"""What a replay of quarantine came to: which rows were accepted, which were not, and which could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medallion.commands.quarantined import Quarantined, quarantined, source_step
from medallion.errors import UsageError
from medallion.warehouse import control, quarantine

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session, Warehouse
    from medallion.warehouse.quarantine import Chosen


@dataclass(frozen=True, kw_only=True)
class ReplayOutcome:
    """Rows that were chosen, by what became of them; `rejected` counts those rejected again by their reasons now.

    `replaced` rows are good by now, but a later delivery of the same row counts. `kept_out` are records that the gate
    refused, `nameless` rows that name no key: neither can be read again for themselves.
    """

    accepted: int
    replaced: int
    rejected: Mapping[str, int]
    kept_out: int
    nameless: int

    def document(self) -> dict[str, Any]:
        """The counts for `--json`."""
        return {
            "accepted": self.accepted,
            "replaced": self.replaced,
            "rejected": sum(self.rejected.values()),
            "rejected_for": dict(self.rejected),
            "kept_out": self.kept_out,
            "without_key": self.nameless,
        }

    def lines(self, product: DataProduct) -> tuple[str, ...]:
        """The counts in words."""
        why = ", ".join(f"{reasons}: {number:,}" for reasons, number in sorted(self.rejected.items()))
        still = f"{sum(self.rejected.values()):,} rejected again" + (f" ({why})" if why else "")
        found = [f"replay: {self.accepted:,} rows accepted, {still}"]
        if self.replaced:
            found.append(f"{self.replaced:,} rows are good now, but a later delivery of the same row counts")
        if self.kept_out:
            found.append(
                f"{self.kept_out:,} records could not be read when they came and cannot be read again:"
                f" medallion quarantine export {product.name} --table T --output DIR, correct, deliver"
            )
        if self.nameless:
            found.append(
                f"{self.nameless:,} rows name no key and were left: correct and deliver them, or build their table"
                f" whole: medallion run {product.name} --select T"
            )
        return tuple(found)


def rows_to_replay(warehouse: Warehouse, product: DataProduct, chosen: Chosen) -> list[Quarantined]:
    """The chosen rows. Raises UsageError where there are none, or none that can be read again."""
    with warehouse.read() as session:
        rows = quarantined(session, product, chosen)
    if not rows:
        raise UsageError(
            f"{product.name}: no row in quarantine is meant by this; see: medallion quarantine list {product.name}"
        )
    if not any(_can_be_read(product, one) for one in rows):
        raise UsageError(
            f"{product.name}: none of {len(rows):,} rows can be read again, they could not be read or name no key; use:"
            f" medallion quarantine export {product.name} --table {rows[0].row.table_name} --output DIR"
        )
    return rows


def outcome_of(warehouse: Warehouse, product: DataProduct, before: Sequence[Quarantined]) -> ReplayOutcome:
    """Compare what was in quarantine before a replay with what is there now."""
    again = [one for one in before if _can_be_read(product, one)]
    tables = {one.row.table_name for one in again}
    with warehouse.read() as session:
        now = {
            one.place: ", ".join(one.reasons)
            for table in tables
            for one in quarantined(session, product, quarantine.Chosen(table=table))
        }
        accepted = {place for table in tables for place in _accepted(session, product, table, again)}
    gone = [one for one in again if one.place not in now]
    in_table = sum(one.place in accepted for one in gone)
    return ReplayOutcome(
        accepted=in_table,
        replaced=len(gone) - in_table,
        rejected=Counter(now[one.place] for one in again if one.place in now),
        kept_out=sum(one.is_kept_out for one in before),
        nameless=sum(not one.is_kept_out and not _can_be_read(product, one) for one in before),
    )


def _can_be_read(product: DataProduct, one: Quarantined) -> bool:
    """Whether a replay reads the record again: it finds records by their key, of tables without one all."""
    step = source_step(product, one.row.table_name)
    return not one.is_kept_out and (step.key is None or one.row.row_key is not None)


def _accepted(
    session: Session, product: DataProduct, table: str, rows: Sequence[Quarantined]
) -> set[tuple[str, str, int]]:
    version, step = control.published_versions(session, product.name)[table], source_step(product, table)
    keys = sorted({str(one.row.row_key) for one in rows if one.row.table_name == table})
    found = quarantine.accepted_places(session, version.relation, step.key, keys)
    return {(table, batch_id, row_number) for batch_id, row_number in found}
