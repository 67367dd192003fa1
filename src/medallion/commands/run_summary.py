"""The closing summary of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.commands.render import count, grid, say
from medallion.pipeline.audit import KEYS

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.progress import Report, TableReport

_HEADS = ("layer", "table", "action", "rows in", "rows out", "rejected", "duplicates", "seconds", "checks")


def print_summary(report: Report, product: DataProduct) -> None:
    """Tables with rows, seconds and checks; warnings and notes; where the result is, and what to do next."""
    grid(_HEADS, [_row(table) for table in report.tables], right=range(3, len(_HEADS)))
    warnings = [check for check in report.checks if not check.passed]
    passed = len(report.checks) - len(warnings)
    say(f"{passed:,} checks passed, {len(warnings):,} warned", "yellow" if warnings else "green")
    for check in warnings:
        say(f"warning: {check.table}: {_finding(check)}", "yellow")
    for note in report.notes:
        say(f"note: {note}")
    resumed = ", gone on with after an interruption" if report.is_resumed else ""
    say(f"run {report.run_id}{resumed}: {report.seconds:.1f} s")
    if report.stopped_after:
        say(f"stopped after {report.stopped_after}, as asked; nothing more is published yet", "bold")
        say(f"next: medallion run {product.name}")
        return
    version = "" if report.version is None else f"version {report.version} "
    say(f"published: {version}as of {report.as_of} in {report.location}", "bold")
    say(f"next: {next_step(product)}")


def next_step(product: DataProduct) -> str:
    """The command that shows the product's first mart."""
    return f"medallion show {product.first_mart.name}"


def _finding(check: CheckResult) -> str:
    """A row check's rule with the keys that break it; a probe says its finding in its own words."""
    if not check.detail or check.detail.startswith(KEYS):
        return f"{check.description}: not so for {check.failed_count:,} ({check.detail})"
    return check.detail


def _row(table: TableReport) -> tuple[str, ...]:
    warned = f", {table.checks_warned} warned" if table.checks_warned else ""
    return (
        table.layer,
        table.name,
        table.action,
        count(table.rows_in),
        count(table.rows_out),
        count(table.rows_rejected),
        count(table.rows_duplicate),
        f"{table.seconds:.2f}",
        f"{table.checks_passed} passed{warned}",
    )
