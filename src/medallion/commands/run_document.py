"""Reports and plans as documents for `--json`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import PurePath

    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.prepare import Prepared
    from medallion.pipeline.progress import Report


def report_document(report: Report) -> dict[str, Any]:
    """A run's report; `status` is succeeded, stopped (after a layer, as it was asked to) or nothing_to_do."""
    return {
        "product": report.product,
        "status": ("stopped" if report.stopped_after else "succeeded") if report.run_id else "nothing_to_do",
        "stopped_after": report.stopped_after,
        "run_id": report.run_id,
        "is_resumed": report.is_resumed,
        "as_of": report.as_of,
        "version": report.version,
        "warehouse": report.location,
        "seconds": round(report.seconds, 3),
        "tables": [asdict(table) for table in report.tables],
        "checks": {
            "passed": sum(check.passed for check in report.checks),
            "warned": sum(not check.passed for check in report.checks),
        },
        "warnings": [_warning(check) for check in report.checks if not check.passed],
        "notes": list(report.notes),
    }


def plan_document(prepared: Prepared) -> dict[str, Any]:
    """A plan; `action` of a table is build, update or skip, `rows` is how many it has now."""
    plan = prepared.plan
    return {
        "product": plan.product.name,
        "is_empty": plan.is_empty,
        "resumes": plan.resumed.run_id if plan.resumed else None,
        "as_of": plan.as_of,
        "files": [_file(batch.source, batch.file_path, batch.byte_count) for batch in plan.arrivals.new],
        "replays": [_file(batch.source, batch.file_path, batch.byte_count) for batch in plan.arrivals.replays],
        "tables": [
            {
                "name": table.name,
                "layer": table.layer,
                "action": table.action,
                "reason": table.reason,
                "rows": table.rows,
                "expected_rows": table.expected_rows,
            }
            for table in plan.tables
        ],
        "notes": list(prepared.notes),
        **({"inputs": list(plan.inputs)} if plan.product.inputs else {}),
    }


def _warning(check: CheckResult) -> dict[str, Any]:
    return {
        "table": check.table,
        "check": check.name,
        "description": check.description,
        "failed_count": check.failed_count,
        "detail": check.detail,
    }


def _file(source: str, path: str | PurePath | None, size: int | None) -> dict[str, Any]:
    return {"source": source, "path": str(path), "bytes": size}
