"""What a run tells while it goes on, and what it reports at its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.contracts import Layer
    from medallion.pipeline.audit import CheckResult


@dataclass(frozen=True)
class Event:
    """A sign of progress: `step` is a table or file, `stage` what happens to it, `rows` how many so far."""

    layer: str
    step: str
    stage: str
    rows: int | None = None
    seconds: float | None = None


Listener = Callable[[Event], None]


@dataclass(frozen=True)
class TableReport:
    """A table's line of the closing summary.

    `action` is built, updated (the rows of affected keys), reused (done by an earlier attempt) or skipped. `rows_in` is
    None where an update read only some rows of the inputs.
    """

    name: str
    layer: str
    action: str
    reason: str
    rows_in: int | None
    rows_out: int | None
    rows_rejected: int
    rows_duplicate: int
    seconds: float
    checks_passed: int = 0
    checks_warned: int = 0


@dataclass(frozen=True)
class Report:
    """What a run did. `run_id` is None where there was nothing to do.

    `stopped_after` is the layer after which it stopped because it was asked to; the next run goes on from there.
    """

    product: str
    run_id: str | None
    is_resumed: bool
    as_of: date | None
    version: int | None
    tables: tuple[TableReport, ...]
    checks: tuple[CheckResult, ...]
    notes: tuple[str, ...]
    seconds: float
    location: str
    stopped_after: Layer | None = None
