"""Published tables that several threads of a run ask for at a time: each of them sees all rows."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

from medallion.catalog import product
from medallion.pipeline.tables import Origin, Tables
from medallion.warehouse import control

if TYPE_CHECKING:
    from pyspark.sql import SparkSession
    from restaurant_input import Bench

TIMES = 5


def test_a_table_that_is_being_fetched_for_one_layer_is_waited_for_by_the_audit_of_another(
    published: Bench, spark: SparkSession
) -> None:
    known = product("restaurant")
    with published.workspace.warehouse.read() as session:
        versions = control.published_versions(session, known.name)
    rows = published.value("SELECT count(*) FROM restaurant_silver.orders")
    lake, warehouse = published.workspace.lake, published.workspace.warehouse
    counted = []
    for number in range(TIMES):
        folder = f"staging/restaurant/test{number}"
        origin = Origin(lake=lake, warehouse=warehouse, folder=folder, batches=(), new=frozenset(), published=versions)
        tables, together = Tables(known, spark, origin), Barrier(2)

        def fetch(tables: Tables = tables, together: Barrier = together) -> None:
            together.wait()
            tables.fetch(["order_items", "orders"])

        def count(tables: Tables = tables, together: Barrier = together) -> int:
            together.wait()
            return tables["orders"].count()

        with ThreadPoolExecutor(2) as threads:
            fetched, found = threads.submit(fetch), threads.submit(count)
            fetched.result()
            counted.append(found.result())

    assert counted == [rows] * TIMES
