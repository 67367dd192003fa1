"""One layer of a run: decide for each table what is to be done, and stage it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.data_product import Step
from medallion.pipeline.build import build, read_again
from medallion.pipeline.dates import settle_dates
from medallion.pipeline.decision import Action, Decision, Standing, decide
from medallion.pipeline.fingerprint import definition_of, table_fingerprint
from medallion.pipeline.inputs import reasons_of
from medallion.pipeline.progress import Event
from medallion.pipeline.side_by_side import side_by_side
from medallion.pipeline.stage import StagedTable, staged_before

if TYPE_CHECKING:
    from medallion.pipeline.running import Running

LAYERS = (Layer.SILVER, Layer.GOLD)
_DATES = frozenset(("as_of", "cutoff"))


@dataclass(frozen=True)
class LayerTable:
    """A table of a layer: what was decided, what it is built from, and what was staged (None where it is left)."""

    step: Step
    decision: Decision
    definition: str
    inputs: dict[str, str]
    fingerprint: str
    staged: StagedTable | None = None

    @property
    def name(self) -> str:
        return self.step.table.name

    @property
    def is_update(self) -> bool:
        return self.decision.action is Action.UPDATE


def stage_layer(
    running: Running, layer: Layer, on_staged: Callable[[LayerTable], None] = lambda _: None
) -> list[LayerTable]:
    """Build or update what is not published as it should be; what an earlier attempt staged is used as it is.

    What is to be done is decided for as many tables ahead as can be: until one depends on a date that is still to be
    found among the rows of those before it. `on_staged` is told of each table as soon as its rows are there.
    """
    done: list[LayerTable] = []
    decided: list[LayerTable] = []
    for step in running.product.layer(layer):
        if takes_dates(running, step) and not running.has_dates:
            done += _staged(running, decided, on_staged)
            decided = []
            settle_dates(running)
        decided.append(_decided(running, step))
    return [*done, *_staged(running, decided, on_staged)]


def _decided(running: Running, step: Step) -> LayerTable:
    """What is to be done with a table. Fingerprints say what its inputs will be, before they are built."""
    name, version = step.table.name, running.published.get(step.table.name)
    definition = definition_of(running.product, step, running.rules, running.as_of, running.cutoff)
    inputs = _inputs(running, step)
    standing = Standing(
        version=version,
        definition=definition,
        inputs=inputs,
        grown=running.grown,
        as_of=running.as_of,
        run_id=running.run.run_id,
        reasons=reasons_of(running.product, running.inputs),
    )
    decision = decide(step, standing, running.wish)
    if decision.action is Action.SKIP:
        fingerprint = (version.fingerprint if version else None) or ""
        if version:
            running.fingerprints[name] = fingerprint
        return LayerTable(step, decision, definition, inputs, fingerprint)
    is_update = decision.action is Action.UPDATE
    if is_update and version:
        running.grown[name] = version.fingerprint or ""
    salted = {**inputs, "run": running.run.run_id} if is_update and running.wish.again else inputs
    running.fingerprints[name] = table_fingerprint(definition, salted)
    return LayerTable(step, decision, definition, inputs, running.fingerprints[name])


def _staged(
    running: Running, decided: Sequence[LayerTable], on_staged: Callable[[LayerTable], None]
) -> list[LayerTable]:
    """The tables with what is to be done carried out, one after another."""
    own = {table.name for table in decided}
    whole = [table for table in decided if table.decision.action is Action.BUILD and not _found_staged(running, table)]
    running.tables.fetch(name for table in whole for name in table.step.inputs if name not in own)
    by_name = {table.name: table for table in decided}
    needs = {name: set(running.product.published_inputs(table.step)) for name, table in by_name.items()}
    done = side_by_side(
        list(by_name), needs, lambda name: _stage_table(running, by_name[name], on_staged), at_once=running.at_once
    )
    return [done[name] for name in by_name]


def _stage_table(running: Running, table: LayerTable, on_staged: Callable[[LayerTable], None]) -> LayerTable:
    if table.decision.action is Action.SKIP:
        return table
    staged = _found_staged(running, table)
    if staged is None:
        staged = build(running, table.step, table.fingerprint, is_update=table.is_update)
    elif staged.keys and table.step.table.source:  # probes look at what the table was made of
        with running.lock:
            read_again(running, staged.keys)
    running.tables.add(staged)
    running.tell(Event(table.step.table.layer.value, table.name, "staged", staged.row_count, staged.seconds))
    done = replace(table, staged=staged)
    on_staged(done)
    return done


def _found_staged(running: Running, table: LayerTable) -> StagedTable | None:
    """What an earlier attempt of this run staged of a table; a first attempt finds nothing."""
    if running.run.attempt == 1:
        return None
    return staged_before(running.lake, running.folder, table.step, table.fingerprint, is_update=table.is_update)


def takes_dates(running: Running, step: Step) -> bool:
    """Whether the build, or one of its intermediates, depends on the as-of date."""
    steps = [step, *(one for one in running.product.intermediates if one.table.name in step.inputs)]
    return any(_DATES & set(one.parameters) for one in steps)


def _inputs(running: Running, step: Step) -> dict[str, str]:
    """The fingerprints of the published tables (and sources) that a step reads."""
    names = running.product.published_inputs(step)
    return {name: running.fingerprints[name] for name in names if name in running.fingerprints}
