"""A run of chosen tables: these are built, all others stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from restaurant_input import ITEMS_HEADER, NET_AMOUNT, write_csv

from medallion.catalog import product
from medallion.errors import UsageError

if TYPE_CHECKING:
    from restaurant_input import Bench

    from medallion.pipeline.progress import Report


def built(report: Report) -> set[str]:
    return {table.name for table in report.tables if table.action != "skipped"}


def versions(bench: Bench) -> dict[str, tuple[int, str]]:
    """The newest version of each table, and the run that published it."""
    rows = bench.rows("SELECT table_name, version, run_id FROM control.version ORDER BY version")
    return {name: (version, run_id) for name, version, run_id in rows}


def test_only_the_selected_table_is_built_and_all_others_keep_their_version(published: Bench) -> None:
    before = versions(published)

    report = published.run(select=("customer_segments",), input=None)

    assert built(report) == {"customer_segments"}
    after = versions(published)
    assert {name for name in after if after[name] != before[name]} == {"customer_segments"}
    assert published.net_amount() == NET_AMOUNT


def test_a_table_is_built_with_all_it_is_built_from(published: Bench) -> None:
    found = built(published.run(select=("+customer_segments",), input=None))

    assert {"order_items", "orders", "customer_segments"} <= found
    assert found.isdisjoint({"sales_trends", "date_dim"})


def test_a_full_refresh_of_selected_tables_builds_these_alone(published: Bench) -> None:
    assert built(published.run(select=("sales_trends customer_segments",), is_full=True, input=None)) == {
        "sales_trends",
        "customer_segments",
    }


def test_a_rule_of_a_table_that_is_not_selected_waits(published: Bench) -> None:
    report = published.run("churn_after_days=2", select=("customer_segments",), input=None)

    assert built(report) == {"customer_segments"}
    assert built(published.run("churn_after_days=2", input=None)) == {"churn_indicators", "customer_survival"}


def test_new_files_wait_for_a_plain_run(published: Bench) -> None:
    line = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
    write_csv(published.input, "order_items_2024-01-06.csv", ITEMS_HEADER, [line])

    report = published.run(select=("sales_trends",))

    assert published.net_amount() == NET_AMOUNT
    assert "order_items_2024-01-06.csv: new here" in report.notes[0]
    published.run()
    assert published.net_amount() == "49.50"


def test_a_table_whose_input_was_never_published_is_refused_before_anything_runs(published: Bench) -> None:
    restaurant = product("restaurant")
    needed = restaurant.published_inputs(restaurant.step("sales_trends"))[0]
    with published.workspace.warehouse.write() as session:
        session.execute("DELETE FROM control.version WHERE table_name IN (?, 'sales_trends')", (needed,))

    with pytest.raises(UsageError, match=rf"its input {needed} was never published; .*: --select \+sales_trends"):
        published.run(select=("sales_trends",), input=None)

    assert published.value("SELECT count(*) FROM control.run") == 1
    assert {needed, "sales_trends"} <= built(published.run(input=None))


def test_nothing_can_be_selected_before_anything_was_published(bench: Bench) -> None:
    with pytest.raises(UsageError, match="restaurant: nothing was published yet; run it whole first"):
        bench.run(select=("orders+",))
