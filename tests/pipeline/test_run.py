"""A run as a user sees it: what is published, what is skipped, what is gone on with."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from restaurant_input import ITEMS_HEADER, NET_AMOUNT, OPTIONS_HEADER, Bench, write_csv

from medallion.catalog import product
from medallion.contracts import Layer
from medallion.errors import MedallionError

if TYPE_CHECKING:
    from medallion.pipeline.progress import Event, Report


def actions(report: Report) -> dict[str, str]:
    return {table.name: table.action for table in report.tables}


def test_the_first_run_publishes_every_table_of_the_product(bench: Bench) -> None:
    bench.run()
    for step in product("restaurant").steps:
        relation = f"{product('restaurant').schema(step.table.layer)}.{step.table.name}"
        is_empty = step.table.name == "comparable_sales"  # no month of the sample has one a year before
        assert (bench.value(f"SELECT count(*) FROM {relation}") == 0) is is_empty, relation


def test_published_sales_are_the_accepted_lines_with_their_options(bench: Bench) -> None:
    bench.run()
    assert bench.net_amount() == NET_AMOUNT


def test_published_columns_are_the_contracts_in_order(bench: Bench) -> None:
    bench.run()
    for step in product("restaurant").layer(Layer.GOLD):
        found = bench.rows(
            "SELECT column_name FROM information_schema.columns"
            f" WHERE table_schema = 'restaurant' AND table_name = '{step.table.name}' ORDER BY ordinal_position"
        )
        assert tuple(name for (name,) in found) == step.table.column_names


def test_as_of_is_the_newest_order_date_unless_asked_for(bench: Bench) -> None:
    assert bench.run().as_of == date(2024, 1, 5)
    assert bench.run(as_of=date(2024, 1, 2)).as_of == date(2024, 1, 2)
    assert bench.value("SELECT sum(net_amount) FROM restaurant.location_performance") == 31.5


@pytest.mark.parametrize(
    ("corrected", "newest"),
    [
        ("o3 on 2024-01-03", date(2024, 1, 3)),  # it was the newest, and is so still, two days earlier
        ("o2 on 2024-01-03", date(2024, 1, 5)),
        ("o2 on 2024-01-07", date(2024, 1, 7)),
    ],
)
def test_as_of_is_the_newest_date_after_a_correction_of_when_an_order_was(
    bench: Bench, corrected: str, newest: date
) -> None:
    many = [f"app,r1,2023-12-01T12:00:00Z,b{n},,,FALSE,USD,l1,Mains,Salad,8.00,1" for n in range(100)]
    write_csv(bench.input, "order_items_earlier.csv", ITEMS_HEADER, many)
    assert bench.run().as_of == date(2024, 1, 5)
    order, _, day = corrected.split()
    line = f"app,r1,{day}T12:00:00Z,{order},,,FALSE,USD,l1,Mains,Salad,8.00,1"
    write_csv(bench.input, "order_items_corrected.csv", ITEMS_HEADER, [line])
    report = bench.run()
    assert (actions(report)["orders"], report.as_of) == ("updated", newest)


def test_every_delivered_record_is_accounted_for(bench: Bench) -> None:
    report = bench.run()
    counted = {t.name: (t.rows_in, t.rows_out, t.rows_rejected, t.rows_duplicate) for t in report.tables}
    assert counted["order_items"] == (6, 4, 1, 1)
    assert counted["order_item_options"] == (4, 3, 1, 0)


def test_rejected_rows_are_in_quarantine_with_file_row_reason_and_text(bench: Bench) -> None:
    bench.run()
    found = bench.rows(
        "SELECT table_name, source_file, row_number, reasons, raw_text FROM quarantine.rejected_row ORDER BY table_name"
    )
    assert [row[:4] for row in found] == [
        ("order_item_options", "order_item_options.csv", 4, "orphan"),
        ("order_items", "order_items.csv", 6, "invalid_item_price"),
    ]
    assert '"item_price":"abc"' in found[1][4]


def test_records_the_gate_keeps_out_are_in_quarantine_too(bench: Bench) -> None:
    with (bench.input / "order_items.csv").open("a") as file:
        file.write("too,few,fields\n")
    report = bench.run()
    found = bench.rows("SELECT row_number, raw_text FROM quarantine.rejected_row WHERE reasons = 'ragged'")
    assert found == [(7, "too,few,fields")]
    assert next(t for t in report.tables if t.name == "order_items").rows_rejected == 2


def test_card_numbers_reach_neither_silver_nor_quarantine_whole(bench: Bench) -> None:
    row = "app,r1,2024-01-05T12:30:00Z,o5,u1,4111111111111111,FALSE,USD,l1,Mains,Salad,{price},1"
    write_csv(bench.input, "order_items_2.csv", ITEMS_HEADER, [row.format(price="8.00"), row.format(price="x")])
    bench.run()
    assert bench.rows("SELECT printed_card_number FROM restaurant_silver.order_items WHERE order_id = 'o5'") == [
        ("1111",)
    ]
    assert bench.value("SELECT count(*) FROM quarantine.rejected_row WHERE raw_text LIKE '%4111111111111111%'") == 0


def test_a_second_run_has_nothing_to_do(bench: Bench) -> None:
    bench.run()
    report = bench.run()
    assert report.run_id is None
    assert bench.value("SELECT count(*) FROM control.run") == 1


def test_new_files_are_added_to_what_is_there(bench: Bench) -> None:
    bench.run()
    write_csv(
        bench.input,
        "order_items_2024-01-06.csv",
        ITEMS_HEADER,
        ["app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"],
    )
    report = bench.run()
    assert (bench.net_amount(), report.as_of) == ("49.50", date(2024, 1, 6))


def test_a_newer_delivery_of_a_line_wins(bench: Bench) -> None:
    bench.run()
    write_csv(
        bench.input,
        "order_items_fixed.csv",
        ITEMS_HEADER,
        ["app,r1,2024-01-05T12:00:00Z,o3,,,FALSE,USD,l1,Mains,Salad,9.00,1"],
    )
    bench.run()
    assert bench.net_amount() == "40.50"


def test_a_newer_delivery_of_options_replaces_the_lines_whole_set(bench: Bench) -> None:
    bench.run()
    write_csv(bench.input, "order_item_options_fixed.csv", OPTIONS_HEADER, ["o1,l1,Extras,Bacon,1.50,1"])
    report = bench.run()
    assert bench.net_amount() == "39.00"  # two cheeses (2.00) gave way to a bacon (1.50)
    options = next(table for table in report.tables if table.name == "order_item_options")
    assert (options.rows_in, options.rows_out, options.rows_duplicate) == (1, 2, 2)


def test_an_option_is_accepted_once_its_line_has_arrived(bench: Bench) -> None:
    bench.run()
    write_csv(
        bench.input,
        "order_items_late.csv",
        ITEMS_HEADER,
        ["app,r1,2024-01-03T12:00:00Z,o9,u1,,FALSE,USD,l1,Mains,Salad,8.00,1"],
    )
    bench.run()
    assert bench.net_amount() == "48.50"
    assert bench.value("SELECT count(*) FROM quarantine.rejected_row WHERE reasons = 'orphan'") == 0


def test_a_replay_under_another_name_changes_nothing(bench: Bench) -> None:
    bench.run()
    (bench.input / "order_items_again.csv").write_bytes((bench.input / "order_items.csv").read_bytes())
    report = bench.run()
    assert report.run_id is None
    assert "replay" in report.notes[0]
    assert bench.rows("SELECT status, replay_of FROM control.batch WHERE file_name = 'order_items_again.csv'") == [
        ("replay", "order_items.00000001")
    ]


def test_a_changed_rule_rebuilds_just_the_marts_that_read_it(bench: Bench) -> None:
    bench.run()
    report = bench.run("churn_after_days=2")
    built = {name for name, action in actions(report).items() if action == "built"}
    assert built == {"churn_indicators", "customer_survival"}
    assert bench.rows("SELECT churn_status FROM restaurant.churn_indicators WHERE user_id = 'u2'") == [("at risk",)]


def test_a_full_refresh_builds_everything_again(bench: Bench) -> None:
    bench.run()
    assert set(actions(bench.run(is_full=True)).values()) == {"built"}


class StoppedError(MedallionError):
    """Ends a run from within a test's listener."""


def test_an_interrupted_run_keeps_its_id_and_as_of_though_new_files_came(bench: Bench) -> None:
    def stop_at_gold(event: Event) -> None:
        if event.layer == "gold":
            raise StoppedError("stopped by the test")

    with pytest.raises(StoppedError):
        bench.run(listener=stop_at_gold)
    [(run_id,)] = bench.rows("SELECT run_id FROM control.run")
    later = "app,r1,2024-02-01T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
    write_csv(bench.input, "order_items_2.csv", ITEMS_HEADER, [later])
    report = bench.run()
    assert (report.run_id, report.as_of, report.is_resumed) == (run_id, date(2024, 1, 5), True)
    assert bench.net_amount() == NET_AMOUNT
    assert "order_items_2.csv" in report.notes[0]
    assert bench.run().as_of == date(2024, 2, 1)
    assert bench.net_amount() == "49.50"


def test_staging_is_empty_after_a_run(bench: Bench) -> None:
    bench.run()
    assert bench.workspace.lake.folders("staging/restaurant") == []


def test_a_damaged_staged_file_is_built_again(bench: Bench) -> None:
    def stop_at_audit(event: Event) -> None:
        if event.stage == "audited":
            raise StoppedError("stopped by the test")

    with pytest.raises(StoppedError):
        bench.run(listener=stop_at_audit)
    staged = next((bench.workspace.home / "lake" / "staging").rglob("orders/*.parquet"))
    staged.write_bytes(staged.read_bytes()[:-10])
    report = bench.run()
    assert actions(report)["orders"] == "built"
    assert actions(report)["order_lines"] == "reused"
    assert bench.net_amount() == NET_AMOUNT
