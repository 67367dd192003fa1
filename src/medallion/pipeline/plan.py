"""The plan: what a run would read and build, and why. Making it reads the control tables and the sources' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pydantic import BaseModel

from medallion.contracts import BRONZE_PREFIX, Layer
from medallion.data_product import DataProduct, Step
from medallion.pipeline.deliveries import Arrivals
from medallion.pipeline.fingerprint import deliveries_fingerprint, step_fingerprint
from medallion.warehouse.records import BatchStatus

if TYPE_CHECKING:
    from medallion.warehouse.records import Batch, Run, Version


@dataclass(frozen=True)
class PlannedTable:
    """A table of the plan. `rows` is how many it has now, None where it was never published."""

    name: str
    layer: Layer
    is_built: bool
    reason: str
    rows: int | None


@dataclass(frozen=True)
class Plan:
    """What a run would do. `as_of` is None where it follows from rows that are still to be read."""

    product: DataProduct
    resumed: Run | None
    arrivals: Arrivals
    as_of: date | None
    tables: tuple[PlannedTable, ...]

    @property
    def is_empty(self) -> bool:
        """Whether everything published is up to date."""
        return self.resumed is None and not self.arrivals.new and not any(table.is_built for table in self.tables)


def make_plan(
    product: DataProduct,
    rules: BaseModel,
    arrivals: Arrivals,
    known: Sequence[Batch],
    published: Mapping[str, Version],
    *,
    as_of: date | None,
    resumed: Run | None = None,
    is_full: bool = False,
) -> Plan:
    """Compare what is published with what the sources, the code, the rules and `as_of` ask for.

    `as_of` is the date asked for, or else the newest one in silver as it is; None where there is no silver.
    """
    waiting = {batch.source for batch in arrivals.new}
    fingerprints = source_fingerprints(product, known)
    built: dict[str, str] = {}
    tables = []
    for step in product.steps:
        name = step.table.name
        reason = (
            "--full-refresh asks for it"
            if is_full
            else _reason(step, product.published_inputs(step), waiting, built, published)
        )
        if not reason:
            fingerprints[name] = step_fingerprint(product, step, rules, as_of, fingerprints)
            reason = _changed(step, published[name], fingerprints[name], as_of)
        if reason:
            built[name] = reason
            fingerprints[name] = ""
        row_count = published[name].row_count if name in published else None
        tables.append(PlannedTable(name, step.table.layer, bool(reason), reason or "up to date", row_count))
    return Plan(product, resumed, arrivals, as_of, tuple(tables))


def source_fingerprints(product: DataProduct, batches: Sequence[Batch]) -> dict[str, str]:
    """The fingerprint of each source's bronze table, by that table's name."""
    return {
        BRONZE_PREFIX + source.name: deliveries_fingerprint(
            (batch.batch_id, batch.sha256 or "")
            for batch in batches
            if batch.source == source.name and batch.status is BatchStatus.LOADED
        )
        for source in product.sources
    }


def _reason(
    step: Step, inputs: Sequence[str], waiting: set[str], built: Mapping[str, str], published: Mapping[str, Version]
) -> str:
    if step.table.name not in published:
        return "was never published"
    for name in inputs:
        source = name.removeprefix(BRONZE_PREFIX)
        if name.startswith(BRONZE_PREFIX) and source in waiting:
            return f"new files of {source}"
        if name in built:
            return f"its input {name} is built anew"
    return ""


def _changed(step: Step, version: Version, fingerprint: str, as_of: date | None) -> str:
    if version.fingerprint == fingerprint:
        return ""
    if "as_of" in step.parameters and version.as_of != as_of:
        return f"as_of goes from {version.as_of} to {as_of}"
    return "its code, contract or rules changed"
