"""Accepted records as the CSV that PostgreSQL's COPY reads, and what the gate kept out beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from medallion.ingest.bronze import REJECT_SCHEMA, reject_batch
from medallion.ingest.csv_gate import CsvGate, Delivery, GateReport, bronze_schema

if TYPE_CHECKING:
    from medallion.data_product import Source
    from medallion.ingest.csv_rejects import GateReject

# Every value in quotes: so an empty text is none of PostgreSQL's NULLs, and a line `\.` is no end of the data.
COPY_OPTIONS = "(FORMAT csv, HEADER true, ENCODING 'UTF8')"
_QUOTED = pa_csv.WriteOptions(include_header=True, quoting_style="all_valid")


def write_source_csv(
    stream: BinaryIO,
    source: Source,
    delivery: Delivery,
    rows: Any,
    rejects: Any,
    *,
    pii_key: bytes | None = None,
    on_batch: Callable[[], None] = lambda: None,
) -> GateReport:
    """Read a delivered file through the gate: its rows go to the file `rows`, its rejects, as Parquet, to `rejects`.

    `on_batch` is called between batches, and may raise. Memory does not grow with the file. Raises what the gate does.
    """
    schema = bronze_schema(source)
    with ExitStack() as stack:
        kept_out = stack.enter_context(pq.ParquetWriter(rejects, REJECT_SCHEMA, compression="snappy"))
        accepted = stack.enter_context(pa_csv.CSVWriter(rows, schema, write_options=_QUOTED))

        def keep(found: Sequence[GateReject]) -> None:
            kept_out.write_batch(reject_batch(found, delivery))

        gate = CsvGate(stream, source, delivery, on_rejects=keep, pii_key=pii_key)
        for batch in gate.batches():
            accepted.write_batch(batch)
            on_batch()
    return gate.report()


def report_document(report: GateReport) -> dict[str, Any]:
    """A report as it is stored as JSON; `report_from` reads it."""
    return asdict(report)


def report_from(document: dict[str, Any]) -> GateReport:
    """The report that `report_document` made a document of."""
    return GateReport(**{**document, "extra_columns": tuple(document["extra_columns"])})
