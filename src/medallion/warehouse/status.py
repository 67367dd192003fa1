"""What the control tables say of runs, tables and deliveries, and what an unknown word there is taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from medallion.errors import StorageError


class RunStatus(StrEnum):
    """`running` and `failed` runs can be resumed; an `abandoned` one gave way to a newer run."""

    RUNNING = "running"
    FAILED = "failed"
    SUCCEEDED = "succeeded"
    ABANDONED = "abandoned"


class CheckpointStatus(StrEnum):
    """How far a table got in a run; `skipped` means that what is published is up to date."""

    STAGED = "staged"
    PUBLISHED = "published"
    SKIPPED = "skipped"
    FAILED = "failed"


class BatchStatus(StrEnum):
    """`registered`: seen, not read yet; `replay`: its content came before; `missing`: gone before it was read."""

    REGISTERED = "registered"
    LOADED = "loaded"
    REPLAY = "replay"
    MISSING = "missing"


# Nothing is resumed or left out because of these rows, so an unknown word does no harm; of a delivery it would.
_OTHERWISE: Mapping[type[StrEnum], StrEnum] = {
    RunStatus: RunStatus.ABANDONED,
    CheckpointStatus: CheckpointStatus.FAILED,
}


def status_of(kind: type[StrEnum], relation: str, row: Mapping[str, object], grain: Sequence[str]) -> StrEnum:
    """The status of a row: an unknown one ends a run and fails a table. Raises StorageError for that of a delivery."""
    word = str(row["status"])
    if word in list(kind):
        return kind(word)
    if kind in _OTHERWISE:
        return _OTHERWISE[kind]
    which = ", ".join(f"{name} {row[name]}" for name in grain)
    raise StorageError(
        f"{relation}: status {word!r} of {which} is none of {', '.join(kind)}; set it to what is true of the file, or"
        " load all files into a new --home"
    )
