"""How a product stands, and what ran."""

from __future__ import annotations

import pytest
from outcome import Medallion


def test_before_any_run_the_status_says_how_to_start(medallion: Medallion) -> None:
    outcome = medallion("status", "restaurant")

    assert (outcome.code, outcome.out) == (
        0,
        "restaurant: never run in .medallion/warehouse.duckdb; start with: medallion run restaurant --input DIR\n",
    )


def test_before_any_run_the_history_is_empty(medallion: Medallion) -> None:
    assert medallion("history", "--json").document == {"runs": []}


@pytest.mark.usefixtures("warehouse")
def test_a_failed_run_is_shown_with_its_reason_and_the_command_that_goes_on(medallion: Medallion) -> None:
    outcome = medallion("status", "restaurant")

    assert "why: order_items.csv: column 'ITEM_PRICE' is missing\n" in outcome.out
    assert "run again: medallion run restaurant --input 'in box'\n" in outcome.out


@pytest.mark.usefixtures("warehouse")
def test_what_was_published_before_a_failure_is_shown_with_it(medallion: Medallion) -> None:
    found = medallion("status", "restaurant", "--json").document

    assert (found["last_run"]["status"], found["version"], found["as_of"]) == ("failed", 3, "2024-02-21")
    assert [(mart["name"], mart["rows"]) for mart in found["marts"]] == [("loyalty_program_impact", 6)]


@pytest.mark.usefixtures("warehouse")
def test_a_row_with_two_reasons_counts_under_both(medallion: Medallion) -> None:
    found = medallion("status", "restaurant", "--json").document

    assert found["quarantine"] == [
        {"table": "order_item_options", "reason": "missing_order_id", "rows": 1},
        {"table": "order_item_options", "reason": "orphan", "rows": 2},
    ]


@pytest.mark.usefixtures("warehouse")
def test_the_history_lists_runs_of_all_products(medallion: Medallion) -> None:
    (run,) = medallion("history", "--json").document["runs"]

    assert (run["run_id"], run["product"], run["status"], run["started_at"]) == (
        "r1",
        "restaurant",
        "failed",
        "2024-03-01T12:00:00+00:00",
    )
