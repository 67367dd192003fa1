"""The plan: what a run would read and build, and why. Making it reads the control tables and the sources' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from medallion.contracts import BRONZE_PREFIX, Layer
from medallion.errors import UsageError
from medallion.pipeline.decision import Action, Decision, Standing, Wish, decide
from medallion.pipeline.deliveries import Arrivals
from medallion.pipeline.earlier import fingerprints_read
from medallion.pipeline.estimate import expected_rows
from medallion.pipeline.fingerprint import definition_of, deliveries_fingerprint
from medallion.pipeline.inputs import named_versions, reasons_of
from medallion.pipeline.other_dates import Dates, refuse_other_dates
from medallion.warehouse.contract_shape import contract_breaks, removed_marts
from medallion.warehouse.records import BatchStatus

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.pipeline.running import Request
    from medallion.warehouse.records import Batch, Run, Version

# Of the bytes loaded so far: above this, building tables whole is quicker than updating them key by key.
LARGEST_UPDATE = 0.2
_TO_BE_READ = "to be read"


@dataclass(frozen=True)
class PlannedTable:
    """A table of the plan: `rows` it has now (None: never published), and about how many it will have."""

    name: str
    layer: Layer
    action: Action
    reason: str
    rows: int | None
    expected_rows: int | None

    @property
    def is_built(self) -> bool:
        return self.action is not Action.SKIP


@dataclass(frozen=True)
class Plan:
    """What a run would do. `as_of` is None where it follows from rows that are still to be read.

    `inputs` say which versions of other products it reads.
    """

    product: DataProduct
    resumed: Run | None
    arrivals: Arrivals
    as_of: date | None
    tables: tuple[PlannedTable, ...]
    inputs: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether everything published is up to date."""
        return self.resumed is None and not self.arrivals.new and not any(table.is_built for table in self.tables)


def make_plan(
    request: Request,
    arrivals: Arrivals,
    known: Sequence[Batch],
    published: Mapping[str, Version],
    *,
    wish: Wish,
    newest: date | None,
    as_of: date | None,
    resumed: Run | None = None,
    inputs: Mapping[str, Version] | None = None,
) -> Plan:
    """Compare what is published with what the sources, the code, the rules and `as_of` ask for.

    `newest` is the newest date in silver as it is, None where there is no silver; `as_of` the date asked for. `inputs`
    are the versions read of other products and of an earlier day. Raises UsageError where a contract changed so that
    readers would break, unless everything is built anew, and where a table is selected without an input that was never
    published, or that is as of another day.
    """
    product = request.product
    dates = Dates(as_of or newest, newest)
    if not wish.is_full:
        refuse_breaks(product, published)
    fingerprints = source_fingerprints(product, known) | fingerprints_read(product, inputs or {})
    grown, reasons = grown_sources(product, known, arrivals), reasons_of(product, inputs or {})
    fingerprints |= {BRONZE_PREFIX + batch.source: _TO_BE_READ for batch in arrivals.new}
    tables = []
    for step in product.steps:
        name = step.table.name
        standing = Standing(
            version=published.get(name),
            definition=definition_of(product, step, request.rules, dates.as_of, dates.cutoff),
            inputs={one: fingerprints.get(one, "") for one in product.published_inputs(step)},
            grown=grown,
            as_of=dates.as_of,
            run_id=resumed.run_id if resumed else None,
            reasons=reasons,
        )
        decision = decide(step, standing, wish)
        expected = rows = standing.version.row_count if standing.version else None
        if decision.action is not Action.SKIP:
            _refuse_missing(name, standing)
            expected = expected_rows(product, step, rows, known, arrivals.new)
        _note(name, decision, standing, fingerprints, grown)
        tables.append(PlannedTable(name, step.table.layer, decision.action, decision.reason, rows, expected))
    is_open = not as_of and (bool(arrivals.new) or _date_is_open(product, tables))
    if not is_open:  # else once the date is known
        refuse_other_dates(request, wish.selected, published, dates)
    shown = None if is_open else dates.as_of
    return Plan(product, resumed, arrivals, shown, tuple(tables), tuple(named_versions(product, inputs or {}).values()))


def _date_is_open(product: DataProduct, tables: Sequence[PlannedTable]) -> bool:
    """Whether the newest date is only known once the table that has it is built of what other products publish."""
    return any(table.is_built and table.name == product.as_of[0] and product.inputs for table in tables)


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


def grown_sources(product: DataProduct, known: Sequence[Batch], arrivals: Arrivals) -> dict[str, str]:
    """The sources that only gain a few rows, as bronze tables with their fingerprints before; none where many come.

    Not those where a delivery is replaced: rows that lost against it count again, and an update does not read them.
    """
    new, replaced = arrivals.new, {batch.source for batch in arrivals.replaced}
    loaded = sum(batch.byte_count or 0 for batch in known if batch.status is BatchStatus.LOADED)
    if not new or sum(batch.byte_count or 0 for batch in new) > LARGEST_UPDATE * loaded:
        return {}
    before = source_fingerprints(product, known)
    sources = {batch.source for batch in new} - replaced
    return {name: before[name] for name in sorted(BRONZE_PREFIX + source for source in sources)}


def refuse_breaks(product: DataProduct, published: Mapping[str, Version]) -> None:
    """Raises UsageError where a contract changed so that it no longer fits what readers rely on, or a mart is gone."""
    for name in removed_marts(product, published):
        raise UsageError(
            f"{product.name}.{name}: is published, but the product has no such mart any more; take the change back, or"
            " let readers know and run with --full-refresh to take it away"
        )
    for step in product.steps:
        version = published.get(step.table.name)
        breaks = contract_breaks(version.contract, step.table) if version else []
        if breaks:
            raise UsageError(
                f"{step.table.name}: its contract breaks what is published: {'; '.join(breaks)}; take the change back,"
                " or let readers know and run with --full-refresh"
            )


def _refuse_missing(name: str, standing: Standing) -> None:
    missing = [one for one, fingerprint in standing.inputs.items() if not fingerprint]
    if missing:
        raise UsageError(
            f"{name}: its input {missing[0]} was never published; select what it is built from too: --select +{name}"
        )


def _note(
    name: str, decision: Decision, standing: Standing, fingerprints: dict[str, str], grown: dict[str, str]
) -> None:
    """What the decision means for the tables after it."""
    version = standing.version
    if decision.action is Action.SKIP:
        fingerprints[name] = (version.fingerprint if version else None) or ""
        return
    fingerprints[name] = f"{name} to be built"
    if decision.action is Action.UPDATE and version:
        grown[name] = version.fingerprint or ""
