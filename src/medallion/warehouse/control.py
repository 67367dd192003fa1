"""The record of runs: what the pipeline notes in the `control` schema, and asks it, each time in a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.warehouse.records import (
    Batch,
    Checkpoint,
    QualityResult,
    RejectedRow,
    Run,
    RunStatus,
    Version,
    delete_records,
    insert_records,
    replace_records,
    select_records,
    to_parameter,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from medallion.warehouse.base import Session

_RELATIONS = "SELECT table_schema, table_name FROM information_schema.tables"
_UNFINISHED = (RunStatus.RUNNING.value, RunStatus.FAILED.value)


def start_run(session: Session, run: Run) -> None:
    """Record a run as given, a resumed one in place of its row; other unfinished runs of the product give way."""
    session.execute(
        "UPDATE control.run SET status = ? WHERE product = ? AND run_id <> ? AND status IN (?, ?)",
        (RunStatus.ABANDONED.value, run.product, run.run_id, *_UNFINISHED),
    )
    replace_records(session, [run])


def finish_run(session: Session, run_id: str, finished_at: datetime) -> None:
    """Record that a run succeeded."""
    _end_run(session, run_id, RunStatus.SUCCEEDED, finished_at, None)


def fail_run(session: Session, run_id: str, error: str, finished_at: datetime, failure: str | None = None) -> None:
    """Record that a run failed, why, and with which kind of error; it stays the one to resume."""
    _end_run(session, run_id, RunStatus.FAILED, finished_at, error, failure)


def abandon_run(session: Session, run_id: str, finished_at: datetime) -> None:
    """Record that a run will not be resumed; why it failed stays on record."""
    session.execute(
        "UPDATE control.run SET status = ?, finished_at = ? WHERE run_id = ?",
        (RunStatus.ABANDONED.value, to_parameter(finished_at), run_id),
    )


def unfinished_run(session: Session, product: str) -> Run | None:
    """The run to resume: interrupted (`running`, though nobody runs it) or failed. There is at most one."""
    where = "product = ? AND status IN (?, ?) ORDER BY coalesce(number, 0) DESC, started_at DESC LIMIT 1"
    return next(iter(select_records(session, Run, where, (product, *_UNFINISHED))), None)


def run(session: Session, run_id: str) -> Run | None:
    """The run with this id."""
    return next(iter(select_records(session, Run, "run_id = ?", (run_id,))), None)


def runs(session: Session, product: str, limit: int = 20) -> list[Run]:
    """The newest runs first."""
    where = f"product = ? ORDER BY coalesce(number, 0) DESC, started_at DESC, run_id DESC LIMIT {int(limit)}"
    return select_records(session, Run, where, (product,))


def rejected_count(session: Session, run_id: str) -> int:
    """How many rows of the deliveries that a run read were rejected, by the gate or by a table's own rules."""
    total = "coalesce(sum(rejected_count), 0) + coalesce(sum(refused_count), 0)"
    return int(session.rows(f"SELECT {total} FROM control.batch WHERE run_id = ?", (run_id,))[0][0])


def record_checkpoints(session: Session, checkpoints: Sequence[Checkpoint]) -> None:
    """Note how far tables got, in place of what the run noted for them before."""
    replace_records(session, checkpoints)


def next_run_number(session: Session, product: str) -> int:
    """The number for the product's next run."""
    newest = session.rows("SELECT max(number) FROM control.run WHERE product = ?", (product,))
    return (newest[0][0] or 0) + 1


def checkpoints(session: Session, run_id: str) -> list[Checkpoint]:
    """The checkpoints of a run, in the order the tables began."""
    return select_records(session, Checkpoint, "run_id = ? ORDER BY started_at, table_name", (run_id,))


def record_batches(session: Session, batches: Sequence[Batch]) -> None:
    """Register delivered files, or bring their rows up to date."""
    replace_records(session, batches)


def known_batches(session: Session, product: str) -> list[Batch]:
    """All files the product was ever delivered, oldest delivery first."""
    where = "product = ? ORDER BY batch_id, source, file_name"
    return select_records(session, Batch, where, (product,))


def record_quality(session: Session, results: Sequence[QualityResult]) -> None:
    """Note the results of checks of a run, in place of what it noted for the same checks before."""
    if not results:
        return
    # Hundreds of checks are named in a condition only where they are there, which is after a failed attempt.
    noted = {(one.table_name, one.check_name) for one in quality(session, results[0].run_id)}
    delete_records(session, [one for one in results if (one.table_name, one.check_name) in noted])
    insert_records(session, results)


def quality(session: Session, run_id: str) -> list[QualityResult]:
    """The results of a run's checks."""
    return select_records(session, QualityResult, "run_id = ? ORDER BY table_name, check_name", (run_id,))


def versions(session: Session, product: str, layer: Layer = Layer.GOLD) -> list[Version]:
    """All that `control.version` holds of a layer, newest first."""
    where = "product = ? AND layer = ? ORDER BY version DESC, table_name"
    return select_records(session, Version, where, (product, layer.value))


def kept_relations(session: Session, product: str) -> list[str]:
    """The tables behind the marts in all versions that are kept; not those on record but no longer there."""
    there = {f"{schema}.{name}" for schema, name in session.rows(_RELATIONS)}
    return sorted({one.relation for one in versions(session, product)} & there)


def published_versions(session: Session, product: str) -> dict[str, Version]:
    """What is published of each table, by its name, silver and gold; not what is on record but no longer there."""
    there = relations(session)
    return {name: one for name, one in newest_versions(session, product).items() if one.relation in there}


def relations(session: Session) -> set[str]:
    """All tables and views that are there, as `schema.name`."""
    return {f"{schema}.{name}" for schema, name in session.rows(_RELATIONS)}


def newest_versions(session: Session, product: str) -> dict[str, Version]:
    """What is on record as published last of each table, by its name; not a mart that has ended."""
    found = select_records(session, Version, "product = ? ORDER BY version", (product,))
    newest = {(one.layer, one.table_name): one for one in found}
    return {one.table_name: one for one in newest.values() if not one.is_end}


def is_published(session: Session, run_id: str, layer: Layer, published_at: datetime) -> bool:
    """Whether a run's publish of a layer at that time holds; waits for a transaction that still writes versions.

    To be called first of all in a session that may change data. A publish of no tables is never found.
    """
    session.lock("control.version")
    found = session.rows(
        "SELECT 1 FROM control.version WHERE run_id = ? AND layer = ? AND published_at = ?",
        (run_id, layer.value, to_parameter(published_at)),
    )
    return bool(found)


def next_version(session: Session, product: str, layer: Layer) -> int:
    """The number for the next publish of a layer."""
    newest = session.rows(
        "SELECT max(version) FROM control.version WHERE product = ? AND layer = ?", (product, layer.value)
    )
    return (newest[0][0] or 0) + 1


def rejected_rows(session: Session, product: str, table_name: str, limit: int = 100) -> list[RejectedRow]:
    """Rows of a table in quarantine, by file and row number."""
    where = f"product = ? AND table_name = ? ORDER BY batch_id, source_file, row_number LIMIT {int(limit)}"
    return select_records(session, RejectedRow, where, (product, table_name))


def _end_run(
    session: Session,
    run_id: str,
    status: RunStatus,
    finished_at: datetime,
    error: str | None,
    failure: str | None = None,
) -> None:
    session.execute(
        "UPDATE control.run SET status = ?, finished_at = ?, error = ?, failure = ? WHERE run_id = ?",
        (status.value, to_parameter(finished_at), error, failure, run_id),
    )
