"""Checkpoints: what the control tables are told of a run and of its tables."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from medallion import interruption
from medallion.pipeline.decision import PUBLISHED_BEFORE
from medallion.pipeline.resuming import parameters_of
from medallion.warehouse import control, lease
from medallion.warehouse.records import Checkpoint, CheckpointStatus, QualityResult, Run, RunStatus

if TYPE_CHECKING:
    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.layer import LayerTable
    from medallion.pipeline.progress import TableReport
    from medallion.pipeline.running import Request, Running, Workspace
    from medallion.warehouse.base import Session

_STATUS = {
    "built": CheckpointStatus.PUBLISHED,
    "updated": CheckpointStatus.PUBLISHED,
    "reused": CheckpointStatus.PUBLISHED,
    "skipped": CheckpointStatus.SKIPPED,
}


def new_run(workspace: Workspace, request: Request, now: datetime) -> Run:
    """A run's first row. Its id, unless the request names one, starts with the time, so that ids sort like runs."""
    return Run(
        run_id=request.run_id or f"{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}",
        product=request.product.name,
        as_of=request.as_of,
        engine=workspace.settings.engine,
        source=workspace.settings.source,
        parameters=parameters_of(request),
        started_at=now,
        host=socket.gethostname(),
        pid=os.getpid(),
    )


def resumed_run(workspace: Workspace, request: Request, run: Run) -> Run:
    """The row of an interrupted or failed run for its next attempt: same id, same as_of, same source."""
    return replace(
        run,
        status=RunStatus.RUNNING,
        engine=workspace.settings.engine,
        parameters=parameters_of(request),
        attempt=run.attempt + 1,
        error=None,
        failure=None,
        finished_at=None,
        host=socket.gethostname(),
        pid=os.getpid(),
    )


def checkpoints_of(
    running: Running, tables: Sequence[LayerTable], reports: Sequence[TableReport], now: datetime
) -> list[Checkpoint]:
    """One checkpoint for each table of a published layer; those of an earlier attempt's publish stay as they are."""
    fingerprints = {one.name: one.staged.fingerprint for one in tables if one.staged}
    before = {one.name for one in tables if one.decision.reason == PUBLISHED_BEFORE}
    return [
        Checkpoint(
            run_id=running.run.run_id,
            product=running.product.name,
            table_name=report.name,
            layer=report.layer,
            status=_STATUS[report.action],
            fingerprint=fingerprints.get(report.name) or running.fingerprints.get(report.name),
            attempt=running.run.attempt,
            rows_in=report.rows_in,
            rows_out=report.rows_out,
            rows_rejected=report.rows_rejected,
            rows_duplicate=report.rows_duplicate,
            seconds=round(report.seconds, 3),
            started_at=running.run.started_at,
            finished_at=now,
        )
        for report in reports
        if report.name not in before
    ]


def quality_of(running: Running, checks: Sequence[CheckResult], now: datetime) -> list[QualityResult]:
    """The results of checks as rows of `control.quality`."""
    return [
        QualityResult(
            run_id=running.run.run_id,
            product=running.product.name,
            table_name=check.table,
            check_name=check.name,
            severity=check.severity.value,
            passed=check.passed,
            failed_count=check.failed_count,
            detail=check.detail[:4000],
            description=check.description,
            checked_at=now,
        )
        for check in checks
    ]


def record_failure(running: Running, error: BaseException) -> None:
    """Note that the run failed, where and why; it stays the one to resume.

    Raises BusyError where another process took the run over: what became of it is that one's to say.
    """
    if interruption.is_asked():
        error = KeyboardInterrupt()  # whatever it became in the library that was interrupted
    now = datetime.now(UTC)
    message = (str(error) or type(error).__name__)[:4000]

    def note(session: Session) -> None:  # the tables in the order in which a publish writes them
        lease.confirm(session, running.lease)
        if running.failed is not None:
            step, began = running.failed
            control.record_checkpoints(
                session,
                [
                    Checkpoint(
                        run_id=running.run.run_id,
                        product=running.product.name,
                        table_name=step.table.name,
                        layer=step.table.layer.value,
                        status=CheckpointStatus.FAILED,
                        fingerprint=running.fingerprints.get(step.table.name),
                        attempt=running.run.attempt,
                        error=message,
                        started_at=began,
                        finished_at=now,
                    )
                ],
            )
        control.record_quality(session, quality_of(running, running.checks_to_note, now))
        control.fail_run(session, running.run.run_id, message, now, type(error).__name__)

    running.warehouse.transact(note)
