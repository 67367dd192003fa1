"""The gate: one delivered CSV in, record batches of its bronze table out, and every record accounted for.

The file is read once, in chunks of whole records, so memory does not grow with its size. Chunks are parsed by pyarrow
on a few threads while the next ones are read; what comes out is in the file's order.
"""

from __future__ import annotations

import codecs
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from medallion.arrow_arrays import int_array
from medallion.contracts import LINEAGE_COLUMNS
from medallion.data_product import Source
from medallion.errors import InputError
from medallion.ingest.csv_header import parse_header
from medallion.ingest.csv_records import Positions, Records, WholeRecords
from medallion.ingest.csv_rejects import RAGGED, GateReject, take_out_unreadable
from medallion.ingest.csv_stamps import LINEAGE_TYPES, Stamps
from medallion.ingest.delivered_bytes import DeliveredBytes
from medallion.ingest.personal_data import Protection, slipped_rejects
from medallion.lineage import IS_DELETED

BLOCK_SIZE = 4 << 20
MAX_RECORD_SIZE = 16 << 20
MAX_THREADS = 4


@dataclass(frozen=True)
class Delivery:
    """What is stamped on each row of a file: its name, the delivery it came with, and when that was read (UTC)."""

    file_name: str
    batch_id: str
    ingested_at: datetime


@dataclass(frozen=True)
class GateReport:
    """What came of one file. `record_count` is counted apart from the other two, and equals their sum.

    Blank lines and the header are no records. `sha256` (hexadecimal) and `byte_count` are of the delivered file's own,
    for gzip compressed, bytes. `extra_columns` were left out.
    """

    record_count: int
    accepted_count: int
    rejected_count: int
    extra_columns: tuple[str, ...]
    sha256: str
    byte_count: int


@dataclass(frozen=True)
class _ParsedChunk:
    """The columns of a chunk's good records, and where all its records stood in it, counted from 0."""

    record_count: int
    columns: tuple[pa.Array, ...]
    positions: Positions
    rejects: tuple[GateReject, ...]


def bronze_schema(source: Source) -> pa.Schema:
    """The source's columns as text, never null, then file, record number, delivery and time of reading.

    Of a database table also whether the row is gone there.
    """
    columns = [pa.field(name, pa.string(), nullable=False) for name in source.column_names]
    lineage = zip(LINEAGE_COLUMNS, LINEAGE_TYPES, strict=True)
    fields = [*columns, *(pa.field(column.name, kind, nullable=False) for column, kind in lineage)]
    return pa.schema([*fields, *([pa.field(IS_DELETED, pa.bool_(), nullable=False)] if source.table else [])])


class CsvGate:
    """Reads one delivered CSV of `source`, plain or gzip.

    `on_rejects` gets the records kept out, in the file's order, before the batch with their neighbours is yielded:
    ragged ones (another number of fields than the header), and those with bytes that are not UTF-8 or NUL.
    Blank lines are ignored. What the source's contract says about personal data is done here: neither the batches nor
    the rejects hold it any more. `pii_key` is the key of action `hmac`.

    Raises UsageError where that is missing; InputError, from the constructor for the header, from `batches` for what
    comes later: a file that is empty or breaks off, an unclosed quote, damaged gzip.
    """

    def __init__(
        self,
        stream: BinaryIO,
        source: Source,
        delivery: Delivery,
        *,
        on_rejects: Callable[[Sequence[GateReject]], None],
        pii_key: bytes | None = None,
        block_size: int = BLOCK_SIZE,
        max_record_size: int = MAX_RECORD_SIZE,
    ) -> None:
        self._protection = Protection(source, pii_key)
        self._source = source
        self._file_name = delivery.file_name
        self._on_rejects = on_rejects
        self._content = DeliveredBytes(stream, delivery.file_name)
        self._max_record_size = max_record_size
        self._records = WholeRecords(self._content, block_size, max_record_size)
        self._header = parse_header(self._records.header(), source, delivery.file_name)
        self._schema = bronze_schema(source)
        self._stamps = Stamps(delivery)
        self._record_count = self._accepted_count = self._rejected_count = 0
        self._is_finished = False

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The good records in the file's order, in batches of `bronze_schema`; to be iterated once."""
        thread_count = min(MAX_THREADS, os.cpu_count() or 1)
        with ThreadPoolExecutor(thread_count, "csv-gate") as threads:
            pending: deque[Future[_ParsedChunk]] = deque()
            try:
                for records in self._records:
                    pending.append(threads.submit(self._parse, records))
                    if len(pending) > thread_count:
                        yield from self._take(pending.popleft())
                while pending:
                    yield from self._take(pending.popleft())
            finally:
                threads.shutdown(cancel_futures=True)
        self._refuse_unfinished()
        self._is_finished = True

    def report(self) -> GateReport:
        """What came of the file; raises RuntimeError before `batches` is exhausted."""
        if not self._is_finished:
            raise RuntimeError(f"{self._file_name}: there is no report before all batches are taken")
        return GateReport(
            self._record_count,
            self._accepted_count,
            self._rejected_count,
            self._header.extra_columns,
            self._content.sha256,
            self._content.byte_count,
        )

    def _parse(self, records: Records) -> _ParsedChunk:
        """Runs on several threads at once: touches nothing but its records."""
        readable = take_out_unreadable(records)
        ragged: list[pa_csv.InvalidRow] = []

        def skip(row: pa_csv.InvalidRow) -> str:
            ragged.append(row)
            return "skip"

        columns = self._parse_columns(readable.text, skip)
        record_count = len(records.spans()[0])
        parsed_count = len(next(iter(columns.values()))) + len(ragged)
        positions = np.arange(parsed_count) if readable.positions is None else readable.positions
        rejects = [*readable.rejects, *(_ragged_reject(row, positions) for row in ragged)]
        rejects = [self._protection.reject(one) for one in rejects]
        positions = np.delete(positions, [row.number - 1 for row in ragged]) if ragged else positions
        if slipped := self._protection.slipped(columns):
            rejects += slipped_rejects(slipped, positions)
            kept = np.delete(np.arange(len(positions)), list(slipped))
            columns = {name: values.take(int_array(kept)) for name, values in columns.items()}
            positions = positions[kept]
        in_order = tuple(sorted(rejects, key=lambda reject: reject.row_number))
        return _ParsedChunk(record_count, self._protection.applied(columns), positions, in_order)

    def _parse_columns(self, text: bytes, skip: Callable[[pa_csv.InvalidRow], str]) -> dict[str, pa.Array]:
        """The delivered columns of the source, by name, of valid UTF-8 `text`."""
        names = [str(position) for position in range(self._header.field_count)]
        delivered = {
            column.name: names[position]
            for column, position in zip(self._source.columns, self._header.positions, strict=True)
            if position is not None
        }
        wanted = list(delivered.values())
        if text.startswith(codecs.BOM_UTF8):  # of files put together; pyarrow takes one for no part of the text
            text = codecs.BOM_UTF8 + text
        text = text or b"\n"  # pyarrow takes blank lines for an empty table, and nothing at all for an error
        table = pa_csv.read_csv(
            pa.BufferReader(text),
            # only without threads, and in one block, does pyarrow number invalid rows
            pa_csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
            pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=skip),
            pa_csv.ConvertOptions(
                check_utf8=False, include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())
            ),
        )
        arrays = (column.chunk(0) if column.num_chunks == 1 else column.combine_chunks() for column in table.columns)
        return dict(zip(delivered, arrays, strict=True))

    def _take(self, parsed: Future[_ParsedChunk]) -> Iterator[pa.RecordBatch]:
        """Number a chunk's records on from those before it, hand its rejects over, yield its rows."""
        first = self._record_count + 1
        try:
            chunk = parsed.result()
        except pa.ArrowInvalid as error:
            # The parser quotes records.
            shown, cause = ("", None) if self._protection.is_needed else (f" ({error})", error)
            raise InputError(
                f"{self._file_name}: cannot be parsed from record {first} on{shown}; correct it"
            ) from cause
        accepted_count = len(chunk.columns[0])
        if chunk.record_count != accepted_count + len(chunk.rejects):
            raise InputError(
                f"{self._file_name}: from record {first} on, {chunk.record_count} records were found, but"
                f" {accepted_count} accepted and {len(chunk.rejects)} rejected; correct the quotes of these records"
            )
        self._record_count += chunk.record_count
        self._accepted_count += accepted_count
        self._rejected_count += len(chunk.rejects)
        if chunk.rejects:
            self._on_rejects([replace(reject, row_number=first + reject.row_number) for reject in chunk.rejects])
        if accepted_count:
            file_name, batch_id, ingested_at = self._stamps.columns(accepted_count)
            row_number = int_array(chunk.positions + first)
            yield pa.RecordBatch.from_arrays(
                [*chunk.columns, file_name, row_number, batch_id, ingested_at], schema=self._schema
            )

    def _refuse_unfinished(self) -> None:
        size = len(self._records.unfinished)
        if size > self._max_record_size:
            fault = f"is longer than {self._max_record_size} bytes, probably because a quote in it is never closed"
        elif size:
            fault = f"opens a quote that is never closed ({size} bytes up to the end of the file)"
        else:
            return
        number = self._record_count + 1
        raise InputError(
            f"{self._file_name}: record {number} {fault}; correct it, or deliver the file again if it was cut off"
        )


def _ragged_reject(row: pa_csv.InvalidRow, positions: Positions) -> GateReject:
    detail = f"expected {row.expected_columns} fields, found {row.actual_columns}"
    return GateReject(int(positions[row.number - 1]), RAGGED, detail, row.text)
