"""Runs the gate on bytes and collects all that comes out."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from medallion.contracts import TEXT, Column
from medallion.data_product import Source
from medallion.errors import InputError
from medallion.ingest.csv_gate import CsvGate, Delivery, GateReport
from medallion.ingest.csv_rejects import GateReject

ABC = Source(
    name="abc",
    file_pattern="abc*.csv",
    description="Three columns.",
    columns=tuple(Column(name, TEXT, f"Column {name}.") for name in "abc"),
)
INGESTED_AT = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@dataclass(frozen=True)
class GateRun:
    """The rows' own cells, their numbers, the rejects, the report, or the error's line in its place."""

    batches: list[pa.RecordBatch]
    rejects: list[GateReject]
    report: GateReport | None
    error: str | None

    @property
    def cells(self) -> list[list[str]]:
        return [[row[name] for name in "abc"] for batch in self.batches for row in batch.to_pylist()]

    @property
    def row_numbers(self) -> list[int]:
        return [number for batch in self.batches for number in batch.column("_row_number").to_pylist()]

    def __eq__(self, other: object) -> bool:
        """Equal outcome, however the rows are cut into batches."""
        return isinstance(other, GateRun) and self._outcome() == other._outcome()

    __hash__ = None  # type: ignore[assignment]

    def _outcome(self) -> tuple[object, ...]:
        return self.cells, self.row_numbers, self.rejects, self.report, self.error


def gate_bytes(
    content: bytes,
    *,
    file_name: str = "abc.csv",
    source: Source = ABC,
    block_size: int = 1 << 20,
    max_record_size: int = 1 << 20,
    allow_error: bool = False,
    pii_key: bytes | None = None,
) -> GateRun:
    rejects: list[GateReject] = []
    batches: list[pa.RecordBatch] = []

    def collect(found: Sequence[GateReject]) -> None:
        rejects.extend(found)

    try:
        gate = CsvGate(
            io.BytesIO(content),
            source,
            Delivery(file_name, "0001", INGESTED_AT),
            on_rejects=collect,
            pii_key=pii_key,
            block_size=block_size,
            max_record_size=max_record_size,
        )
        batches.extend(gate.batches())
    except InputError as error:
        if not allow_error:
            raise
        return GateRun(batches, rejects, None, str(error))
    return GateRun(batches, rejects, gate.report(), None)
