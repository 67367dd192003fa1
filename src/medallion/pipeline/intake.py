"""The first part of a run: its registered deliveries become bronze, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from medallion import fault
from medallion.ingest import bronze
from medallion.ingest.csv_gate import Delivery
from medallion.ingest.delivered_places import file_at
from medallion.pipeline.operational import source_dsn
from medallion.pipeline.progress import Event
from medallion.pipeline.pulls import pulled
from medallion.warehouse.records import Batch, BatchStatus

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from medallion.data_product import Source
    from medallion.ingest.source_database import SourceDatabase
    from medallion.pipeline.running import Running

_LAYER = "bronze"


def take_in(running: Running, engine: Callable[[], SparkSession]) -> tuple[list[Batch], list[str]]:
    """Read the run's registered deliveries into bronze; returns their batches as loaded, and notes for the reader.

    What an earlier attempt completed is not read again: of a database table the rows stay what they were then. A file
    that is gone by now is left out and noted.
    `engine` is asked for a session only where rows come through the source database.
    """
    done: list[Batch] = []
    notes: list[str] = []
    with _databases(running) as database:
        for batch in running.batches:
            if batch.status is BatchStatus.REGISTERED:
                if _is_pull(running, batch):
                    done.append(_pull_one(running, batch, [*running.batches, *done], notes))
                else:
                    done.append(_take_in_one(running, batch, database, engine, notes))
                fault.point(f"intake.{batch.source}.done")
    return done, notes


def _take_in_one(
    running: Running,
    batch: Batch,
    database: Callable[[], SourceDatabase | None],
    engine: Callable[[], SparkSession],
    notes: list[str],
) -> Batch:
    source, location = running.product.source(batch.source), str(batch.file_path)
    found = bronze.loaded(running.lake, running.product, source, batch.batch_id)
    if found and (found.byte_count, found.modified_ns) == (batch.byte_count, batch.modified_ns):
        return _as_loaded(batch, found, notes)  # without a look at what was delivered: later jobs may not read it
    there = file_at(location)
    if found is None or there:  # not read yet; or registered anew after a failed attempt, because it was put right
        if there is None:
            notes.append(f"{location}: is gone since it was found; its rows are not in this run")
            return replace(batch, status=BatchStatus.MISSING)
        # A file that a failed attempt refused may have been put right since: it is known by the time of what is read.
        batch = replace(batch, modified_ns=there.modified_ns)
        found = _load(running, source, batch, location, database, engine)
    return _as_loaded(batch, found, notes)


def _pull_one(running: Running, batch: Batch, others: Sequence[Batch], notes: list[str]) -> Batch:
    source = running.product.source(batch.source)
    found = bronze.loaded(running.lake, running.product, source, batch.batch_id)
    if found is None or found.modified_ns != batch.modified_ns:  # registered anew after a failed attempt
        found = _told(running, batch, lambda delivery, on_rows: pulled(running, batch, delivery, others, on_rows))
    if found.deleted_count:
        notes.append(f"{batch.file_name}: {found.deleted_count:,} rows are gone there since the last pull")
    return _as_loaded(batch, found, notes)


def _as_loaded(batch: Batch, found: bronze.LoadedDelivery, notes: list[str]) -> Batch:
    if found.extra_columns:
        notes.append(f"{batch.file_name}: columns not in the contract were left out: {', '.join(found.extra_columns)}")
    if found.rejected_count:
        notes.append(f"{batch.file_name}: {found.rejected_count:,} unreadable records are in quarantine")
    return replace(
        batch,
        status=BatchStatus.LOADED,
        sha256=found.sha256,
        byte_count=found.byte_count,
        modified_ns=found.modified_ns or batch.modified_ns,
        record_count=found.record_count,
        accepted_count=found.accepted_count,
        rejected_count=found.rejected_count,
        first_row_id=found.first_row_id,
        last_row_id=found.last_row_id,
        loaded_at=datetime.now(UTC),
    )


def _load(
    running: Running,
    source: Source,
    batch: Batch,
    location: str,
    database: Callable[[], SourceDatabase | None],
    engine: Callable[[], SparkSession],
) -> bronze.LoadedDelivery:
    secret = running.workspace.settings.pii_key
    key = secret.get_secret_value().encode() if secret else None

    def read(delivery: Delivery, on_rows: bronze.Rows) -> bronze.LoadedDelivery:
        through = database()
        if through is None:
            return bronze.load_file(running.lake, running.product, source, location, delivery, on_rows, key)
        return bronze.load_file_through_database(
            running.lake, through, engine(), running.product, source, location, delivery, on_rows, key
        )

    return _told(running, batch, read)


def _told(
    running: Running, batch: Batch, read: Callable[[Delivery, bronze.Rows], bronze.LoadedDelivery]
) -> bronze.LoadedDelivery:
    """What is read of a delivery, with signs of progress."""
    # Registered, not read, time: an interrupted run that goes on stamps the same instant.
    delivery = Delivery(batch.file_name, batch.batch_id, batch.registered_at)
    name = batch.file_name
    started = datetime.now(UTC)
    running.tell(Event(_LAYER, name, "reading"))

    def on_rows(count: int) -> None:
        running.tell(Event(_LAYER, name, "reading", count))
        fault.point(f"intake.{batch.source}.reading")

    found = read(delivery, on_rows)
    seconds = (datetime.now(UTC) - started).total_seconds()
    running.tell(Event(_LAYER, name, "loaded", found.accepted_count, seconds))
    return found


def _is_pull(running: Running, batch: Batch) -> bool:
    return running.product.source(batch.source).table is not None


@contextmanager
def _databases(running: Running) -> Iterator[Callable[[], SourceDatabase | None]]:
    """Gives the source database where the run goes through one: the one configured, or an own one in the home folder.

    It is there from when it is first asked for to the end of the block: of a run that has all in bronze it is not asked
    for, and the jobs of later layers cannot reach it.
    """
    with ExitStack() as stack:

        @cache
        def database() -> SourceDatabase | None:
            if running.run.source != "rds":
                return None
            from medallion.ingest.source_database import SourceDatabase

            found = SourceDatabase(stack.enter_context(source_dsn(running.workspace)), running.product)
            found.ensure_tables()
            return found

        yield database
