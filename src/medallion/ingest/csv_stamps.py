"""What every row of a delivery carries: its file, the delivery it came with, and when that was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from medallion.arrow_arrays import instant_array, text_array

if TYPE_CHECKING:
    from medallion.ingest.csv_gate import Delivery

LINEAGE_TYPES = (pa.string(), pa.int64(), pa.string(), pa.timestamp("us", "UTC"))


class Stamps:
    """The columns that are the same in all rows of a delivery: made once, then sliced without copying."""

    def __init__(self, delivery: Delivery) -> None:
        names = text_array([delivery.file_name, delivery.batch_id])
        self._scalars = (names[0], names[1], instant_array([delivery.ingested_at])[0])
        self._columns: tuple[pa.Array, ...] = ()

    def columns(self, row_count: int) -> tuple[pa.Array, ...]:
        """`_source_file`, `_batch_id` and `_ingested_at`, each `row_count` long."""
        if not self._columns or len(self._columns[0]) < row_count:
            self._columns = tuple(pa.repeat(scalar, row_count) for scalar in self._scalars)
        return tuple(column.slice(0, row_count) for column in self._columns)
