"""What is killed: a first load and an increment, each with what a run of it passes and leaves when left alone."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from command_line import CommandLine
from marts_reader import look
from restaurant_input import ITEMS_HEADER, OPTIONS_HEADER, write_csv

import medallion
from medallion.samples.restaurant import RestaurantSample, generate

ORDERS, SEED = 300, 11
LATER_FILE = "order_items_later.csv"
LATER_ORDER = "app,r1,2024-03-20T09:00:00Z,later,u1,,FALSE,USD,l1,Mains,Burger,10.00,1"
# Rejected with the first load: its line comes with the increment.
EARLY_OPTION = "waiting,l1,Extras,Cheese,1.00,1"
NEW_LINES = (
    "app,r1,2024-02-10T10:00:00Z,waiting,u1,,TRUE,USD,l1,Mains,Burger,10.00,1",
    "app,r1,2024-03-01T12:00:00Z,new,u2,,FALSE,USD,l1,Mains,Salad,8.00,1",
    "app,r1,2024-03-01T12:00:00Z,new,u2,,FALSE,USD,l2,Mains,Salad,abc,1",  # rejected: its price is no number
)
NEW_OPTIONS = ("new,l1,Extras,Cheese,1.00,2", "nowhere,l1,Extras,Cheese,1.00,1")
CORRECTED_LINES = 12
Look = dict[str, Any] | None


@dataclass(frozen=True)
class Undisturbed:
    """A home after runs that nobody disturbed, the last one's report, and what readers see of it."""

    home: Path
    report: dict[str, Any]

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    def seen(self) -> Look:
        with duckdb.connect(self.warehouse, read_only=True) as connection:
            found: Look = json.loads(json.dumps(look(connection)))
        return found


@dataclass(frozen=True)
class Scenario:
    """A run to be killed: its files, the home it starts from (None: an empty one), and how it ends undisturbed.

    `places` are those that the run passes, in order; `later` is the home once the later file was loaded too.
    """

    name: str
    engine: str
    input: Path
    base: Undisturbed | None
    done: Undisturbed
    later: Undisturbed
    places: tuple[str, ...]


def scenarios(folder: Path, engine: str) -> tuple[Scenario, Scenario]:
    """The first load of a generated sample, and then an increment of few rows."""
    first, second = folder / "first", folder / "second"
    generate(RestaurantSample(orders=ORDERS, seed=SEED, dirty=1.0), first)
    with (first / "order_item_options.csv").open("a", encoding="utf-8") as file:
        file.write(EARLY_OPTION + "\n")
    lines = (first / "order_items.csv").read_text(encoding="utf-8").splitlines()[1:]
    corrected = [_corrected(line) for line in lines[:: len(lines) // CORRECTED_LINES] if line.count(",") == 12]
    write_csv(second, "order_items_2.csv", ITEMS_HEADER, [*corrected, *NEW_LINES])
    write_csv(second, "order_item_options_2.csv", OPTIONS_HEADER, NEW_OPTIONS)
    load = _scenario(folder, "first load", engine, first, None)
    increment = _scenario(folder, "increment", engine, second, load.done)
    assert "updated" in {table["action"] for table in increment.done.report["tables"]}
    return load, increment


def _corrected(line: str) -> str:
    """A line of an order as delivered once more, with two of the item."""
    return line.rpartition(",")[0] + ",2"


def _scenario(folder: Path, name: str, engine: str, files: Path, base: Undisturbed | None) -> Scenario:
    """Runs what is to be killed without a disturbance, and after it, in a copy, the later file."""
    done, later, passed = (folder / f"{name}, {what}" for what in ("done", "later", "places"))
    if base:
        shutil.copytree(base.home, done)
    linked(files, done.with_suffix(".input"))
    report = CommandLine(done, engine).run("--input", str(done.with_suffix(".input")), passed=passed)
    shutil.copytree(done, later)
    deliver_later(done.with_suffix(".input"))
    later_report = CommandLine(later, engine).run("--input", str(done.with_suffix(".input")))
    return Scenario(
        name,
        engine,
        files,
        base,
        Undisturbed(done, report),
        Undisturbed(later, later_report),
        tuple(passed_places(passed)),
    )


def linked(files: Path, folder: Path) -> None:
    """A folder with the same delivered files."""
    folder.mkdir(parents=True)
    for file in files.glob("*.csv"):
        os.link(file, folder / file.name)


def deliver_later(folder: Path) -> None:
    write_csv(folder, LATER_FILE, ITEMS_HEADER, [LATER_ORDER])


def passed_places(file: Path) -> list[str]:
    """The names that a run noted in MEDALLION_FAULT_LOG, in order, each as often as it was passed."""
    return [line.partition("#")[0] for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


@cache
def declared_places() -> tuple[str, ...]:
    """The names in calls of `fault.point` as regular expressions, `.+` for what stands in braces."""
    found = set()
    for file in Path(medallion.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "fault.point":
                parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else [node.args[0]]
                found.add("".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in parts))
    return tuple(sorted(found))
