"""Checkpoints: what the control tables are told of a run, and where a run that did not end goes on."""

from __future__ import annotations

import json
import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from medallion.pipeline.decision import PUBLISHED_BEFORE
from medallion.warehouse import control, lease
from medallion.warehouse.quarantine import Chosen
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
        parameters=_parameters(request),
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
        parameters=_parameters(request),
        attempt=run.attempt + 1,
        error=None,
        failure=None,
        finished_at=None,
        host=socket.gethostname(),
        pid=os.getpid(),
    )


def is_resumable(run: Run, request: Request) -> bool:
    """Whether the request is for what the run was about: it asks for nothing else, or for the same."""
    begun, asked = _parameters_of(run), _options(request)
    if request.as_of not in (None, run.as_of):
        return False
    plain = _options(replace(request, is_full=False, select=None, backfill=None, replay=None))
    return asked == plain or asked == {name: begun.get(name) for name in asked}


def as_begun(run: Run, request: Request) -> Request:
    """The request with the options that the run was begun with; as it is where these are damaged.

    Rules stay as they are now: they may be the remedy.
    """
    begun = _parameters_of(run)
    select, span, replay = begun.get("select"), begun.get("backfill"), begun.get("replay")
    try:
        return replace(
            request,
            is_full=bool(begun.get("full_refresh")),
            select=tuple(map(str, select)) if select is not None else None,
            backfill=(date.fromisoformat(span[0]), date.fromisoformat(span[1])) if span else None,
            replay=Chosen(**replay) if replay else None,
        )
    except (ValueError, TypeError, LookupError):
        return request


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


def _parameters(request: Request) -> str:
    return json.dumps(
        {
            "as_of": request.as_of.isoformat() if request.as_of else None,
            "input": str(request.input) if request.input else None,
            **_options(request),
            "rules": request.rules.model_dump(mode="json"),
        }
    )


def _options(request: Request) -> dict[str, Any]:
    """The options that make a run another one, as they are put on record."""
    return {
        "full_refresh": request.is_full,
        "select": list(request.select) if request.select is not None else None,
        "backfill": [day.isoformat() for day in request.backfill] if request.backfill else None,
        "replay": asdict(request.replay) if request.replay else None,
    }


def _parameters_of(run: Run) -> dict[str, Any]:
    """The parameters on record; none where the record is damaged, which makes it a plain run."""
    try:
        found = json.loads(run.parameters or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
