"""A plan for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.commands.render import about, count, grid, say, size

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.pipeline.prepare import Prepared


def print_plan(prepared: Prepared) -> None:
    """What would be read and built, and why."""
    plan = prepared.plan
    if plan.resumed:
        say(f"goes on with run {plan.resumed.run_id}, which is {plan.resumed.status}", "yellow")
    if plan.arrivals.new:
        files = [(batch.source, batch.file_name, size(batch.byte_count)) for batch in plan.arrivals.new]
        grid(("source", "new delivery" if plan.product.table_sources else "new file", "size"), files, right=(2,))
    elif plan.product.sources:
        say("no changes in tables" if plan.product.table_sources else "no new files")
    for one in plan.inputs:
        say(f"reads {one}")
    rows = [
        (table.layer, table.name, table.action, count(table.rows), about(table.rows, table.expected_rows), table.reason)
        for table in plan.tables
    ]
    grid(("layer", "table", "action", "rows now", "rows then", "why"), rows, right=(3, 4))
    for note in prepared.notes:
        say(f"note: {note}")
    built = sum(table.is_built for table in plan.tables)
    total = sum(batch.byte_count or 0 for batch in plan.arrivals.new)
    reading = _reading(plan.product, len(plan.arrivals.new), total)
    say(
        "nothing to do" if plan.is_empty else f"to do: {reading}build {built} of {len(plan.tables)} tables",
        "bold",
    )
    where = "files to read" if plan.product.file_sources else "rows to read"
    say(f"as of: {plan.as_of or f'the newest date in the {where}'}")


def _reading(product: DataProduct, count: int, byte_count: int) -> str:
    if product.table_sources:
        return f"read what changed in {count} tables, "
    return f"read {count} files ({size(byte_count)}), " if product.sources else ""
