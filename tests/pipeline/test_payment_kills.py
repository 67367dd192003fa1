"""Runs on card payments that are killed at one place after the other end as an undisturbed one, and leave no card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from command_line import CommandLine
from comparison import differences
from every_byte import found_in
from kill_scenario import passed_places
from test_personal_data_stays_out import cards_of
from warehouse_contents import rejected_rows

from medallion.catalog import product
from medallion.samples.card_payments import CardPaymentsSample, generate

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 8


@pytest.mark.slow
def test_a_run_killed_at_place_after_place_ends_as_an_undisturbed_one(tmp_path: Path, engine_name: str) -> None:
    if engine_name == "spark":
        pytest.skip("Spark takes long; the embedded engine passes the same places")
    sample = CardPaymentsSample(transactions=300, stores=20, dirty=1.0, days_late=2)
    folder, passed = generate(sample, tmp_path / "input").folder, tmp_path / "passed"
    undisturbed, killed = (
        CommandLine(tmp_path / name, engine_name, product="card_payments") for name in ("undisturbed", "killed")
    )
    undisturbed.run("--input", str(folder), passed=passed)
    places = list(dict.fromkeys(passed_places(passed)))
    cards = cards_of(folder)

    for place in places[3 :: len(places) // KILLS]:
        killed.killed_at(place, "--input", str(folder))
        assert found_in(killed.home / "lake", cards) == {}, place
    killed.run("--input", str(folder))

    warehouses = [command.home / "warehouse.duckdb" for command in (undisturbed, killed)]
    assert differences(product("card_payments"), *warehouses) == {}
    assert rejected_rows(warehouses[0]) == rejected_rows(warehouses[1]) != []
    assert found_in(killed.home, cards) == {}
