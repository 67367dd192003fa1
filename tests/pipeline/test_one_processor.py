"""On a machine with one processor the embedded engine plans other queries; the tables are the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import CommandLine
from comparison import differences
from every_product import EVERY_PRODUCT
from kill_scenario import command_of, run_read_by
from origins import Origin
from restaurant_input import write_input

from medallion.catalog import product
from medallion.data_product import DataProduct
from medallion.embedded.postgres import EmbeddedPostgres

PROCESSORS = "SAIL_EXECUTION__DEFAULT_PARALLELISM"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("MEDALLION_TEST_ENGINE") == "spark", reason="is about the embedded engine, in its own processes"
    ),
]


def test_few_orders_give_the_tables_that_several_processors_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_input(tmp_path / "input")
    made = []
    for processors in ("1", "2"):
        monkeypatch.setenv(PROCESSORS, processors)
        command = CommandLine(tmp_path / processors, "embedded")
        command.run("--input", str(tmp_path / "input"))
        made.append(command.home / "warehouse.duckdb")

    assert differences(product("restaurant"), *made) == {}


@EVERY_PRODUCT
def test_every_product_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: EmbeddedPostgres, known: DataProduct
) -> None:
    monkeypatch.setenv(PROCESSORS, "1")
    origin = Origin.new(known, tmp_path / "input", postgres.dsn)
    command = command_of(known, tmp_path / "home", "embedded", origin)
    origin.deliver(0)
    run_read_by(known, command.home, "embedded", origin)

    assert command.run(*origin.options)["status"] == "succeeded"
