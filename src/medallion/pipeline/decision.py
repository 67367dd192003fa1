"""What is to be done with a table, and why: decided alike when a run is planned and while it goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from medallion.contracts import BRONZE_PREFIX

if TYPE_CHECKING:
    import pyarrow as pa

    from medallion.data_product import Step
    from medallion.warehouse.records import Version


PUBLISHED_BEFORE = "published by an earlier attempt of this run"


class Action(StrEnum):
    """Build the whole table, update the rows of the keys that new data touches, or leave it as it is."""

    BUILD = "build"
    UPDATE = "update"
    SKIP = "skip"


@dataclass(frozen=True)
class Decision:
    """What is done with a table, and why."""

    action: Action
    reason: str


@dataclass(frozen=True)
class Wish:
    """What the request asks for beyond what changed: everything anew, chosen tables, or the rows of some keys again.

    `selected` are the tables of `--select` (None: no selection). `again` says why rows are read again though nothing
    changed (a backfill, a replay), and `ignores_definition` that a table's changed definition is no reason against it.
    """

    is_full: bool = False
    selected: frozenset[str] | None = None
    again: str = ""
    ignores_definition: bool = False
    tables: frozenset[str] = frozenset()
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def takes_removed_away(self) -> bool:
        """Whether marts that the product has no more are to go: everything is built anew, not some tables alone."""
        return self.is_full and self.selected is None

    def again_values(self, column: str) -> list[pa.ChunkedArray]:
        """The values of a key whose rows are to be read again."""
        import pyarrow as pa

        return [pa.chunked_array([pa.array(self.values[column], pa.string())])] if self.values.get(column) else []

    def recorded_definition(self, definition: str, decision: Decision, version: Version | None) -> str:
        """What is put on record as the definition of a table: where rows of two are mixed, none that a run asks for."""
        is_mixed = self.ignores_definition and decision.action is Action.UPDATE
        return definition if not is_mixed or not version or version.definition == definition else _mixed(definition)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a table stands: as published, as it is defined now, and what its inputs are and were.

    `inputs` are the fingerprints of its inputs as this run finds or makes them. `grown` are the inputs that only have
    rows of some keys changed, with the fingerprint they had before. `reasons` say of some
    inputs what it means that they changed.
    """

    version: Version | None
    definition: str
    inputs: Mapping[str, str]
    grown: Mapping[str, str]
    as_of: date | None
    run_id: str | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


def decide(step: Step, standing: Standing, wish: Wish) -> Decision:
    """The action for one table."""
    version, name = standing.version, step.table.name
    if wish.selected is not None and name not in wish.selected:
        return Decision(Action.SKIP, "not selected")
    if version is None:
        return Decision(Action.BUILD, "was never published")
    recorded = _recorded_inputs(version)
    is_as_asked = is_defined_as(version, standing.definition)
    if version.run_id == standing.run_id and is_as_asked and recorded == standing.inputs:
        return Decision(Action.SKIP, PUBLISHED_BEFORE)
    if wish.is_full:
        return Decision(Action.BUILD, "--full-refresh asks for it")
    if wish.selected is not None:
        return Decision(Action.BUILD, "selected")
    changed = [one for one, fingerprint in standing.inputs.items() if recorded.get(one) != fingerprint]
    may_grow = bool(step.key) and all(
        one in standing.grown and standing.grown[one] == recorded.get(one) for one in changed
    )
    if version.definition != standing.definition and not (wish.ignores_definition and may_grow and wish.again):
        return Decision(Action.BUILD, _what_changed(step, version, standing.as_of))
    if name in wish.tables and (may_grow or not step.key):
        return Decision(Action.UPDATE if step.key else Action.BUILD, wish.again)
    if not changed:
        return Decision(Action.SKIP, "up to date")
    return Decision(Action.UPDATE if may_grow else Action.BUILD, _why(changed, standing))


def is_defined_as(version: Version, definition: str) -> bool:
    """Whether a published table follows this definition, all of its rows or those that were read again."""
    return version.definition in (definition, _mixed(definition))


def _recorded_inputs(version: Version) -> Mapping[str, object]:
    """The fingerprints that the inputs had; none where the record is damaged, so that each counts as changed."""
    try:
        found = json.loads(version.inputs or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _mixed(definition: str) -> str:
    """On record for a table of which some rows follow this definition, and others an earlier one."""
    return f"mixed {definition}"


def _what_changed(step: Step, version: Version, as_of: date | None) -> str:
    if "as_of" in step.parameters and version.as_of != as_of:
        return f"as_of goes from {version.as_of} to {as_of or 'the newest date'}"
    return "its code, contract or rules changed"


def _why(changed: Sequence[str], standing: Standing) -> str:
    first = changed[0]
    if first in standing.reasons:
        return standing.reasons[first]
    if first.startswith(BRONZE_PREFIX):
        return f"new files of {first.removeprefix(BRONZE_PREFIX)}"
    return f"its input {first} {'has changed rows' if first in standing.grown else 'is built anew'}"
