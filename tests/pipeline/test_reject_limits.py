"""A run that stops because too many rows were rejected, and what makes it go on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from restaurant_input import ITEMS, ITEMS_HEADER, NET_AMOUNT, Bench, write_csv

from medallion.checks import RejectLimit
from medallion.errors import AuditError


def test_a_failed_audit_publishes_nothing_and_the_same_command_goes_on(bench: Bench) -> None:
    strict = limited(bench, {"restaurant.order_items": RejectLimit(count=0)})
    with pytest.raises(AuditError, match=r"order_items: check 'rejects_are_within_the_limit' fails for 1 rows"):
        strict.run()
    assert bench.value("SELECT count(*) FROM information_schema.tables WHERE table_schema LIKE 'restaurant%'") == 0
    assert bench.rows("SELECT status, attempt, failure FROM control.run") == [("failed", 1, "AuditError")]

    report = bench.run()

    assert report.is_resumed
    assert {table.name: table.action for table in report.tables}["order_items"] == "reused"
    assert bench.net_amount() == NET_AMOUNT


def test_after_a_failed_audit_a_corrected_file_is_read_again_by_the_same_run(bench: Bench) -> None:
    strict = limited(bench, {"restaurant.order_items": RejectLimit(count=0)})
    with pytest.raises(
        AuditError, match=r"invalid_item_price 1 \(first: order_items.csv record 6\)\); nothing was published"
    ):
        strict.run()
    corrected = [row.replace(",abc,", ",8.00,") for row in ITEMS]
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, corrected)

    report = strict.run()

    assert report.is_resumed
    assert bench.net_amount() == "47.50"
    assert bench.rows("SELECT file_name, status FROM control.batch WHERE source = 'order_items'") == [
        ("order_items.csv", "loaded")
    ]


def test_after_a_failed_audit_a_new_file_is_taken_in_by_the_same_run(bench: Bench) -> None:
    strict = limited(bench, {"restaurant.order_items": RejectLimit(ratio=0.15, at_least=1)})
    with pytest.raises(AuditError, match=r"1 of 6 rows read: invalid_item_price 1"):
        strict.run()
    more = "app,r1,2024-01-05T12:00:00Z,o5,u2,,FALSE,USD,l1,Mains,Salad,9.00,1"
    write_csv(bench.input, "order_items_more.csv", ITEMS_HEADER, [more])

    report = strict.run()

    assert report.is_resumed
    assert bench.net_amount() == "48.50"


def test_the_message_says_which_record_of_which_file_is_the_first_of_each_reason(bench: Bench) -> None:
    broken = ["cut,short", *ITEMS, ITEMS[-1].replace("o4", "o5")]
    write_csv(bench.input, "order_items.csv", ITEMS_HEADER, broken)
    strict = limited(bench, {"restaurant.order_items": RejectLimit(count=0)})

    with pytest.raises(AuditError) as failed:
        strict.run()

    assert (
        "3 of 8 rows read: invalid_item_price 2 (first: order_items.csv record 7), unreadable 1 (first: order_items.csv"
        in (str(failed.value))
    )
    assert "record 1, " in str(failed.value)


def test_rows_that_wait_for_others_do_not_count_as_rejected(bench: Bench) -> None:
    limited(bench, {"restaurant.order_item_options": RejectLimit(count=0)}).run()

    assert bench.value("SELECT count(*) FROM quarantine.rejected_row WHERE reasons = 'orphan'") == 1


def limited(bench: Bench, limits: dict[str, RejectLimit]) -> Bench:
    """The same home with other limits."""
    settings = bench.workspace.settings.model_copy(update={"reject_limits": limits})
    return Bench(replace(bench.workspace, settings=settings), bench.input)
