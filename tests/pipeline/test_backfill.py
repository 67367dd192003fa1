"""A backfill reads the records behind some days again, and touches no others."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING

import pytest
from comparison import differences
from restaurant_input import ITEMS_HEADER, NET_AMOUNT, write_csv

from medallion.catalog import product
from medallion.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from restaurant_input import Bench

    from medallion.pipeline.progress import Report

PRODUCT = product("restaurant")
KEYED = ("order_items", "order_item_options", "order_lines", "orders")
FIRST_DAYS = (date(2024, 1, 1), date(2024, 1, 2))
CONTENT = """SELECT table_name, source_file, row_number, reasons FROM quarantine.rejected_row UNION ALL
    SELECT source, file_name, published_count, concat(refused_count, '/', duplicate_count) FROM control.batch
    ORDER BY ALL"""


def actions(report: Report) -> dict[str, str]:
    return {table.name: table.action for table in report.tables}


def change_by_hand(bench: Bench, order_id: str, price: int) -> None:
    with bench.workspace.warehouse.write() as session:
        session.execute("UPDATE restaurant_silver.order_items SET item_price = ? WHERE order_id = ?", (price, order_id))


def prices(bench: Bench) -> dict[str, str]:
    rows = bench.rows("SELECT order_id, max(item_price) FROM restaurant_silver.order_items GROUP BY 1")
    return {order_id: str(price) for order_id, price in rows}


def test_a_backfill_with_unchanged_code_updates_and_changes_nothing(published: Bench, tmp_path: Path) -> None:
    warehouse = published.workspace.home / "warehouse.duckdb"
    before, content = shutil.copy(warehouse, tmp_path / "before.duckdb"), published.rows(CONTENT)

    report = published.run(backfill=FIRST_DAYS, input=None)

    done = actions(report)
    assert {name: done[name] for name in KEYED} == dict.fromkeys(KEYED, "updated")
    assert differences(PRODUCT, warehouse, before) == {}
    assert published.rows(CONTENT) == content
    assert published.run(input=None).run_id is None


def test_rows_that_somebody_changed_by_hand_are_right_again_on_these_days_only(published: Bench) -> None:
    change_by_hand(published, "o1", 99)
    change_by_hand(published, "o3", 88)

    published.run(backfill=FIRST_DAYS, input=None)

    assert prices(published) == {"o1": "10.00", "o2": "10.00", "o3": "88.00"}
    published.run(backfill=(date(2024, 1, 5), date(2024, 1, 5)), input=None)
    assert prices(published)["o3"] == "8.00"
    assert published.net_amount() == NET_AMOUNT


def test_a_backfill_takes_the_rules_as_they_are_now_and_the_next_run_the_rest(published: Bench) -> None:
    rule = 'category_aliases={"mains": "Main dishes"}'

    published.run(rule, backfill=FIRST_DAYS, input=None)

    by_day = (
        "SELECT DISTINCT CAST(creation_time_utc AS DATE), item_category FROM restaurant_silver.order_items ORDER BY ALL"
    )
    assert (date(2024, 1, 2), "Main dishes") in published.rows(by_day)
    assert (date(2024, 1, 5), "Mains") in published.rows(by_day)
    assert actions(published.run(rule, input=None))["order_items"] == "built"
    assert (date(2024, 1, 5), "Main dishes") in published.rows(by_day)


def test_new_files_wait_for_a_plain_run(published: Bench) -> None:
    line = "app,r1,2024-01-02T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [line])

    report = published.run(backfill=FIRST_DAYS)

    assert "order_items_2.csv: new here" in report.notes[0]
    assert published.net_amount() == NET_AMOUNT
    published.run()
    assert published.net_amount() == "49.50"


def test_a_span_without_rows_is_refused(published: Bench) -> None:
    with pytest.raises(UsageError, match="orders has no rows from 2023-01-01 to 2023-12-31; check --from and --to"):
        published.run(backfill=(date(2023, 1, 1), date(2023, 12, 31)), input=None)


def test_nothing_can_be_backfilled_before_anything_was_published(bench: Bench) -> None:
    with pytest.raises(UsageError, match="restaurant: nothing was published yet; run it whole first"):
        bench.run(backfill=FIRST_DAYS)
