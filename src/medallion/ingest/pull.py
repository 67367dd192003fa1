"""A pull: what changed in a database table since the one before, as a delivery in bronze, frozen once it is complete.

Beside its rows a pull keeps the keys of all rows that the table had and a hash of each row's content. The next one
compares with these: rows with another content are delivered, and of keys that are gone a row that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from medallion.ingest import bronze
from medallion.ingest.bronze import LoadedDelivery
from medallion.ingest.csv_gate import Delivery, bronze_schema
from medallion.ingest.csv_rejects import GateReject
from medallion.ingest.csv_stamps import Stamps
from medallion.ingest.known_rows import (
    DIGEST,
    KEYS_FILE,
    STATE,
    KnownRows,
    digests_of,
    identities_of,
    key_schema,
)
from medallion.ingest.personal_data import Protection, slipped_rejects

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.data_source import Source
    from medallion.ingest.source_table import Snapshot, TableReader
    from medallion.lake import Lake

Rows = Callable[[int], None]


def pull(
    lake: Lake,
    reader: TableReader,
    product: DataProduct,
    delivery: Delivery,
    *,
    looked_ns: int | None = None,
    before: Sequence[str] = (),
    is_whole: bool = False,
    on_rows: Rows = lambda _: None,
    pii_key: bytes | None = None,
) -> LoadedDelivery:
    """Read what changed since the pull before into bronze. `before` are the earlier pulls' batch ids, oldest first.

    `looked_ns` is kept with it: when the table was looked at and the pull registered.
    `is_whole` compares all rows also where a change column would spare that. Raises InputError (the table, a key that
    is not unique), StorageError (the lake), UsageError (no key of keyed hashes where one is needed).
    """
    source = reader.source
    target = bronze.folder(product, source, delivery.batch_id)
    lake.delete(target)
    known = KnownRows.of(lake, product, source, before)
    last = bronze.loaded(lake, product, source, before[-1]) if before else None
    since = last.changed_up_to if last and not is_whole else None
    protection = Protection(source, pii_key)
    with (
        reader.snapshot() as snapshot,
        lake.parquet_writer(f"{target}/{bronze.REJECTED}", bronze.REJECT_SCHEMA) as rejects,
        lake.parquet_writer(f"{target}/part-00000.parquet", bronze_schema(source)) as writer,
    ):
        state = snapshot.state
        found = _Pulled(source, protection, delivery, known, writer, rejects, on_rows)
        now = found.read(snapshot, since)
        found.write_deleted(now)
    lake.write_parquet(f"{target}/{KEYS_FILE}", now.table)
    done = replace(found.done(), sha256=state.digest, changed_up_to=state.changed_up_to, modified_ns=looked_ns)
    more = {"file_name": delivery.file_name, "read_at": delivery.ingested_at}
    lake.write_json(f"{target}/{bronze.MANIFEST}", {**asdict(done), **more})
    for batch_id in before[:-1]:  # a run that is given up leaves the last one to be compared with
        lake.delete(f"{bronze.folder(product, source, batch_id)}/{STATE}")
    return done


@dataclass
class _Pulled:
    """Takes in the rows of a snapshot: those that are new or changed go to bronze, what must be kept out does not."""

    source: Source
    protection: Protection
    delivery: Delivery
    known: KnownRows
    writer: Any
    rejects: Any
    on_rows: Rows
    number: int = 0
    rejected_count: int = 0
    deleted_count: int = 0
    byte_count: int = 0
    _seen: list[pa.Table] = field(default_factory=list)

    def read(self, snapshot: Snapshot, since: str | None) -> KnownRows:
        """Take in the snapshot's rows; returns what is known of the table from now on."""
        known_digests = self.known.table.column(DIGEST)
        for batch in snapshot.rows(since):
            self._take(batch, known_digests)
        seen = self._known_now()
        if since is None:
            return seen.checked()
        there = self._keys_of(snapshot)
        earlier = self.known.without(seen.identities)
        noticed = pa.chunked_array([*earlier.identities.chunks, *seen.identities.chunks], pa.string())
        if not pc.all(pc.is_in(there, noticed)).as_py():
            # Rows came whose change stamp is older than what was read before: only a full comparison finds them all.
            delivered = seen.table.column(DIGEST).chunks
            self._seen.clear()
            for batch in snapshot.rows():
                self._take(batch, pa.chunked_array([*known_digests.chunks, *delivered], known_digests.type))
            return self._known_now().checked()
        return KnownRows(self.source, pa.concat_tables([earlier.within(there).table, seen.table])).checked()

    def write_deleted(self, now: KnownRows) -> None:
        """Deliver for each key that is gone a row that says so, with the key alone."""
        gone = self.known.without(now.identities).table
        self.deleted_count = gone.num_rows
        if gone.num_rows:
            empty = pa.repeat(pa.scalar("", pa.string()), gone.num_rows)
            keys = gone.column_names
            columns = [gone.column(n).combine_chunks() if n in keys else empty for n in self.source.column_names]
            self._write(columns, self._numbers(gone.num_rows), is_deleted=True)

    def done(self) -> LoadedDelivery:
        """What was delivered."""
        return LoadedDelivery(
            batch_id=self.delivery.batch_id,
            record_count=self.number,
            accepted_count=self.number - self.rejected_count,
            rejected_count=self.rejected_count,
            extra_columns=(),
            sha256="",
            byte_count=self.byte_count,
            deleted_count=self.deleted_count,
        )

    def _take(self, batch: pa.RecordBatch, known_digests: pa.ChunkedArray) -> None:
        """Deliver the rows of a batch whose content was not known, and note all of them."""
        columns = {name: batch.column(name).cast(pa.string()) for name in batch.schema.names}
        kept = self.protection.applied(columns)
        digests = digests_of(kept)
        by_name = dict(zip(self.source.column_names, kept, strict=True))
        keys = [by_name[name] for name in key_schema(self.source).names[:-1]]
        self._seen.append(pa.table([*keys, digests], schema=key_schema(self.source)))
        is_new = pc.invert(pc.is_in(digests, known_digests.combine_chunks()))
        columns = {name: values.filter(is_new) for name, values in columns.items()}
        kept = tuple(values.filter(is_new) for values in kept)
        numbers = self._numbers(len(kept[0]))
        if slipped := self.protection.slipped(columns):
            self._reject(slipped_rejects(slipped, numbers.to_numpy()))
            is_good = pa.array([place not in slipped for place in range(len(numbers))])
            kept, numbers = tuple(values.filter(is_good) for values in kept), numbers.filter(is_good)
        self._write(kept, numbers, is_deleted=False)
        self.on_rows(self.number)

    def _reject(self, found: Sequence[GateReject]) -> None:
        self.rejected_count += len(found)
        self.rejects.write_batch(bronze.reject_batch(found, self.delivery))

    def _write(self, columns: Sequence[pa.Array], numbers: pa.Array, *, is_deleted: bool) -> None:
        count = len(numbers)
        file_name, batch_id, ingested_at = Stamps(self.delivery).columns(count)
        marks = pa.repeat(pa.scalar(is_deleted), count)
        arrays = [*columns, file_name, numbers, batch_id, ingested_at, marks]
        self.byte_count += sum(pc.sum(pc.binary_length(values)).as_py() or 0 for values in columns)
        if count:
            self.writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=bronze_schema(self.source)))

    def _numbers(self, count: int) -> pa.Array:
        """The numbers of the delivery's next records, from 1 on."""
        first = self.number + 1
        self.number += count
        return pa.array(range(first, first + count), pa.int64())

    def _known_now(self) -> KnownRows:
        empty = key_schema(self.source).empty_table()
        return KnownRows(self.source, pa.concat_tables([empty, *self._seen]))

    def _keys_of(self, snapshot: Snapshot) -> pa.ChunkedArray:
        """The keys of all rows that are there, one text each."""
        names = key_schema(self.source).names[:-1]
        schema = pa.schema([(name, pa.string()) for name in names])
        batches = []
        for batch in snapshot.key_rows():
            kept = [self.protection.applied_to(name, batch.column(name).cast(pa.string())) for name in names]
            batches.append(pa.RecordBatch.from_arrays(kept, schema=schema))
        return identities_of(pa.Table.from_batches(batches, schema), self.source)
