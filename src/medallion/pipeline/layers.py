"""The layers of a run, silver and then gold: each staged, audited and published, one after another or overlapping."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.pipeline.dates import settle_dates
from medallion.pipeline.layer import LayerTable, stage_layer
from medallion.pipeline.layer_audit import audit_layer
from medallion.pipeline.publish import publish_layer

if TYPE_CHECKING:
    from medallion.pipeline.progress import TableReport
    from medallion.pipeline.publish import Published
    from medallion.pipeline.running import Running


def run_layers(running: Running) -> tuple[list[TableReport], int | None]:
    """Stage, audit and publish silver, then gold; the reports, and the version of the marts that readers see now.

    Where little is to be done, the warehouse loads silver while it is audited, and the engine goes on to gold, which is
    made of silver as staged, and of which each mart is loaded when it is there. A mart is published after its inputs,
    or not at all. Tables that keep all cores busy are staged, audited and published in turn. A run that is to stop
    after silver goes no further.
    """
    before = max((row.version for row in running.published.values() if row.layer == Layer.GOLD.value), default=None)
    with ThreadPoolExecutor(3, thread_name_prefix="layer") as beside:
        silver = stage_layer(running, Layer.SILVER)
        settle_dates(running)
        if running.request.through is Layer.SILVER:
            return _publish_audited(running, Layer.SILVER, silver)[0], before
        if running.at_once == 1:
            reports, _ = _publish_audited(running, Layer.SILVER, silver)
            more_reports, published = _publish_audited(running, Layer.GOLD, stage_layer(running, Layer.GOLD))
        else:
            silver_published = _begin_to_publish(running, Layer.SILVER, silver, beside)
            more_reports, published = _publish_as_staged(running, Layer.GOLD, silver_published, beside)
            reports, _ = silver_published.result()
    return [*reports, *more_reports], max((row.version for row in published), default=before)


def _publish_audited(running: Running, layer: Layer, tables: Sequence[LayerTable]) -> Published:
    audit_layer(running, layer, tables)
    return publish_layer(running, layer, _with_rows(tables), lambda: tables)


def _begin_to_publish(
    running: Running, layer: Layer, tables: Sequence[LayerTable], beside: Executor
) -> Future[Published]:
    """Publish a staged layer while it is audited; returns when the transaction has begun."""
    begun = threading.Event()
    auditing: list[Future[None]] = []

    def on_begin() -> None:
        # Only now: a reading session of the audit that came first would keep the transaction waiting.
        if not auditing:  # a transaction that is done again begins again
            auditing.append(beside.submit(audit_layer, running, layer, tables))
        begun.set()

    def audited() -> Sequence[LayerTable]:
        auditing[0].result()
        return tables

    publishing = beside.submit(publish_layer, running, layer, _with_rows(tables), audited, on_begin=on_begin)
    publishing.add_done_callback(lambda _: begun.set())
    begun.wait()
    return publishing


def _publish_as_staged(running: Running, layer: Layer, layer_below: Future[Published], beside: Executor) -> Published:
    """Stage a layer, audit and publish it; its transaction begins when that of the layer below has ended well."""
    arriving: SimpleQueue[LayerTable | None] = SimpleQueue()
    audited: Future[Sequence[LayerTable]] = Future()

    def publish() -> Published:
        layer_below.result()
        running.warehouse.tidy_up()  # while the engine builds the first tables, not when all wait for the commit
        return publish_layer(running, layer, iter(arriving.get, None), audited.result)

    publishing = beside.submit(publish)
    try:
        tables = stage_layer(running, layer, arriving.put)
        arriving.put(None)
        audit_layer(running, layer, tables)
    except BaseException as error:
        audited.set_exception(error)  # raised within the transaction, which takes everything back
        arriving.put(None)
        raise publishing.exception() or error from None
    audited.set_result(tables)
    return publishing.result()


def _with_rows(tables: Sequence[LayerTable]) -> list[LayerTable]:
    return [table for table in tables if table.staged]
