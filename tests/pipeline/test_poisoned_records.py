"""Damaged rows in the control tables: a run heals them by building anew, or stops with one line; marts stay right."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from bad_input import marts, marts_kept, refusal, refused
from restaurant_input import ITEMS_HEADER, Bench, workspace_in, write_csv
from warehouse_contents import unaccounted_tables

from medallion.catalog import product
from medallion.errors import StorageError, UsageError
from medallion.warehouse.versions import Publication, rollback

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from medallion.pipeline.progress import Event

LATER = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
NEWEST_RUN = "number = (SELECT max(number) FROM control.run)"
TABLES = len(product("restaurant").steps)


@pytest.fixture(scope="module")
def right(
    published_home: Path, tmp_path_factory: pytest.TempPathFactory, engine_name: str, spark: SparkSession
) -> dict[str, list[tuple[Any, ...]]]:
    """The marts after the later file, where no record was damaged."""
    folder = tmp_path_factory.mktemp("right")
    bench = Bench(workspace_in(folder / "home", engine_name), folder / "next")
    shutil.copytree(published_home, bench.workspace.home, dirs_exist_ok=True)
    deliver(bench)
    bench.run()
    return marts(bench)


def deliver(bench: Bench) -> None:
    write_csv(bench.input, "order_items_2.csv", ITEMS_HEADER, [LATER])


def poison(bench: Bench, statement: str) -> None:
    with bench.workspace.warehouse.write() as session:
        session.execute(f"UPDATE control.{statement}")


def stop_at_gold(event: Event) -> None:
    if (event.layer, event.stage) == ("gold", "staged"):
        raise KeyboardInterrupt


GARBAGE = [
    "checkpoint SET status = 'bogus', fingerprint = 'garbage', layer = 'copper'",
    "run SET status = 'bogus'",
    "run SET parameters = '{not JSON'",
    "run SET parameters = '[1, 2]'",
    "version SET fingerprint = 'garbage'",
    "version SET definition = 'garbage'",
    "version SET inputs = 'not JSON'",
    "version SET inputs = '{\"orders\": 3}'",
    "version SET inputs = '[]', fingerprint = NULL, definition = NULL, row_count = NULL, as_of = NULL",
    "version SET contract = 'not JSON'",
    "version SET contract = '{\"columns\": 3}'",
    "version SET fingerprint = 'garbage' WHERE table_name = 'order_items'",
    "version SET relation = 'restaurant_versions.gone__000001' WHERE table_name = 'sales_trends'",
    "version SET relation = 'restaurant_silver.gone' WHERE table_name = 'orders'",
    "version SET relation = 'nonsense' WHERE table_name IN ('customers', 'customer_cohorts')",
]


@pytest.mark.parametrize("statement", GARBAGE)
def test_a_run_after_damage_to_records_ends_with_the_right_marts(
    published: Bench, right: dict[str, list[tuple[Any, ...]]], statement: str
) -> None:
    poison(published, statement)
    deliver(published)

    published.run()

    assert marts(published) == right
    assert published.value("SELECT count(DISTINCT table_name) FROM control.version") == TABLES
    assert published.run().run_id is None


def test_a_version_whose_record_names_no_table_is_not_compared_with(
    published: Bench, right: dict[str, list[tuple[Any, ...]]]
) -> None:
    poison(published, "version SET relation = 'nonsense' WHERE table_name = 'customer_segments'")
    deliver(published)

    published.run()

    compared = "customer_segment_changes"
    assert published.rows(f"SELECT DISTINCT from_segment FROM restaurant.{compared}") == [("(none)",)]
    assert {name: rows for name, rows in marts(published).items() if name != compared} == {
        name: rows for name, rows in right.items() if name != compared
    }


@pytest.mark.parametrize(
    ("statement", "is_resumed"),
    [
        (f"run SET parameters = '{{not JSON' WHERE {NEWEST_RUN}", True),
        (f'run SET parameters = \'{{"select": ["no_such"], "backfill": 3}}\' WHERE {NEWEST_RUN}', True),
        (f"run SET status = 'bogus' WHERE {NEWEST_RUN}", False),
        ("checkpoint SET status = 'bogus', fingerprint = 'garbage'", True),
    ],
)
def test_an_interrupted_run_whose_record_is_damaged_goes_on_or_gives_way_to_a_new_one(
    published: Bench, right: dict[str, list[tuple[Any, ...]]], statement: str, is_resumed: bool
) -> None:
    deliver(published)
    with pytest.raises(KeyboardInterrupt):
        published.run(listener=stop_at_gold)
    poison(published, statement)

    report = published.run()

    assert report.is_resumed is is_resumed
    assert marts(published) == right
    assert unaccounted_tables(published.workspace.home / "warehouse.duckdb") == []


def test_a_mart_that_was_dropped_is_built_again(published: Bench) -> None:
    before = marts(published)
    relation = published.value("SELECT relation FROM control.version WHERE table_name = 'sales_trends'")
    with published.workspace.warehouse.write() as session:
        session.execute(f"DROP TABLE {relation}")

    report = published.run(input=None)

    assert {table.name for table in report.tables if table.action == "built"} == {"sales_trends"}
    assert marts(published) == before


def test_a_version_of_which_a_mart_is_gone_is_not_gone_back_to(published: Bench) -> None:
    deliver(published)
    published.run()
    poison(published, "version SET relation = 'nonsense' WHERE version = 1 AND table_name = 'sales_trends'")
    newest = Publication(run_id="-", as_of=None, published_at=datetime.now(UTC))

    with marts_kept(published), refusal(UsageError) as said, published.workspace.warehouse.write() as session:
        rollback(session, product("restaurant"), 1, newest)

    assert said[0] == (
        "restaurant: version 1 cannot be shown: its sales_trends is nonsense, which is not there any more;"
        " choose another version, or build the marts with: medallion run restaurant"
    )


def test_a_delivery_with_an_unknown_status_stops_the_run_with_one_line(published: Bench) -> None:
    poison(published, "batch SET status = 'bogus' WHERE source = 'order_items'")
    deliver(published)

    assert refused(published, StorageError) == (
        "control.batch: status 'bogus' of product restaurant, source order_items, batch_id order_items.00000001,"
        " file_name order_items.csv is none of registered, loaded, replay, missing; set it to what is true of the"
        " file, or load all files into a new --home"
    )
