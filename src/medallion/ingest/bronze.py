"""Bronze: delivered files as Parquet in the lake, one folder a delivery, append-only.

A delivery is complete once its manifest is there, which is written last: a folder without one is left over from a
killed process and is written anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from medallion.arrow_arrays import int_array, text_array
from medallion.errors import InputError, StorageError
from medallion.ingest.content_name import held_content
from medallion.ingest.csv_gate import CsvGate, Delivery, bronze_schema
from medallion.ingest.csv_rejects import GateReject
from medallion.ingest.delivered_places import FoundFile, existing_file, open_delivery
from medallion.lineage import RAW_TEXT, REASONS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from medallion.data_product import DataProduct, Source
    from medallion.ingest.source_database import SourceDatabase
    from medallion.ingest.source_rows import RowRange
    from medallion.lake import Lake, LakeFile

MANIFEST, REJECTED = "_delivery.json", "_rejected.parquet"
_ROWS_A_GROUP = 1 << 15  # single records are read again later: small groups cost little then
_READ_PARTS = 4
REJECT_SCHEMA = pa.schema(
    [
        ("_source_file", pa.string()),
        ("_row_number", pa.int64()),
        ("_batch_id", pa.string()),
        (REASONS, pa.string()),
        (RAW_TEXT, pa.string()),
    ]
)

Rows = Callable[[int], None]


@dataclass(frozen=True)
class LoadedDelivery:
    """What bronze holds of one delivery. Row ids are the source database's, where a file was loaded through one.

    Of a pull of a database table `sha256` stands for the table's state as it was then; `deleted_count` are the accepted
    rows that say that another one is gone, `changed_up_to` the newest value of its change column.
    """

    batch_id: str
    record_count: int
    accepted_count: int
    rejected_count: int
    extra_columns: tuple[str, ...]
    sha256: str
    byte_count: int
    first_row_id: int | None = None
    last_row_id: int | None = None
    modified_ns: int | None = None
    deleted_count: int = 0
    changed_up_to: str | None = None


def folder(product: DataProduct, source: Source, batch_id: str) -> str:
    """Where a delivery lies in the lake."""
    return f"bronze/{product.name}/{source.name}/{batch_id}"


def loaded(lake: Lake, product: DataProduct, source: Source, batch_id: str) -> LoadedDelivery | None:
    """What is complete of a delivery; None where there is nothing, or an unfinished rest."""
    manifest = lake.read_json(f"{folder(product, source, batch_id)}/{MANIFEST}")
    return _from_manifest(manifest) if manifest else None


def data_files(lake: Lake, product: DataProduct, source: Source, batch_id: str) -> list[LakeFile]:
    """The Parquet files of a delivery's well-formed rows."""
    return lake.files(folder(product, source, batch_id))


def rejected_file(lake: Lake, product: DataProduct, source: Source, batch_id: str) -> str | None:
    """The path of the Parquet file of records that the gate kept out; None where it kept out none."""
    delivery = loaded(lake, product, source, batch_id)
    return f"{folder(product, source, batch_id)}/{REJECTED}" if delivery and delivery.rejected_count else None


def read_again(
    lake: Lake, product: DataProduct, source: Source, places: Mapping[str, Sequence[int]], target: str
) -> LakeFile | None:
    """Copy single records of earlier deliveries (row numbers by batch) to a file; None where there are none."""
    found: list[pa.Table] = []
    for batch_id, row_numbers in places.items():
        wanted = int_array(sorted(row_numbers))
        for file in data_files(lake, product, source, batch_id):
            found += [rows for rows in lake.rows(file, "_row_number", wanted) if rows.num_rows]
    count = sum(rows.num_rows for rows in found)
    expected = sum(map(len, places.values()))
    if count != expected:
        raise StorageError(
            f"{lake.uri(f'bronze/{product.name}/{source.name}')}: {expected - count:,} of {expected:,} records behind"
            " published rows are gone; restore the folder, or start a new home and deliver all files again"
        )
    return lake.write_parquet(target, pa.concat_tables(found)) if found else None


def load_file(
    lake: Lake,
    product: DataProduct,
    source: Source,
    location: str,
    delivery: Delivery,
    on_rows: Rows = lambda _: None,
    pii_key: bytes | None = None,
) -> LoadedDelivery:
    """Read a delivered file through the gate into bronze. `on_rows` is told the rows written so far.

    `pii_key` is the key of columns that are kept as keyed hashes. Raises InputError (the file), StorageError (the
    lake), UsageError (no key where one is needed).
    """
    target, before = folder(product, source, delivery.batch_id), existing_file(location)
    lake.delete(target)
    with ExitStack() as stack:
        gate = _open_gate(stack, lake, target, source, location, delivery, pii_key)
        writer = stack.enter_context(lake.parquet_writer(f"{target}/part-00000.parquet", bronze_schema(source)))
        count = 0
        for group in _grouped(gate.batches(), bronze_schema(source)):
            writer.write_table(group, row_group_size=_ROWS_A_GROUP)
            count += group.num_rows
            on_rows(count)
    return _finish(lake, target, before, gate, delivery)


def load_file_through_database(
    lake: Lake,
    database: SourceDatabase,
    spark: SparkSession,
    product: DataProduct,
    source: Source,
    location: str,
    delivery: Delivery,
    on_rows: Rows = lambda _: None,
    pii_key: bytes | None = None,
) -> LoadedDelivery:
    """Read a delivered file through the gate into the source database, and from there, by row id, into bronze.

    A file the database holds already (a run was killed after it, or its content was loaded from landing) is not loaded
    again: only read. `on_rows` is told the rows once the database holds them.
    """
    target, before = folder(product, source, delivery.batch_id), existing_file(location)
    lake.delete(target)
    with ExitStack() as stack:
        gate = _open_gate(stack, lake, target, source, location, delivery, pii_key)
        # A database may serve several homes, or outlive one: batch ids begin at 1 in each, instants differ.
        name = f"{delivery.batch_id} of {delivery.ingested_at.isoformat()}"
        loaded = database.loaded(source)
        held = loaded.get(name) or held_content(loaded, source, location, pii_key)
        if held is None:
            row_range = database.load(source, name, gate.batches())
        else:
            row_range = held
            for _ in gate.batches():  # what the file holds is still to be counted, hashed and its rejects noted
                pass
    on_rows(row_range.count)
    if row_range.count:
        rows = database.read_bronze(spark, source, row_range, _READ_PARTS, delivery)
        rows.write.mode("overwrite").parquet(lake.uri(target + "/rows"))
    found = sum(footer.num_rows for footer in lake.footers(lake.files(target)))
    if found != gate.report().accepted_count:
        raise InputError(
            f"{before.name}: {gate.report().accepted_count} rows went into {database.display}, {found} came out;"
            " somebody changed them there: restore the table, or deliver the file again"
        )
    return _finish(lake, target, before, gate, delivery, row_range)


def _open_gate(
    stack: ExitStack,
    lake: Lake,
    target: str,
    source: Source,
    location: str,
    delivery: Delivery,
    pii_key: bytes | None,
) -> CsvGate:
    """A gate on the file whose rejects go to the delivery's own file."""
    rejects = stack.enter_context(lake.parquet_writer(f"{target}/{REJECTED}", REJECT_SCHEMA))
    stream = stack.enter_context(open_delivery(location))

    def keep(found: Sequence[GateReject]) -> None:
        rejects.write_batch(reject_batch(found, delivery))

    return CsvGate(stream, source, delivery, on_rejects=keep, pii_key=pii_key)


def reject_batch(found: Sequence[GateReject], delivery: Delivery) -> pa.RecordBatch:
    """What the gate kept out of a delivery, with file and batch, as rows of `REJECT_SCHEMA`."""
    names, batches = (text_array([value] * len(found)) for value in (delivery.file_name, delivery.batch_id))
    reasons, texts = text_array([one.reason for one in found]), text_array([one.raw_text for one in found])
    numbers = int_array([one.row_number for one in found])
    return pa.RecordBatch.from_arrays([names, numbers, batches, reasons, texts], schema=REJECT_SCHEMA)


def _grouped(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """Batches put together to row groups that are worth reading."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        if sum(len(one) for one in waiting) >= _ROWS_A_GROUP:
            yield pa.Table.from_batches(waiting, schema)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting, schema)


def _finish(
    lake: Lake,
    target: str,
    before: FoundFile,
    gate: CsvGate,
    delivery: Delivery,
    row_range: RowRange | None = None,
) -> LoadedDelivery:
    report, after = gate.report(), existing_file(before.location)
    if (before.modified_ns, report.byte_count) != (after.modified_ns, after.size):
        raise InputError(
            f"{before.location}: changed while it was read; deliver it whole, then run the same command again"
        )
    done = LoadedDelivery(
        batch_id=delivery.batch_id,
        **asdict(report),
        first_row_id=row_range.first if row_range else None,
        last_row_id=row_range.last if row_range else None,
        modified_ns=after.modified_ns,
    )
    lake.write_json(f"{target}/{MANIFEST}", {**asdict(done), "file_name": before.name, "read_at": delivery.ingested_at})
    return done


def _from_manifest(manifest: dict[str, Any]) -> LoadedDelivery:
    names = LoadedDelivery.__dataclass_fields__
    values: dict[str, Any] = {name: manifest.get(name) for name in names}
    known = {"extra_columns": tuple(values["extra_columns"]), "deleted_count": values["deleted_count"] or 0}
    return LoadedDelivery(**{**values, **known})
