"""Runs of some days or of some tables: what their options mean, and what is refused before anything is created."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from outcome import Medallion

from medallion.commands.run_options import RunOptions
from medallion.commands.wiring import request_of


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("backfill", "restaurant"), "error: Missing option '--from'"),
        (("backfill", "restaurant", "--from", "2024-01-01"), "error: Missing option '--to'"),
        (
            ("backfill", "restaurant", "--from", "01.02.2024", "--to", "2024-02-29"),
            "error: --from 01.02.2024: is not a date; write YYYY-MM-DD",
        ),
        (
            ("backfill", "restaurant", "--from", "2024-02-01", "--to", "2024-02-30"),
            "error: --to 2024-02-30: is not a date; write YYYY-MM-DD",
        ),
        (
            ("backfill", "restaurant", "--from", "2024-02-02", "--to", "2024-02-01"),
            "error: --from 2024-02-02: is after --to 2024-02-01; give the earlier day first",
        ),
        (
            ("backfill", "restaurant", "--from", "2024-02-01", "--to", "2024-02-01"),
            "error: restaurant: nothing was published yet in .medallion; check --home",
        ),
        (
            ("backfill", "restaurant", "--from", "2024-02-01", "--to", "2024-02-01", "--input", "x"),
            "error: No such option: --input",
        ),
        (
            ("plan", "restaurant", "--select", "orders"),
            "error: restaurant: nothing was published yet; run it whole first",
        ),
        (("plan", "restaurant", "--quiet"), "error: No such option: --quiet"),
    ],
)
def test_a_wrong_command_is_one_line_and_creates_nothing(
    medallion: Medallion, folder: Path, arguments: tuple[str, ...], line: str
) -> None:
    outcome = medallion(*arguments)

    assert (outcome.code, outcome.err[: len(line)], outcome.err.count("\n"), list(folder.iterdir())) == (2, line, 1, [])


@pytest.mark.usefixtures("warehouse")
def test_a_span_without_rows_is_refused(medallion: Medallion) -> None:
    outcome = medallion("backfill", "restaurant", "--from", "2024-02-01", "--to", "2024-02-02")

    line = "error: restaurant: orders has no rows from 2024-02-01 to 2024-02-02; check --from and --to\n"
    assert (outcome.code, outcome.err) == (2, line)


@pytest.mark.usefixtures("warehouse")
def test_an_unknown_table_is_refused_with_all_that_could_be_meant(medallion: Medallion) -> None:
    outcome = medallion("plan", "restaurant", "--select", "sales_trend+")

    assert outcome.code == 2
    assert "--select sales_trend+: restaurant has no table 'sales_trend'; choose from: order_items, " in outcome.err
    assert "source:order_items" in outcome.err


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, {"select": None, "is_full": False, "as_of": None}),
        ({"select": ["orders+ date_dim", "@orders"]}, {"select": ("orders+ date_dim", "@orders")}),
        ({"select": ["orders"], "full_refresh": True}, {"select": ("orders",), "is_full": True}),
        ({"as_of": "2024-02-21"}, {"as_of": date(2024, 2, 21)}),
        ({"input_folder": Path("in")}, {"input": Path("in")}),
    ],
)
def test_options_become_the_request(given: dict[str, Any], asked: dict[str, Any]) -> None:
    request = request_of("restaurant", RunOptions(**given))

    assert {name: getattr(request, name) for name in asked} == asked


@pytest.mark.parametrize("command", ["run", "plan"])
def test_help_explains_how_tables_are_selected(medallion: Medallion, command: str) -> None:
    text = " ".join(medallion(command, "--help").out.replace("│", " ").split())

    assert "--select" in text
    assert "+orders (with all it is built from), orders+ (with all built from it)" in text
