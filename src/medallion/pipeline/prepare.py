"""What a run starts from: what is known and published, what was delivered since, and the plan that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.errors import AuditError, InputError, UsageError
from medallion.ingest.delivered_files import check_headers, find_deliveries
from medallion.pipeline.checkpoint import new_run
from medallion.pipeline.deliveries import Arrivals, find_arrivals, renewed, replaced_by
from medallion.pipeline.earlier import earlier_versions, kept_versions_of
from medallion.pipeline.inputs import check_inputs, published_inputs
from medallion.pipeline.plan import Plan, make_plan
from medallion.pipeline.pulls import find_pulls
from medallion.pipeline.resuming import as_begun, failed_on_its_own, is_resumable, note_on_left
from medallion.pipeline.wishes import wish_of
from medallion.warehouse import control
from medallion.warehouse.contract_shape import removed_marts
from medallion.warehouse.records import BatchStatus

if TYPE_CHECKING:
    from medallion.pipeline.decision import Wish
    from medallion.pipeline.running import Request, Workspace
    from medallion.warehouse.base import Session
    from medallion.warehouse.records import Batch, Run, Version


@dataclass(frozen=True)
class _Recorded:
    """What the control tables say; the request with the options of the run that goes on.

    `left` is a run that failed on tables or a day of its own, and does not go on with this request.
    """

    request: Request
    wish: Wish
    unfinished: Run | None = None
    left: Run | None = None
    known: tuple[Batch, ...] = ()
    published: Mapping[str, Version] = field(default_factory=dict)
    newest: date | None = None
    inputs: Mapping[str, Version] = field(default_factory=dict)
    earlier: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """The plan, and what it was made from. `run_id` is that of the run which would carry it out.

    `request` is what that run is asked for: of one that goes on, what it was begun with.
    """

    plan: Plan
    request: Request
    run_id: str
    known: tuple[Batch, ...]
    published: Mapping[str, Version]
    notes: tuple[str, ...]
    recorded: _Recorded

    @property
    def version(self) -> int | None:
        """The version of the marts that readers see; None where none was published."""
        numbers = (row.version for row in self.published.values() if row.layer == Layer.GOLD.value)
        return max(numbers, default=None)


def prepare(workspace: Workspace, request: Request) -> Prepared:
    """Look at the control tables and the input folder; changes nothing. Raises InputError about what is delivered."""
    if not workspace.warehouse.exists():
        return _prepared(workspace, _Recorded(wish=wish_of(request, None), request=request))
    with workspace.warehouse.read() as session:
        recorded = _recorded(session, request)
    return _prepared(workspace, recorded)


def prepare_again(workspace: Workspace, request: Request, session: Session, before: Prepared) -> Prepared:
    """The same within a session; what was prepared before where nobody has written to the control tables since."""
    recorded = _recorded(session, request)
    return before if recorded == before.recorded else _prepared(workspace, recorded)


def _prepared(workspace: Workspace, recorded: _Recorded) -> Prepared:
    resumed, request = recorded.unfinished, recorded.request
    check_inputs(request.product, recorded.inputs)
    run_id = resumed.run_id if resumed else new_run(workspace, request, datetime.now(UTC)).run_id
    arrivals, notes = _arrivals(workspace, request, recorded, run_id)
    if recorded.left:
        notes = (note_on_left(recorded.left), *notes)
    # What a run registered and never read, and that nobody resumes, counts as never seen.
    own = run_id if resumed else None
    known = tuple(b for b in recorded.known if b.status is not BatchStatus.REGISTERED or b.run_id == own)
    published, as_of = recorded.published, request.as_of or (resumed.as_of if resumed else None)
    plan = make_plan(
        request,
        arrivals,
        known,
        published,
        wish=recorded.wish,
        newest=recorded.newest,
        as_of=as_of,
        resumed=resumed,
        inputs={**recorded.inputs, **earlier_versions(recorded.earlier, as_of or recorded.newest)},
    )
    if recorded.wish.takes_removed_away:
        gone = removed_marts(request.product, published)
        notes = (*notes, *(f"{request.product.name}.{name}: is taken away with this run" for name in gone))
    return Prepared(plan, request, run_id, known, published, notes, recorded)


def _recorded(session: Session, request: Request) -> _Recorded:
    """What the control tables know, with the request as the run that goes on was begun with."""
    if not session.rows("SELECT 1 FROM information_schema.tables WHERE table_schema = 'control'"):
        return _Recorded(wish=wish_of(request, None), request=request)
    product = request.product
    if request.run_id and control.run(session, request.run_id):
        request = replace(request, run_id=None)  # whoever gave it starts a second run by that name
    unfinished, left = control.unfinished_run(session, product.name), None
    if unfinished is not None and is_resumable(unfinished, request):
        request = as_begun(unfinished, request)
    else:
        left = unfinished if unfinished and failed_on_its_own(unfinished) else None
        unfinished = None
    published = control.published_versions(session, product.name)
    table, column = product.as_of
    newest = None
    if table in published:
        newest = session.rows(f"SELECT max({column}) FROM {published[table].relation}")[0][0]
    known = tuple(control.known_batches(session, product.name))
    wish = wish_of(request, session, is_resumed=unfinished is not None)
    inputs, earlier = published_inputs(session, product), kept_versions_of(session, product)
    return _Recorded(request, wish, unfinished, left, known, published, newest, inputs, earlier)


def _arrivals(
    workspace: Workspace, request: Request, recorded: _Recorded, run_id: str
) -> tuple[Arrivals, tuple[str, ...]]:
    """The deliveries that the run is to read, and notes about others."""
    resumed, known, product = recorded.unfinished, recorded.known, request.product
    own = [b for b in known if resumed and b.run_id == run_id and b.status is BatchStatus.REGISTERED]
    has_rows = any(batch.status is BatchStatus.LOADED for batch in known)
    if request.input is None and product.file_sources and not has_rows and not own:
        raise InputError(
            f"{product.name}: nothing was loaded yet; name the folder of its files with --input"
            f" (it holds {', '.join(source.file_pattern for source in product.file_sources)})"
        )
    if request.input is not None and not product.file_sources:
        raise UsageError(f"--input: {product.name} reads no files; run it without")
    found, notes = Arrivals(), []
    if request.input is not None:
        required = () if has_rows or own else tuple(source.name for source in product.file_sources)
        deliveries = find_deliveries(request.input, product, required=required)
        others = [batch for batch in known if batch not in own]
        files = deliveries.files
        own, files = renewed(own, files, is_failed=_takes_more(resumed))
        by_name = workspace.settings.delivery_order == "file_name"
        numbered = [*others, *own]
        found = find_arrivals(product, files, numbered, run_id=run_id, now=datetime.now(UTC), by_name=by_name)
        notes += [f"{name}: matches no source and was left alone" for name in deliveries.unrecognised]
    is_plain = request.select is None and not recorded.wish.again
    takes_new = is_plain and (resumed is None or _takes_more(resumed))
    if takes_new:  # else tables wait, and need not even be there
        numbered, now = [*known, *found.new, *found.replays], datetime.now(UTC)
        pulls = find_pulls(workspace, request, numbered, run_id=run_id, now=now, is_failed=_takes_more(resumed))
        anew = {batch.batch_id: batch for batch in pulls}
        own = [anew.pop(batch.batch_id, batch) for batch in own]
        found = replace(found, new=(*found.new, *anew.values()))
    if found.new and not takes_new:
        later = ", ".join(batch.file_name for batch in found.new)
        why = "came after this run began; run again" if resumed else "new here; run without this option"
        found, notes = Arrivals(), [*notes, f"{later}: {why} to load them"]
    wanted = {batch.file_path for batch in found.new}
    if request.input is not None:
        check_headers(file for file in files if file.location in wanted)
    new = (*own, *found.new)
    notes += [f"{b.file_name}: is a replay of batch {b.replay_of} and was not read" for b in found.replays]
    replaced = replaced_by(new, known)
    return Arrivals(new, found.replays, replaced), (*notes, *_out_of_order(new, known, replaced))


def _takes_more(resumed: Run | None) -> bool:
    """Whether a run that goes on takes in what came since: one that failed on its data does, it may be the remedy."""
    return bool(resumed and resumed.failure in (InputError.__name__, AuditError.__name__))


def _out_of_order(new: Sequence[Batch], known: Sequence[Batch], replaced: Sequence[Batch]) -> list[str]:
    """Says where a new file counts before one that was loaded earlier, and which of these became its replays."""
    notes = [f"{b.file_name}: is from now on a replay of batch {b.replay_of}, which sorts before it" for b in replaced]
    gone = {batch.batch_id for batch in replaced}
    loaded = [batch for batch in known if batch.status is BatchStatus.LOADED and batch.batch_id not in gone]
    for batch in new:
        later = [one for one in loaded if one.source == batch.source and one.batch_id > batch.batch_id]
        if later:
            notes.append(
                f"{batch.file_name}: sorts before {later[-1].file_name}, which was loaded earlier and counts where both"
                " have a row (setting delivery_order)"
            )
    return notes
