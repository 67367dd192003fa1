"""A plan for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.commands.render import about, count, grid, say, size

if TYPE_CHECKING:
    from medallion.pipeline.prepare import Prepared


def print_plan(prepared: Prepared) -> None:
    """What would be read and built, and why."""
    plan = prepared.plan
    if plan.resumed:
        say(f"goes on with run {plan.resumed.run_id}, which is {plan.resumed.status}", "yellow")
    if plan.arrivals.new:
        files = [(batch.source, batch.file_name, size(batch.byte_count)) for batch in plan.arrivals.new]
        grid(("source", "new file", "size"), files, right=(2,))
    else:
        say("no new files")
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
    say(
        "nothing to do"
        if plan.is_empty
        else f"to do: read {len(plan.arrivals.new)} files ({size(total)}), build {built} of {len(plan.tables)} tables",
        "bold",
    )
    say(f"as of: {plan.as_of or 'the newest date in the files to read'}")
