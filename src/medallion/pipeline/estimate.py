"""How many rows a table will have, before anything is read: from the files' sizes and what earlier ones held."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from medallion.warehouse.records import BatchStatus

if TYPE_CHECKING:
    from medallion.data_product import DataProduct, Step
    from medallion.warehouse.records import Batch

_SAMPLED_BYTES = 1 << 18


def expected_rows(
    product: DataProduct, step: Step, rows: int | None, known: Sequence[Batch], new: Sequence[Batch]
) -> int | None:
    """About how many rows a table will have; None for one that was never published and has no source of its own.

    A source's new files have as many records a byte as its earlier ones, the first as its beginning. Other tables grow
    as the sources do.
    """
    if step.table.source:
        records = sum(_records(batch, known) for batch in new if batch.source == step.table.source)
        return (rows or 0) + round(records)
    if rows is None:
        return None
    loaded = sum(b.record_count or 0 for b in known if b.status is BatchStatus.LOADED)
    coming = sum(_records(batch, known) for batch in new)
    return round(rows * (1 + coming / loaded)) if loaded else rows


def _records(batch: Batch, known: Sequence[Batch]) -> float:
    if batch.record_count is not None:  # of a first pull of a database table
        return batch.record_count
    earlier = [b for b in known if b.source == batch.source and b.status is BatchStatus.LOADED]
    byte_count, record_count = (sum(getattr(b, name) or 0 for b in earlier) for name in ("byte_count", "record_count"))
    size = batch.byte_count or 0
    return size * record_count / byte_count if byte_count and record_count else _sampled(batch, size)


def _sampled(batch: Batch, size: int) -> float:
    """Records of a file by its first lines; of a compressed one by how far it was read for them.

    None of a file that cannot be read or unpacked: the gate reads it next, and refuses it by name and cause.
    """
    path = Path(str(batch.file_path))
    try:
        with path.open("rb") as file:
            beginning = file.read(_SAMPLED_BYTES)
        text = _text_of(beginning) if path.suffix.lower() == ".gz" else beginning
    except (OSError, zlib.error):
        return 0.0
    lines = text.count(b"\n")
    return max(lines - 1, 0) * size / len(beginning) if beginning else 0.0


def _text_of(compressed: bytes) -> bytes:
    return zlib.decompressobj(wbits=31).decompress(compressed)
