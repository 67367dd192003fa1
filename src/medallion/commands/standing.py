"""How a product stands: its last run, what is published, how old that is, and what is in quarantine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from medallion.commands.recorded import on_record
from medallion.contracts import Layer
from medallion.errors import DeniedError, UsageError
from medallion.warehouse import control
from medallion.warehouse.contract_shape import removed_marts
from medallion.warehouse.kept_versions import built_in
from medallion.warehouse.lease import Holder, Lease
from medallion.warehouse.records import select_records

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session, Warehouse
    from medallion.warehouse.records import Run, Version

_RUN_FIELDS = ("run_id", "product", "status", "attempt", "as_of", "engine", "source", "started_at", "finished_at")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a product; `newest` is the last day it has data of, `is_running` whether a run holds it now.

    `removed` are marts still published that the product has no more. `rejected` is (table, reason, rows): a row with
    two reasons counts under both.
    """

    product: DataProduct
    last: Run | None = None
    is_running: bool = False
    marts: tuple[Version, ...] = ()
    removed: tuple[str, ...] = ()
    newest: date | None = None
    rejected: tuple[tuple[str, str, int], ...] = ()

    @property
    def version(self) -> int | None:
        return max((mart.version for mart in self.marts), default=None)

    @property
    def as_of(self) -> date | None:
        """That of the newest version, as `versions` says it; a run of chosen marts may look from an earlier day."""
        newest = max(self.marts, key=lambda mart: (mart.version, built_in(mart)), default=None)
        return newest.as_of if newest else None

    @property
    def published_at(self) -> datetime | None:
        """When the newest version was published, UTC."""
        return max((mart.published_at for mart in self.marts), default=None)

    @property
    def age_days(self) -> int | None:
        """Whole days from the newest data to today (UTC)."""
        return (datetime.now(UTC).date() - self.newest).days if self.newest else None


def standing_of(warehouse: Warehouse, product: DataProduct) -> Standing:
    """Read how the product stands; all empty where nothing ran yet."""
    with on_record(warehouse) as session:
        if session is None:
            return Standing(product=product)
        found = standing_in(session, product, control.published_versions(session, product.name))
    return found if found.newest else replace(found, newest=newest_by_right(warehouse, product))


def newest_by_right(warehouse: Warehouse, product: DataProduct) -> date | None:
    """The newest day in the data for who may read that column alone; None without that right, or without the table.

    Catalogues need not list a table of which one may read a column. Asked in a session of its own, which it may end.
    """
    with suppress(DeniedError, UsageError), warehouse.read() as session:
        return _newest(session, product, control.newest_versions(session, product.name).get(product.as_of[0]))
    return None


def standing_in(session: Session, product: DataProduct, published: Mapping[str, Version]) -> Standing:
    """How the product stands, of whose tables these versions are published; the control tables are there."""
    marts = [published[s.table.name] for s in product.layer(Layer.GOLD) if s.table.name in published]
    return Standing(
        product=product,
        last=next(iter(control.runs(session, product.name, 1)), None),
        is_running=is_held(session, product.name, datetime.now(UTC)),
        marts=tuple(marts),
        removed=tuple(removed_marts(product, published)),
        newest=_newest(session, product, published.get(product.as_of[0])),
        rejected=tuple(_rejected(session, product.name)),
    )


def standing_document(standing: Standing) -> dict[str, Any]:
    """A standing for `--json`."""
    return {
        "product": standing.product.name,
        "last_run": run_document(standing.last) if standing.last else None,
        "is_running": standing.is_running,
        "version": standing.version,
        "as_of": standing.as_of,
        "newest_data": standing.newest,
        "age_days": standing.age_days,
        "marts": [
            {
                "name": mart.table_name,
                "rows": mart.row_count,
                "version": mart.version,
                "published_at": mart.published_at,
            }
            for mart in standing.marts
        ],
        "removed_marts": list(standing.removed),
        "quarantine": [
            {"table": table, "reason": reason, "rows": number} for table, reason, number in standing.rejected
        ],
    }


def is_held(session: Session, product: str, now: datetime) -> bool:
    """Whether a living run holds the product's lease."""
    for lease in select_records(session, Lease, "product = ?", (product,)):
        holder = Holder(lease.host, lease.pid, lease.holder.rsplit("/", 1)[-1])
        return lease.expires_at > now and not holder.is_dead
    return False


def _newest(session: Session, product: DataProduct, version: Version | None) -> date | None:
    if version is None:
        return None
    newest: date | None = session.rows(f"SELECT max({product.as_of[1]}) FROM {version.relation}")[0][0]
    return newest


def _rejected(session: Session, product: str) -> list[tuple[str, str, int]]:
    rows = session.rows(
        # Only columns that readers may see: the others may hold personal data.
        "SELECT table_name, reasons, count(table_name) FROM quarantine.rejected_row WHERE product = ? GROUP BY 1, 2",
        (product,),
    )
    found = Counter[tuple[str, str]]()
    for table, reasons, number in rows:
        for reason in {part.strip() for part in (reasons or "").split(",")}:
            found[table, reason or "not stated"] += number
    return [(table, reason, number) for (table, reason), number in sorted(found.items())]


def run_document(run: Run) -> dict[str, Any]:
    """A run for `--json`."""
    return {name: getattr(run, name) for name in _RUN_FIELDS} | {"seconds": run_seconds(run), "error": run.error}


def run_seconds(run: Run) -> float | None:
    """How long a run took; None where it has not ended."""
    return (run.finished_at - run.started_at).total_seconds() if run.finished_at else None
