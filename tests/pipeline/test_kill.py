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
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from comparison import differences
from restaurant_input import ITEMS_HEADER, write_csv
from warehouse_contents import counted, rejected_rows, runs, unaccounted_tables

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
# A month after the newest generated order.
LATER_ORDER = "app,r1,2024-03-20T09:00:00Z,later,u1,,FALSE,USD,l1,Mains,Burger,10.00,1"
StagedFiles = dict[Path, tuple[int, int, int]]


@dataclass(frozen=True)
class Uninterrupted:
    """What a run that nobody disturbed came to, and how long it took."""

    input: Path
    warehouse: Path
    report: dict[str, Any]
    seconds: float


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, engine_name: str) -> Uninterrupted:
    folder = tmp_path_factory.mktemp("uninterrupted")
    generate(RestaurantSample(orders=300, seed=11, dirty=1.0), folder / "input")
    started = time.monotonic()
    report = CommandLine(folder / "home", engine_name).run("--input", str(folder / "input"))
    seconds = time.monotonic() - started
    return Uninterrupted(folder / "input", folder / "home" / "warehouse.duckdb", report, seconds)


class Bench:
    """A home whose runs are killed, with an input folder of its own."""

    def __init__(self, folder: Path, uninterrupted: Uninterrupted, engine: str) -> None:
        self.input = folder / "input"
        self.input.mkdir()
        for file in uninterrupted.input.glob("*.csv"):
            os.link(file, self.input / file.name)
        self.command = CommandLine(folder / "home", engine)
        self.warehouse = folder / "home" / "warehouse.duckdb"
        self.expected = uninterrupted

    def run(self) -> dict[str, Any]:
        return self.command.run("--input", str(self.input))

    def killed_at(self, place: str) -> None:
        self.command.killed_at(place, "--input", str(self.input))

    def deliver_later_order(self) -> None:
        write_csv(self.input, "order_items_later.csv", ITEMS_HEADER, [LATER_ORDER])

    def staged(self) -> StagedFiles:
        """Files of tables that are staged whole, by path: which file it is, when it was written, how long it is."""
        tables = [manifest.parent for manifest in self.command.home.glob("lake/staging/restaurant/*/*/_staged.json")]
        found = {file: file.stat() for table in tables for file in table.rglob("*") if file.is_file()}
        return {file: (stat.st_ino, stat.st_mtime_ns, stat.st_size) for file, stat in found.items()}

    def assert_recovered(self, report: dict[str, Any], kills: int, staged: StagedFiles) -> None:
        """The run that was killed ended as the uninterrupted one did; `staged` is what its last attempt found."""
        assert_equal_warehouses(self.warehouse, self.expected.warehouse)
        assert (report["as_of"], report["is_resumed"]) == (self.expected.report["as_of"], True)
        assert runs(self.warehouse) == [(report["run_id"], "succeeded", kills + 1, report["as_of"])]
        actions = {table["name"]: table["action"] for table in report["tables"]}
        assert set(actions.values()) <= {"built", "reused"}
        finished = {file.parent.name for file in staged if file.name == "_staged.json"}
        assert {name for name, action in actions.items() if action == "reused"} == finished & set(actions)
        self.assert_nothing_left_over()

    def assert_nothing_left_over(self) -> None:
        assert list(self.command.home.glob("lake/staging/restaurant/*")) == []
        assert unaccounted_tables(self.warehouse) == []


@pytest.fixture
def bench(tmp_path: Path, uninterrupted: Uninterrupted, engine_name: str) -> Bench:
    return Bench(tmp_path, uninterrupted, engine_name)


@pytest.fixture
def reader(bench: Bench) -> Iterator[subprocess.Popen[str]]:
    """A process that looks at the marts all the time."""
    script = Path(__file__).with_name("marts_reader.py")
    with subprocess.Popen(
        [sys.executable, str(script), str(bench.warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process


def what_was_seen(reader: subprocess.Popen[str]) -> list[dict[str, Any] | None]:
    """The different states of the marts that the reader saw, one after another."""
    output, _ = reader.communicate(timeout=60)
    found = json.loads(output)
    assert found["looks"] > 10, found
    seen: list[dict[str, Any] | None] = found["seen"]
    return seen


def assert_equal_warehouses(one: Path, other: Path) -> None:
    assert differences(product("restaurant"), one, other) == {}
    assert rejected_rows(one) == rejected_rows(other)
    assert counted(one) == counted(other)


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
    bench: Bench, reader: subprocess.Popen[str], tmp_path: Path
) -> None:
    staged: StagedFiles = {}
    for place in ONE_AFTER_ANOTHER:
        bench.killed_at(place)
        found = bench.staged()
        assert staged.items() <= found.items(), f"{place}: built again what was staged whole"
        staged = found
        if place == "run.registered":
            bench.deliver_later_order()
    report = bench.run()
    bench.assert_recovered(report, len(ONE_AFTER_ANOTHER), staged)
    assert "order_items_later.csv" in report["notes"][0]

    # The next run takes in what was delivered later; the last kill comes when all of it is published already.
    bench.killed_at("publish.gold.before_commit")
    bench.killed_at("publish.gold.committed")
    assert bench.run()["status"] == "nothing_to_do"
    assert runs(bench.warehouse)[1][1:] == ("succeeded", 2, "2024-03-20")
    bench.assert_nothing_left_over()
    seen = what_was_seen(reader)
    assert_whole_versions(seen)
    assert [state["as_of"] for state in seen if state] == [[bench.expected.report["as_of"]], ["2024-03-20"]]

    at_once = CommandLine(tmp_path / "at_once", bench.command.engine)
    at_once.run("--input", str(bench.input))
    assert differences(product("restaurant"), bench.warehouse, at_once.home / "warehouse.duckdb") == {}


@pytest.mark.parametrize(
    ("seed", "kills"), [(1, 2), *(pytest.param(seed, 4, marks=[slow, pytest.mark.slow]) for seed in range(2, 8))]
)
def test_the_moment_of_a_kill_does_not_matter(
    bench: Bench, reader: subprocess.Popen[str], seed: int, kills: int
) -> None:
    moments = random.Random(seed)
    for _ in range(kills):
        staged = bench.staged()
        if not bench.command.killed_after(moments.uniform(0.3, bench.expected.seconds), "--input", str(bench.input)):
            break  # it had ended: the attempts before it had left little to do
        assert staged.items() <= bench.staged().items() or not bench.staged()
    bench.run()
    assert_equal_warehouses(bench.warehouse, bench.expected.warehouse)
    assert [run[1] for run in runs(bench.warehouse)] == ["succeeded"]
    bench.assert_nothing_left_over()
    assert_whole_versions(what_was_seen(reader))


@slow
@pytest.mark.slow
@pytest.mark.parametrize("place", BEFORE_THE_END)
def test_a_run_killed_at_a_place_is_gone_on_with(bench: Bench, place: str) -> None:
    bench.killed_at(place)
    staged = bench.staged()
    bench.deliver_later_order()
    bench.assert_recovered(bench.run(), 1, staged)


@slow
@pytest.mark.slow
@pytest.mark.parametrize("place", AFTER_THE_END)
def test_a_run_killed_after_its_last_publish_is_done(bench: Bench, place: str) -> None:
    bench.killed_at(place)
    assert bench.run()["status"] == "nothing_to_do"
    assert_equal_warehouses(bench.warehouse, bench.expected.warehouse)
    bench.assert_nothing_left_over()


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
