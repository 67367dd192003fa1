"""Somebody else has the warehouse file or the product: the run says who, changes nothing, and goes on afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bad_input import marts, marts_kept, process, refusal
from restaurant_input import ITEMS_HEADER, NET_AMOUNT, write_csv

from medallion.errors import BusyError

if TYPE_CHECKING:
    from pathlib import Path

    from restaurant_input import Bench

    from medallion.pipeline.progress import Event

# Holds the file as any tool with DuckDB does, until its input ends; comes again where the run has it for a moment.
HOLD = """
import sys, time, duckdb
until = time.monotonic() + 30
while True:
    try:
        connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reading")
        break
    except duckdb.IOException:
        if time.monotonic() > until:
            raise
        time.sleep(0.01)
connection.execute("SELECT count(*) FROM restaurant.sales_trends").fetchall()
print("ready", flush=True)
sys.stdin.read()
"""
# Holds the product's lease as a run does, with its heartbeat.
HOLD_LEASE = """
import sys
from pathlib import Path
from medallion.catalog import product
from medallion.lake import Lake
from medallion.pipeline.held_lease import held_lease
from medallion.pipeline.running import Workspace
from medallion.settings import Settings
from medallion.warehouse.duckdb import DuckDbWarehouse
home = Path(sys.argv[1])
workspace = Workspace(
    settings=Settings(home=home), home=home, lake=Lake(str(home / "lake")),
    warehouse=DuckDbWarehouse(home / "warehouse.duckdb"),
)
with held_lease(workspace, product("restaurant")):
    print("ready", flush=True)
    sys.stdin.read()
"""
LATER = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"


def file(bench: Bench) -> Path:
    return bench.workspace.home / "warehouse.duckdb"


@pytest.fixture
def delivered(published: Bench) -> Bench:
    """A published product, and a new file to load."""
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [LATER])
    return published


@pytest.mark.parametrize("how", ["writing", "reading"])
def test_a_warehouse_that_another_process_holds_is_refused_with_its_name(delivered: Bench, how: str) -> None:
    with marts_kept(delivered):
        before = file(delivered).read_bytes()
        with process(HOLD, file(delivered), how) as holder, refusal(BusyError) as said:
            delivered.run()
        assert said[0].startswith(f"{file(delivered)}: in use by process {holder.pid} (python")
        assert said[0].endswith("; wait until it is done or end it")
        assert file(delivered).read_bytes() == before


def test_a_reader_shuts_out_neither_other_readers_nor_a_run_with_nothing_to_do(published: Bench) -> None:
    before = marts(published)
    published.input = None  # type: ignore[assignment]
    with process(HOLD, file(published), "reading"):
        assert published.run().run_id is None
        assert marts(published) == before


def test_a_reader_that_comes_before_publishing_stops_the_run_which_goes_on_with_what_it_staged(
    delivered: Bench,
) -> None:
    readers = []

    def come(event: Event) -> None:
        if (event.layer, event.stage) == ("gold", "staged") and not readers:
            reader = process(HOLD, file(delivered), "reading")
            readers.append(reader)
            reader.__enter__()

    before = marts(delivered)
    with refusal(BusyError) as said:
        delivered.run(listener=come)
    assert ": in use by process " in said[0]
    assert marts(delivered) == before
    readers[0].__exit__(None, None, None)
    report = delivered.run()
    assert report.is_resumed
    assert {table.action for table in report.tables} == {"reused"}
    assert delivered.net_amount() == "49.50"


def test_a_product_that_another_process_runs_is_refused_and_taken_over_once_that_is_gone(delivered: Bench) -> None:
    with process(HOLD_LEASE, delivered.workspace.home) as holder, marts_kept(delivered), refusal(BusyError) as said:
        delivered.run()
    assert said[0].startswith(f"restaurant: another run holds it (process {holder.pid} on ")
    assert "; wait for it to end, or until " in said[0]
    assert delivered.net_amount() == NET_AMOUNT
    delivered.run()  # its lease was never given back: the process was killed
    assert delivered.net_amount() == "49.50"
