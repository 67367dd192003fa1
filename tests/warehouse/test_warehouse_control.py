"""The record of runs, checkpoints, deliveries and checks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

from shop import NOW

from medallion.warehouse import control
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.records import (
    Batch,
    BatchStatus,
    Checkpoint,
    CheckpointStatus,
    QualityResult,
    RejectedRow,
    Run,
    RunStatus,
    insert_records,
)

RUN = Run(run_id="run-1", product="shop", as_of=date(2025, 2, 28), parameters='{"a": "é"}', started_at=NOW, pid=7)
CHECKPOINT = Checkpoint(
    run_id="run-1", product="shop", table_name="orders", layer="silver", status=CheckpointStatus.STAGED, started_at=NOW
)
BATCH = Batch(product="shop", source="orders", batch_id="20250301", file_name="orders.csv", registered_at=NOW)
CHECK = QualityResult(
    run_id="run-1",
    product="shop",
    table_name="orders",
    check_name="order_id.not_null",
    severity="fail",
    passed=False,
    failed_count=3,
    checked_at=NOW,
)


def test_creating_the_tables_again_keeps_what_they_hold(session):
    control.start_run(session, RUN)
    create_control_tables(session)
    assert control.run(session, "run-1") == RUN


def test_a_column_that_an_older_release_did_not_have_is_added(session):
    session.execute("ALTER TABLE control.run DROP COLUMN engine")
    create_control_tables(session)
    assert session.rows("SELECT engine FROM control.run") == []


def test_an_interrupted_run_is_found_with_its_original_as_of(session):
    control.start_run(session, RUN)
    assert control.unfinished_run(session, "shop") == RUN


def test_a_failed_run_stays_the_one_to_resume_and_says_why(session):
    control.start_run(session, RUN)
    control.fail_run(session, "run-1", "orders.csv: column 'ID' is missing", NOW)
    found = control.unfinished_run(session, "shop")
    assert found == replace(RUN, status=RunStatus.FAILED, finished_at=NOW, error="orders.csv: column 'ID' is missing")


def test_a_run_that_succeeded_is_not_resumed(session):
    control.start_run(session, RUN)
    control.finish_run(session, "run-1", NOW)
    assert control.unfinished_run(session, "shop") is None


def test_resuming_keeps_one_row_and_counts_the_attempt(session):
    control.start_run(session, RUN)
    control.start_run(session, replace(RUN, attempt=2, pid=8))
    assert control.runs(session, "shop") == [replace(RUN, attempt=2, pid=8)]


def test_an_unfinished_run_gives_way_to_a_new_one_even_when_the_clock_went_back(session):
    control.start_run(session, RUN)
    newer = replace(RUN, run_id="run-2", started_at=NOW - timedelta(days=1))
    control.start_run(session, newer)
    assert control.unfinished_run(session, "shop") == newer
    assert control.run(session, "run-1") == replace(RUN, status=RunStatus.ABANDONED)


def test_runs_of_other_products_are_left_alone(session):
    control.start_run(session, RUN)
    control.start_run(session, replace(RUN, run_id="run-2", product="bank"))
    assert control.unfinished_run(session, "shop") == RUN


def test_runs_are_listed_newest_first_up_to_the_limit(session):
    for number in range(3):
        control.start_run(session, replace(RUN, run_id=f"run-{number}", started_at=NOW + timedelta(hours=number)))
    assert [run.run_id for run in control.runs(session, "shop", limit=2)] == ["run-2", "run-1"]


def test_runs_of_an_older_release_which_have_no_number_come_after_those_that_have_one(session):
    control.start_run(session, replace(RUN, run_id="old", started_at=NOW + timedelta(days=1)))
    control.start_run(session, replace(RUN, run_id="new", number=1))
    assert [run.run_id for run in control.runs(session, "shop")] == ["new", "old"]


def test_the_number_after_the_newest_run_s_is_the_next_whatever_the_clock_says(session):
    first = control.next_run_number(session, "shop")
    control.start_run(session, replace(RUN, number=first))
    assert (first, control.next_run_number(session, "shop"), control.next_run_number(session, "bank")) == (1, 2, 1)


def test_a_time_with_another_zone_is_kept_as_the_same_instant(session):
    delhi = timezone(timedelta(hours=5, minutes=30))
    control.start_run(session, replace(RUN, started_at=datetime(2025, 1, 1, 5, 0, tzinfo=delhi)))
    found = control.runs(session, "shop")[0].started_at
    assert found == datetime(2024, 12, 31, 23, 30, tzinfo=UTC)


def test_a_checkpoint_replaces_the_one_before_it(session):
    control.record_checkpoints(session, [CHECKPOINT])
    published = replace(CHECKPOINT, status=CheckpointStatus.PUBLISHED, rows_out=5, seconds=0.25, finished_at=NOW)
    control.record_checkpoints(session, [published])
    assert control.checkpoints(session, "run-1") == [published]


def test_hundreds_of_deliveries_are_registered_and_brought_up_to_date_in_order(session):
    batches = [replace(BATCH, batch_id=f"{number:06d}") for number in range(450)]
    control.record_batches(session, batches)
    loaded = [replace(batch, status=BatchStatus.LOADED, record_count=2**40) for batch in batches]
    control.record_batches(session, list(reversed(loaded)))
    assert control.known_batches(session, "shop") == loaded


def test_results_of_checks_replace_those_of_an_earlier_attempt(session):
    control.record_quality(session, [CHECK, replace(CHECK, check_name="grain", passed=True)])
    control.record_quality(session, [replace(CHECK, passed=True, failed_count=0)])
    assert [(r.check_name, r.passed) for r in control.quality(session, "run-1")] == [
        ("grain", True),
        ("order_id.not_null", True),
    ]


def test_nothing_to_record_is_nothing_done(session):
    control.record_quality(session, [])
    assert control.quality(session, "run-1") == []


def test_a_rejected_row_keeps_its_raw_text_to_the_character(session):
    row = RejectedRow(
        product="shop",
        table_name="bronze_orders",
        source_file="orders.csv",
        row_number=17,
        batch_id="20250301",
        reasons="ragged",
        raw_text='1,"a\nb",é\t\\',
        run_id="run-1",
        rejected_at=NOW,
    )
    insert_records(session, [row])
    assert control.rejected_rows(session, "shop", "bronze_orders") == [row]
