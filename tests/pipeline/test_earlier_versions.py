"""A mart that is held against its own product's version of an earlier day: which one is read, and that it stays so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from restaurant_input import ITEMS_HEADER, Bench, write_csv
from warehouse_contents import unaccounted_tables

from medallion.catalog import product
from medallion.errors import MedallionError
from medallion.pipeline.prepare import prepare
from medallion.pipeline.running import Request
from medallion.settings import load_rules
from medallion.warehouse import control
from medallion.warehouse.kept_versions import kept_versions
from medallion.warehouse.versions import Publication, prune, rollback

if TYPE_CHECKING:
    from medallion.pipeline.progress import Event, Report

RESTAURANT = product("restaurant")
READ = "customer_segments"
MOVES = "SELECT DISTINCT from_as_of, as_of FROM restaurant.customer_segment_changes"
DAY_1, DAY_2, DAY_3 = date(2024, 1, 5), date(2024, 1, 6), date(2024, 1, 7)


def deliver(bench: Bench, day: date, **asked: Any) -> Report:
    """One order of the day, and a run."""
    line = f"app,r1,{day}T09:00:00Z,of {day},u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
    write_csv(bench.input, f"order_items_{day}.csv", ITEMS_HEADER, [line])
    return bench.run(**asked)


def version_read(bench: Bench, report: Report) -> list[tuple[str, int]]:
    return bench.rows(f"SELECT table_name, version FROM control.input_version WHERE run_id = '{report.run_id}'")


def planned(bench: Bench) -> dict[str, str]:
    request = Request(product=RESTAURANT, rules=load_rules(RESTAURANT))
    return {table.name: table.reason for table in prepare(bench.workspace, request).plan.tables if table.is_built}


def test_a_first_version_has_nothing_to_be_held_against(published: Bench) -> None:
    assert published.rows(MOVES) == [(None, DAY_1)]
    assert published.rows("SELECT count(*) FROM control.input_version") == [(0,)]


def test_the_next_day_is_held_against_the_day_before_which_is_on_record(published: Bench) -> None:
    report = deliver(published, DAY_2)

    assert published.rows(MOVES) == [(DAY_1, DAY_2)]
    assert version_read(published, report) == [("customer_segment_changes", 1)]


def test_the_same_day_once_more_is_nothing_to_do(published: Bench) -> None:
    deliver(published, DAY_2)

    assert planned(published) == {}
    assert published.run().run_id is None


def test_the_same_day_built_anew_is_held_against_the_same_version(published: Bench) -> None:
    deliver(published, DAY_2)
    before = published.rows("FROM restaurant.customer_segment_changes ORDER BY ALL")

    report = published.run(is_full=True)

    assert published.rows("FROM restaurant.customer_segment_changes ORDER BY ALL") == before
    assert version_read(published, report) == [("customer_segment_changes", 1)]


def test_the_version_compared_with_outlives_many_of_the_same_day(published: Bench) -> None:
    deliver(published, DAY_2)
    for days in (2, 3, 4, 5):
        published.run(f"churn_after_days={days}")

    published.run("churn_after_days=5", is_full=True)

    assert published.rows(MOVES) == [(DAY_1, DAY_2)]
    with published.workspace.warehouse.read() as session:
        assert [one.number for one in kept_versions(session, "restaurant")] == [7, 6, 5, 4, 3]
    assert unaccounted_tables(published.workspace.home / "warehouse.duckdb") == []


def test_a_version_that_is_no_longer_compared_with_is_forgotten(published: Bench) -> None:
    deliver(published, DAY_2)
    deliver(published, DAY_3)

    with published.workspace.warehouse.write() as session:
        prune(session, RESTAURANT, 1)
        kept = [row.version for row in control.versions(session, "restaurant") if row.table_name == READ]

    assert kept == [3, 2]
    assert planned(published) == {}


def test_a_day_before_all_versions_is_held_against_none(published: Bench) -> None:
    deliver(published, DAY_2)

    published.run(as_of=date(2024, 1, 2))

    assert published.rows(MOVES) == [(None, date(2024, 1, 2))]


def test_after_a_rollback_what_readers_were_shown_again_is_compared_with(published: Bench) -> None:
    deliver(published, DAY_2)
    publication = Publication(run_id="rollback", as_of=DAY_1, published_at=datetime.now(UTC))
    with published.workspace.warehouse.write() as session:
        rollback(session, RESTAURANT, 1, publication)

    report = deliver(published, DAY_3)

    assert published.rows(MOVES) == [(DAY_1, DAY_3)]
    assert version_read(published, report) == [("customer_segment_changes", 3)]


def test_where_that_version_is_gone_the_newest_before_it_is_read(published: Bench) -> None:
    deliver(published, DAY_2)
    with published.workspace.warehouse.write() as session:
        session.execute("DROP VIEW restaurant.customer_segments")
        session.execute("DROP TABLE restaurant_versions.customer_segments__000002")

    deliver(published, DAY_3)

    assert published.rows(MOVES) == [(DAY_1, DAY_3)]


def test_where_none_is_left_all_come_from_none(published: Bench) -> None:
    with published.workspace.warehouse.write() as session:
        session.execute("DROP VIEW restaurant.customer_segments")
        session.execute("DROP TABLE restaurant_versions.customer_segments__000001")

    deliver(published, DAY_2)

    assert published.rows(MOVES) == [(None, DAY_2)]


class StoppedError(MedallionError):
    """Ends a run from within a test's listener."""


@pytest.mark.parametrize(
    "stopped_at", [("silver", "publish"), ("gold", "customer_segment_changes"), ("gold", "sales_trends")]
)
def test_a_run_that_goes_on_reads_the_same_version(published: Bench, stopped_at: tuple[str, str]) -> None:
    def stop(event: Event) -> None:
        if (event.layer, event.step) == stopped_at:
            raise StoppedError("stopped by the test")

    with pytest.raises(StoppedError):
        deliver(published, DAY_2, listener=stop)

    report = published.run()

    assert report.is_resumed
    assert published.rows(MOVES) == [(DAY_1, DAY_2)]
    assert version_read(published, report) == [("customer_segment_changes", 1)]


def test_a_version_without_a_column_that_is_relied_on_is_passed_over(published: Bench) -> None:
    with published.workspace.warehouse.write() as session:
        session.execute(
            "UPDATE control.version SET contract = replace(contract, 'varchar(20)', 'varchar(19)')"
            " WHERE table_name = 'customer_segments'"
        )

    deliver(published, DAY_2, is_full=True)  # a changed type is refused otherwise

    assert published.rows(MOVES) == [(None, DAY_2)]


def test_which_tables_compare_versions_is_declared() -> None:
    compares = [step.table.name for step in RESTAURANT.steps if RESTAURANT.compares_versions(step)]

    assert compares == ["customer_segment_changes"]
