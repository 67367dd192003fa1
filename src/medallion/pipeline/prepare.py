"""What a run starts from: what is known and published, what was delivered since, and the plan that follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from medallion.errors import InputError
from medallion.ingest.delivered_files import check_headers, find_deliveries
from medallion.pipeline.checkpoint import is_resumable, new_run
from medallion.pipeline.deliveries import Arrivals, find_arrivals
from medallion.pipeline.plan import Plan, make_plan
from medallion.warehouse import control
from medallion.warehouse.records import BatchStatus

if TYPE_CHECKING:
    from medallion.pipeline.running import Request, Workspace
    from medallion.warehouse.records import Batch, Run, Version


@dataclass(frozen=True)
class Prepared:
    """The plan, and what it was made from. `run_id` is that of the run which would carry it out."""

    plan: Plan
    run_id: str
    known: tuple[Batch, ...]
    published: Mapping[str, Version]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Recorded:
    unfinished: Run | None
    known: tuple[Batch, ...]
    published: Mapping[str, Version]
    newest: date | None


def prepare(workspace: Workspace, request: Request) -> Prepared:
    """Look at the control tables and the input folder; changes nothing. Raises InputError about the delivered files."""
    recorded = _recorded(workspace, request)
    resumed = recorded.unfinished
    if resumed is not None and not is_resumable(resumed, request):
        resumed = None
    run_id = resumed.run_id if resumed else new_run(workspace, request, datetime.now(UTC)).run_id
    known = recorded.known
    if resumed is not None:
        own = tuple(b for b in known if b.run_id == resumed.run_id and b.status is BatchStatus.REGISTERED)
        arrivals, notes = Arrivals(own, ()), _later_files(request, known)
    else:
        # What a run registered and never read, and that nobody resumes, counts as never seen.
        known = tuple(batch for batch in known if batch.status is not BatchStatus.REGISTERED)
        arrivals, notes = _arrivals(request, recorded, known, run_id)
    plan = make_plan(
        request.product,
        request.rules,
        arrivals,
        known,
        recorded.published,
        as_of=request.as_of or (resumed.as_of if resumed else None) or recorded.newest,
        resumed=resumed,
        is_full=request.is_full,
    )
    return Prepared(plan, run_id, known, recorded.published, notes)


def _recorded(workspace: Workspace, request: Request) -> _Recorded:
    if not workspace.warehouse.exists():
        return _Recorded(None, (), {}, None)
    with workspace.warehouse.read() as session:
        if not session.rows("SELECT 1 FROM information_schema.tables WHERE table_schema = 'control'"):
            return _Recorded(None, (), {}, None)
        product = request.product
        published = control.published_versions(session, product.name)
        table, column = product.as_of
        newest = None
        if table in published:
            newest = session.rows(f"SELECT max({column}) FROM {published[table].relation}")[0][0]
        return _Recorded(
            control.unfinished_run(session, product.name),
            tuple(control.known_batches(session, product.name)),
            published,
            newest,
        )


def _arrivals(
    request: Request, recorded: _Recorded, known: tuple[Batch, ...], run_id: str
) -> tuple[Arrivals, tuple[str, ...]]:
    product = request.product
    has_rows = any(batch.status is BatchStatus.LOADED for batch in known)
    if request.input is None:
        if not has_rows:
            raise InputError(
                f"{product.name}: nothing was loaded yet; name the folder of its files with --input"
                f" (it holds {', '.join(source.file_pattern for source in product.sources)})"
            )
        return Arrivals((), ()), ()
    required = () if has_rows else tuple(source.name for source in product.sources)
    deliveries = find_deliveries(request.input, product, required=required)
    arrivals = find_arrivals(product, deliveries.files, recorded.known, run_id=run_id, now=datetime.now(UTC))
    wanted = {batch.file_path for batch in arrivals.new}
    check_headers(file for file in deliveries.files if str(file.path.absolute()) in wanted)
    notes = [f"{name}: matches no source and was left alone" for name in deliveries.unrecognised]
    notes += [
        f"{batch.file_name}: is a replay of batch {batch.replay_of} and was not read" for batch in arrivals.replays
    ]
    return arrivals, tuple(notes)


def _later_files(request: Request, known: tuple[Batch, ...]) -> tuple[str, ...]:
    """Says so where files came after the run began that is gone on with: they are for the next run."""
    if request.input is None:
        return ()
    files = find_deliveries(request.input, request.product).files
    later = find_arrivals(request.product, files, known, run_id="", now=datetime.now(UTC)).new
    registered = {batch.file_path for batch in known if batch.status is BatchStatus.REGISTERED}
    names = [batch.file_name for batch in later if batch.file_path not in registered]
    if not names:
        return ()
    return (f"{', '.join(names)}: came after this run began; run again to load them",)
