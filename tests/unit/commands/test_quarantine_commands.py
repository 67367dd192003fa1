"""Quarantine as a user looks at it; exports and replays that change something are tested with the pipeline."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from outcome import Medallion

from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.records import RejectedRow, insert_records

LONG_NAME = "Salad " * 40


@pytest.fixture
def rejected(warehouse: DuckDbWarehouse) -> DuckDbWarehouse:
    """Beside the two options of the warehouse: a line with a bad price, and a record that the gate kept out."""
    raw_text = f'{{"item_name":"{LONG_NAME}","order_id":"o4","lineitem_id":"l1","item_price":"abc"}}'
    with warehouse.write() as session:
        insert_records(
            session,
            [
                _row(6, "invalid_item_price", raw_text, "o4"),
                _row(7, "ragged", "too,few", None),
            ],
        )
    return warehouse


def _row(number: int, reason: str, raw_text: str, key: str | None) -> RejectedRow:
    return RejectedRow(
        product="restaurant",
        table_name="order_items",
        source_file="order_items.csv",
        row_number=number,
        batch_id="2",
        row_key=key,
        reasons=reason,
        raw_text=raw_text,
        run_id="r0",
        rejected_at=datetime(2024, 3, 2, tzinfo=UTC),
    )


@pytest.mark.usefixtures("rejected")
def test_rows_are_listed_by_table_and_reason_with_what_to_do(medallion: Medallion) -> None:
    found = medallion("quarantine", "list", "restaurant", "--json").document

    assert found["rows"] == 4
    assert {(group["table"], group["reason"]): (group["rows"], group["remedy"]) for group in found["groups"]} == {
        ("order_item_options", "missing_order_id"): (1, "correct the rule, then replay; or export, correct, deliver"),
        ("order_item_options", "orphan"): (
            2,
            "accepted by itself once what it belongs to arrives; if that is in quarantine too, correct it there",
        ),
        ("order_items", "invalid_item_price"): (1, "correct the rule, then replay; or export, correct, deliver"),
        ("order_items", "ragged"): (1, "export, correct, deliver"),
    }


@pytest.mark.usefixtures("rejected")
def test_a_list_for_people_names_files_and_what_to_do(medallion: Medallion, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = medallion("quarantine", "list", "restaurant")

    assert outcome.code == 0
    assert "4 rows in quarantine; a row with several reasons counts under each" in outcome.out
    assert "see rows: medallion quarantine show restaurant" in outcome.out


@pytest.mark.usefixtures("rejected")
def test_a_row_is_shown_with_what_the_reason_is_about_first(medallion: Medallion) -> None:
    outcome = medallion("quarantine", "show", "restaurant", "--reason", "invalid_item_price")

    assert "item_price=abc, order_id=o4, lineitem_id=l1, item_name=Salad" in " ".join(outcome.out.split())
    assert LONG_NAME.strip() not in outcome.out
    assert "1 of 1 rows; --json shows all of the text" in outcome.out


@pytest.mark.usefixtures("rejected")
def test_as_json_a_row_is_shown_whole(medallion: Medallion) -> None:
    (found,) = medallion(
        "quarantine", "show", "restaurant", "--table", "order_items", "--reason", "invalid_item_price", "--json"
    ).document["rows"]

    assert (found["file"], found["row_number"], found["key"]) == ("order_items.csv", 6, "o4")
    assert found["reasons"] == ["invalid_item_price"]
    assert found["record"]["item_name"] == LONG_NAME


@pytest.mark.usefixtures("rejected")
@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ((), [("order_item_options", 1), ("order_item_options", 2), ("order_items", 6), ("order_items", 7)]),
        (("--limit", "1"), [("order_item_options", 1)]),
        (("--reason", "missing_order_id"), [("order_item_options", 2)]),
        (("--reason", "order_id"), []),
        (("--file", "order_items.csv"), [("order_items", 6), ("order_items", 7)]),
        (("--table", "date_dim"), []),
    ],
)
def test_rows_are_chosen_by_table_reason_and_file(
    medallion: Medallion, options: tuple[str, ...], rows: list[tuple[str, int]]
) -> None:
    found = medallion("quarantine", "show", "restaurant", "--json", *options).document["rows"]

    assert [(row["table"], row["row_number"]) for row in found] == rows


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("list", "nope"), "error: product 'nope' is unknown"),
        (("show", "restaurant", "--table", "orders"), "error: --table orders: has no delivered rows; choose one of: "),
        (
            ("export", "restaurant", "--table", "order_items", "--output", "out"),
            "error: restaurant: there is nothing to correct; see: medallion quarantine list restaurant",
        ),
        (("export", "restaurant", "--table", "order_items"), "error: Missing option '--output'"),
        (("replay", "restaurant"), "error: restaurant: nothing was published yet in .medallion; check --home"),
        (("replay", "restaurant", "--set", "churn=60"), "error: rule 'churn' is unknown"),
    ],
)
def test_a_wrong_command_is_one_line_and_creates_nothing(
    medallion: Medallion, folder: Path, arguments: tuple[str, ...], line: str
) -> None:
    outcome = medallion("quarantine", *arguments)

    assert (outcome.code, outcome.err[: len(line)], list(folder.iterdir())) == (2, line, [])


def test_where_nothing_ran_quarantine_is_empty(medallion: Medallion, folder: Path) -> None:
    assert medallion("quarantine", "list", "restaurant").out == "restaurant: quarantine is empty\n"
    assert medallion("quarantine", "show", "restaurant", "--json").document == {
        "product": "restaurant",
        "row_count": 0,
        "rows": [],
    }
    assert list(folder.iterdir()) == []


def test_what_was_withheld_is_to_be_corrected_where_it_was_delivered(
    medallion: Medallion, warehouse: DuckDbWarehouse
) -> None:
    with warehouse.write() as session:
        insert_records(session, [_row(8, "ragged,withheld", "(withheld: …)", None)])

    found = medallion("quarantine", "list", "restaurant", "--json").document

    assert {
        group["reason"]: group["remedy"] for group in found["groups"] if group["table"] == "order_items"
    } == dict.fromkeys(("ragged", "withheld"), "correct the record in the file that was delivered, deliver that again")
