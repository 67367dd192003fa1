"""kill -9 at any moment, the same command again, and everything is as if nothing had happened.

MEDALLION_SLOW_TESTS=1 kills a run of its own at every place there is, and at more random moments.
"""

from __future__ import annotations

import ast
import json
import os
import random
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from comparison import differences
from disturbed_home import DisturbedHome, StagedFiles, Uninterrupted, assert_equal_warehouses
from warehouse_contents import runs

import medallion
from medallion.catalog import product
from medallion.contracts import Layer
from medallion.samples.restaurant import RestaurantSample, generate

slow = pytest.mark.skipif(
    os.environ.get("MEDALLION_SLOW_TESTS") != "1", reason="takes minutes; MEDALLION_SLOW_TESTS=1 runs it"
)
SOURCES = ("order_items", "order_item_options", "date_dim")
TABLES = ("repeated_order_lines", "order_items", "date_dim", "customer_lifetime_value", "pricing_by_item")
LAYERS = ("silver", "gold")
BEFORE_THE_END = (
    "run.registered",
    *(f"intake.{source}.{what}" for source in SOURCES for what in ("reading", "done")),
    *(f"stage.{table}.{what}" for table in TABLES for what in ("begin", "written", "done")),
    *(f"audit.{layer}.done" for layer in LAYERS),
    *(f"publish.{layer}.{what}" for layer in LAYERS for what in ("begin", "tables", "before_commit")),
    "publish.silver.committed",
)
AFTER_THE_END = ("publish.gold.committed", "run.cleaned")
ONE_AFTER_ANOTHER = (
    "run.registered",
    "intake.order_items.reading",
    "intake.order_item_options.done",
    "stage.order_items.written",
    "stage.orders.done",
    "publish.silver.before_commit",
    "publish.silver.committed",
    "stage.sales_trends.begin",
    "publish.gold.tables",
)
# Spark starts slowly; what differs between the engines is what they leave half-written.
ONE_AFTER_ANOTHER_ON_SPARK = ("stage.order_items.written", "publish.silver.committed")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, engine_name: str) -> Uninterrupted:
    folder = tmp_path_factory.mktemp("uninterrupted")
    generate(RestaurantSample(orders=300, seed=11, dirty=1.0), folder / "input")
    report = CommandLine(folder / "home", engine_name).run("--input", str(folder / "input"))
    events = len(Path(report["log"]).read_text().splitlines())
    return Uninterrupted(folder / "input", folder / "home" / "warehouse.duckdb", report, events)


@pytest.fixture
def home(tmp_path: Path, uninterrupted: Uninterrupted, engine_name: str) -> DisturbedHome:
    return DisturbedHome(tmp_path, uninterrupted, engine_name)


@pytest.fixture
def reader(home: DisturbedHome) -> Iterator[subprocess.Popen[str]]:
    """A process that looks at the marts all the time."""
    script = Path(__file__).with_name("marts_reader.py")
    with subprocess.Popen(
        [sys.executable, str(script), str(home.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def what_was_seen(reader: subprocess.Popen[str]) -> list[dict[str, Any] | None]:
    """The different states of the marts that the reader saw, one after another."""
    output, _ = reader.communicate(timeout=60)
    found = json.loads(output)
    assert found["looks"] > 10, found
    seen: list[dict[str, Any] | None] = found["seen"]
    return seen


def assert_whole_versions(seen: list[dict[str, Any] | None]) -> None:
    """Before the first publish nothing, then always every mart, of one date, with one total."""
    marts = {step.table.name for step in product("restaurant").layer(Layer.GOLD)}
    versions = [state for state in seen if state]
    assert seen in (versions, [None, *versions])
    for state in versions:
        assert set(state["row_counts"]) == marts
        assert len(state["as_of"]) == 1, state
        assert len(set(state["net_amounts"].values())) == 1, state


def test_a_run_killed_again_and_again_ends_as_an_uninterrupted_one(
    home: DisturbedHome, reader: subprocess.Popen[str], tmp_path: Path
) -> None:
    is_spark = home.command.engine == "spark"
    places = ONE_AFTER_ANOTHER_ON_SPARK if is_spark else ONE_AFTER_ANOTHER
    staged: StagedFiles = {}
    for place in places:
        home.killed_at(place)
        found = home.staged()
        assert staged.items() <= found.items(), f"{place}: built again what was staged whole"
        staged = found
        if place == places[0]:
            home.deliver_later_order()
    report = home.run()
    home.assert_recovered(report, len(places), staged)
    assert "order_items_later.csv" in report["notes"][0]
    if is_spark:
        return

    # The next run takes in what was delivered later; the last kill comes when all of it is published already.
    home.killed_at("publish.gold.before_commit")
    home.killed_at("publish.gold.committed")
    assert home.run()["status"] == "nothing_to_do"
    assert runs(home.warehouse)[1][1:] == ("succeeded", 2, "2024-03-20")
    home.assert_nothing_left_over()
    seen = what_was_seen(reader)
    assert_whole_versions(seen)
    assert [state["as_of"] for state in seen if state] == [[home.expected.report["as_of"]], ["2024-03-20"]]

    at_once = CommandLine(tmp_path / "at_once", home.command.engine)
    at_once.run("--input", str(home.input))
    assert differences(product("restaurant"), home.warehouse, at_once.home / "warehouse.duckdb") == {}


@pytest.mark.parametrize(
    ("seed", "kills"), [(1, 2), *(pytest.param(seed, 4, marks=[slow, pytest.mark.slow]) for seed in range(2, 8))]
)
def test_the_moment_of_a_kill_does_not_matter(
    home: DisturbedHome, reader: subprocess.Popen[str], seed: int, kills: int
) -> None:
    if home.command.engine == "spark" and os.environ.get("MEDALLION_SLOW_TESTS") != "1":
        pytest.skip("Spark takes minutes; MEDALLION_SLOW_TESTS=1 runs it")
    moments, killed = random.Random(seed), 0
    for _ in range(kills):
        staged = home.staged()
        event, seconds = moments.randint(0, home.expected.events - 5), moments.uniform(0.0, 0.2)
        killed += home.command.killed_after(event, seconds, "--input", str(home.input))
        assert staged.items() <= home.staged().items() or not home.staged()
    assert killed  # later attempts may have ended: those before them had left little to do
    home.run()
    assert_equal_warehouses(home.warehouse, home.expected.warehouse)
    assert [run[1] for run in runs(home.warehouse)] == ["succeeded"]
    home.assert_nothing_left_over()
    assert_whole_versions(what_was_seen(reader))


@slow
@pytest.mark.slow
@pytest.mark.parametrize("place", BEFORE_THE_END)
def test_a_run_killed_at_a_place_is_gone_on_with(home: DisturbedHome, place: str) -> None:
    home.killed_at(place)
    staged = home.staged()
    home.deliver_later_order()
    home.assert_recovered(home.run(), 1, staged)


@slow
@pytest.mark.slow
@pytest.mark.parametrize("place", AFTER_THE_END)
def test_a_run_killed_after_its_last_publish_is_done(home: DisturbedHome, place: str) -> None:
    home.killed_at(place)
    assert home.run()["status"] == "nothing_to_do"
    assert_equal_warehouses(home.warehouse, home.expected.warehouse)
    home.assert_nothing_left_over()


def test_every_place_of_the_code_is_one_that_runs_are_killed_at() -> None:
    known = {*BEFORE_THE_END, *AFTER_THE_END}
    declared = set(declared_places())
    assert declared
    assert [pattern for pattern in declared if not any(re.fullmatch(pattern, place) for place in known)] == []
    assert [place for place in known if not any(re.fullmatch(pattern, place) for pattern in declared)] == []


def declared_places() -> Iterator[str]:
    """The names in calls of `fault.point` as regular expressions, `.+` for what stands in braces."""
    for file in Path(medallion.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "fault.point":
                parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else [node.args[0]]
                yield "".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in parts)
