"""A home whose runs are killed, and what it is held against: a home where nobody disturbed the run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command_line import CommandLine
from comparison import differences
from restaurant_input import ITEMS_HEADER, write_csv
from warehouse_contents import counted, rejected_rows, runs, unaccounted_tables

from medallion.catalog import product

# A month after the newest generated order.
LATER_ORDER = "app,r1,2024-03-20T09:00:00Z,later,u1,,FALSE,USD,l1,Mains,Burger,10.00,1"
StagedFiles = dict[Path, tuple[int, int, int]]


@dataclass(frozen=True)
class Uninterrupted:
    """What a run that nobody disturbed came to, and how many events it told of."""

    input: Path
    warehouse: Path
    report: dict[str, Any]
    events: int


class DisturbedHome:
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


def assert_equal_warehouses(one: Path, other: Path) -> None:
    assert differences(product("restaurant"), one, other) == {}
    assert rejected_rows(one) == rejected_rows(other)
    assert counted(one) == counted(other)
