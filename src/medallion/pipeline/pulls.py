"""Pulls of database tables: which tables changed since the last one, and what of them goes into bronze."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from medallion.errors import InputError
from medallion.ingest import bronze
from medallion.pipeline.deliveries import batch_id_of, last_number
from medallion.pipeline.operational import has_database, source_dsn
from medallion.warehouse.records import Batch, BatchStatus

if TYPE_CHECKING:
    from datetime import datetime

    from medallion.data_product import DataProduct, Source
    from medallion.ingest.bronze import LoadedDelivery
    from medallion.ingest.csv_gate import Delivery
    from medallion.ingest.source_table import TableReader
    from medallion.pipeline.running import Request, Running, Workspace


def find_pulls(
    workspace: Workspace,
    request: Request,
    known: Sequence[Batch],
    *,
    run_id: str,
    now: datetime,
    is_failed: bool = False,
) -> tuple[Batch, ...]:
    """A registered delivery for each table that is not as the last pull found it.

    Looks at the state of each table and reads no row. A table that a run has registered and not read yet is not looked
    at: it will be read as it is then. What a run had pulled before it failed is registered to be pulled anew where the
    table was changed since: that may be the remedy; after a kill it stays as it was.

    Raises InputError where a table does not fit its contract, and where there is no database and never was a pull.
    """
    product = request.product
    if not product.table_sources:
        return ()
    if not has_database(workspace):
        if any(batch.status is BatchStatus.LOADED or batch.run_id == run_id for batch in known):
            return ()  # what is known, or what this run's bronze has; others bring more
        raise InputError(
            f"{product.name}: nothing was loaded yet; name the PostgreSQL that has"
            f" {', '.join(str(source.table) for source in product.table_sources)} in MEDALLION_SOURCE_DSN or with"
            " --source-dsn, or make a sample of it: medallion generate"
        )
    from medallion.ingest.source_table import TableReader

    found: list[Batch] = []
    with source_dsn(workspace) as dsn:
        for source in product.table_sources:
            pulls = [batch for batch in known if batch.source == source.name and _counts(batch, run_id)]
            last = _digest(workspace, product, source, pulls[-1]) if pulls else ""
            if last is None:
                continue
            reader = TableReader(dsn, source)
            state = reader.state()
            if state.digest == last and not (request.is_full and reader.table.changed_at):
                continue
            if pulls and pulls[-1].status is BatchStatus.REGISTERED and is_failed:
                found.append(replace(pulls[-1], registered_at=now, modified_ns=_nanoseconds(now)))
                continue
            number = last_number([*known, *found]) + 1
            by_name = workspace.settings.delivery_order == "file_name"
            batch_id = batch_id_of(number, str(source.table) if by_name else None)
            new = _registered(product, reader, batch_id, now)
            found.append(replace(new, run_id=run_id, record_count=None if pulls else state.row_count))
    return tuple(found)


def _registered(product: DataProduct, reader: TableReader, batch_id: str, now: datetime) -> Batch:
    return Batch(
        product=product.name,
        source=reader.source.name,
        batch_id=batch_id,
        file_name=str(reader.table),
        file_path=f"postgresql://{reader.display}/{reader.table}",
        modified_ns=_nanoseconds(now),
        registered_at=now,
    )


def pulled(
    running: Running, batch: Batch, delivery: Delivery, before: Iterable[Batch], on_rows: Callable[[int], None]
) -> LoadedDelivery:
    """The rows of a registered pull in bronze; `before` are the product's loaded deliveries."""
    from medallion.ingest.pull import pull
    from medallion.ingest.source_table import TableReader

    secret = running.workspace.settings.pii_key
    source = running.product.source(batch.source)
    earlier = {one.batch_id for one in before if one.source == batch.source and one.status is BatchStatus.LOADED}
    with source_dsn(running.workspace) as dsn:
        return pull(
            running.lake,
            TableReader(dsn, source),
            running.product,
            delivery,
            looked_ns=batch.modified_ns,
            before=sorted(batch_id for batch_id in earlier if batch_id < batch.batch_id),
            is_whole=running.wish.is_full,
            on_rows=on_rows,
            pii_key=secret.get_secret_value().encode() if secret else None,
        )


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000


def _counts(batch: Batch, run_id: str) -> bool:
    """Whether a pull is one to compare with: it is loaded, or this run registered it."""
    return batch.status is BatchStatus.LOADED or (batch.status is BatchStatus.REGISTERED and batch.run_id == run_id)


def _digest(workspace: Workspace, product: DataProduct, source: Source, batch: Batch) -> str | None:
    """The state of the table that the last pull found; None where that is registered and was not read yet."""
    if batch.status is BatchStatus.REGISTERED:
        found = bronze.loaded(workspace.lake, product, source, batch.batch_id)
        return found.sha256 if found else None
    return batch.sha256 or ""
