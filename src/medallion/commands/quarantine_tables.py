"""Quarantine on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from medallion.commands.render import count, grid, say

if TYPE_CHECKING:
    from pathlib import Path

    from medallion.commands.correction_file import Correction
    from medallion.commands.quarantined import Group, Quarantined
    from medallion.data_product import DataProduct

_WIDEST_RECORD = 72
_LIST_HEADS = ("table", "reason", "rows", "replaced", "files", "newest file", "what to do")
_SHOW_HEADS = ("table", "file", "record", "reasons", "what was delivered")


def list_document(product: DataProduct, rows: Sequence[Quarantined], groups: Sequence[Group]) -> dict[str, Any]:
    """The groups for `--json`; `superseded` are rows of which a later delivery was accepted."""
    return {
        "product": product.name,
        "rows": len(rows),
        "superseded": sum(one.is_superseded for one in rows),
        "groups": [
            {
                "table": group.table,
                "reason": group.reason,
                "rows": group.rows,
                "superseded": group.superseded,
                "files": group.files,
                "newest_file": group.newest_file,
                "newest_at": group.newest_at,
                "remedy": group.remedy,
            }
            for group in groups
        ],
    }


def print_list(product: DataProduct, rows: Sequence[Quarantined], groups: Sequence[Group]) -> None:
    """The groups, what to do about each, and what the counts mean."""
    if not rows:
        say(f"{product.name}: quarantine is empty")
        return
    cells = [
        (
            one.table,
            one.reason,
            count(one.rows),
            count(one.superseded),
            count(one.files),
            one.newest_file,
            one.remedy,
        )
        for one in groups
    ]
    grid(_LIST_HEADS, cells, right=(2, 3, 4))
    replaced = sum(one.is_superseded for one in rows)
    say(f"{product.name}: {len(rows):,} rows in quarantine; a row with several reasons counts under each", "bold")
    if replaced:
        say(
            f"replaced: of {replaced:,} of them a later delivery was accepted; they stay here because every record of a"
            " file is accounted for"
        )
    say(f"see rows: medallion quarantine show {product.name}")


def row_document(one: Quarantined) -> dict[str, Any]:
    """A row for `--json`, with all of its text; `record` is None where its columns are not known."""
    row = one.row
    return {
        "table": row.table_name,
        "file": row.source_file,
        "row_number": row.row_number,
        "batch_id": row.batch_id,
        "key": row.row_key,
        "reasons": list(one.reasons),
        "is_superseded": one.is_superseded,
        "record": one.record or None,
        "raw_text": row.raw_text,
        "run_id": row.run_id,
        "rejected_at": row.rejected_at,
    }


def print_rows(product: DataProduct, rows: Sequence[Quarantined], total: int) -> None:
    """Rows with their places and reasons; of what was delivered, first what the reasons are about."""
    cells = [
        (
            one.row.table_name,
            one.row.source_file,
            str(one.row.row_number),
            ", ".join(one.reasons) + (" (replaced)" if one.is_superseded else ""),
            delivered(product, one),
        )
        for one in rows
    ]
    if cells:
        grid(_SHOW_HEADS, cells, right=(2,))
    more = "; --limit shows more, --json all of the text" if len(rows) < total else "; --json shows all of the text"
    say(f"{product.name}: {len(rows):,} of {total:,} rows{more if total else ''}")


def export_document(product: DataProduct, correction: Correction, target: Path, reasons: Path) -> dict[str, Any]:
    """An export for `--json`: the two files, and how many rows of which kind are in the first."""
    return {
        "product": product.name,
        "table": correction.step.table.name,
        "file": str(target),
        "reasons_file": str(reasons),
        "rows": len(correction.rows),
        "kept_out": correction.kept_out,
        "withheld": correction.withheld,
        "siblings": len(correction.siblings),
    }


def delivered(product: DataProduct, one: Quarantined) -> str:
    """What was delivered in one line: what its reasons name, the row's keys, then the rest as far as there is room."""
    if not one.record:
        return _cut(one.row.raw_text or "")
    grain = product.step(one.row.table_name).table.grain
    named = [name for name in one.record if any(reason.endswith(name) for reason in one.reasons)]
    names = dict.fromkeys([*named, *(name for name in grain if name in one.record), *one.record])
    return _cut(", ".join(f"{name}={one.record[name]}" for name in names))


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST_RECORD else line[: _WIDEST_RECORD - 1] + "…"
