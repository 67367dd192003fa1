"""A home whose run is killed again and again, gone on with, and held against one where nobody disturbed the run."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from command_line import SECONDS, Attempt
from comparison import differences
from every_byte import found_in
from every_product import read_by, story_of
from kill_plan import Target
from kill_scenario import Look, Scenario, Undisturbed, command_of, passed_places, run_read_by
from warehouse_contents import Rows, counted, rejected_rows, rows, runs, unaccounted_tables

LONGEST_DELAY, LONGEST_START = 0.2, 1.5  # seconds, after a place and from the start
READER = Path(__file__).with_name("marts_reader.py")
StagedFiles = dict[Path, tuple[int, int, int]]


class Violation(AssertionError):  # noqa: N818
    """What a run after kills left otherwise than an undisturbed one."""


def expect(found: object, wanted: object, what: str) -> None:
    """Raises Violation unless they are equal; this is checked in a program without pytest too."""
    if found == wanted:
        return
    if isinstance(found, list) and isinstance(wanted, list):
        found, wanted = (list((Counter(a) - Counter(b)).elements()) for a, b in ((found, wanted), (wanted, found)))
    if isinstance(found, dict) and isinstance(wanted, dict):
        found, wanted = (dict(one.items() - other.items()) for one, other in ((found, wanted), (wanted, found)))
    raise Violation(f"{what}: {found!r} where {wanted!r} is right")


class DisturbedHome:
    """A home in which one run of a scenario is killed; `kills` tells the places and moments of it so far."""

    def __init__(self, folder: Path, scenario: Scenario) -> None:
        self.folder, self.scenario, self.product = folder, scenario, scenario.product
        self.home, self.origin = folder / "home", scenario.origin(folder / "input")
        self.command = command_of(self.product, self.home, scenario.engine, self.origin)
        self.warehouse = self.home / "warehouse.duckdb"
        if scenario.base:
            shutil.copytree(scenario.base, self.home)
        self._is_later_there = False
        self.kills: list[str] = []
        self._runs_before = len(self._runs())
        self._run_id, self._position, self._attempts = "", 0, 0
        self._once = {name for name, count in Counter(scenario.places).items() if count == 1}
        self._passed: set[str] = set()

    def kill(self, target: Target, rng: random.Random) -> bool:
        """Kill an attempt of the run; False where it no longer comes to the place, or ended before the moment."""
        is_behind = target.name in self._passed or (target.name not in self._once and target.position < self._position)
        if is_behind or self._status() == "succeeded":
            return False
        staged, passed = self.staged(), self.folder / f"places_{self._attempts}"
        self._attempts += 1
        if target.name:
            ahead = self.scenario.places[self._position : target.position + 1]
            place = f"{target.name}#{max(ahead.count(target.name), 1)}"
            child = self.command.start(*self.origin.options, kill_at=place, passed=passed)
            attempt = Attempt.of(child, SECONDS)
        else:
            number = rng.randint(0, target.position - self._position)
            seconds = rng.uniform(0.0, LONGEST_DELAY if number else LONGEST_START)
            place = f"{seconds:.3f} s after place {number}"
            attempt = self.command.killed_after(number, seconds, *self.origin.options, passed=passed)
        if not attempt.was_killed:
            expect(attempt.code, 0, f"exit code ({attempt.errors.strip()[-300:]})")
            return False
        self.kills.append(place)
        self._note_progress(passed_places(passed))
        self._check_interrupted(staged)
        if self._status() == "running" and self._takes_no_more():
            self._deliver_later()  # it comes too late for this run
        return True

    def finish(self, *, is_followed: bool) -> float:
        """Run to the end, and, where that is asked for, once more with the later delivery; the first run's seconds."""
        status, attempt, staged = self._status(), self._own_run()[2], self.staged()
        if status == "succeeded" and self._is_later_there:
            self.origin.take_back(self.scenario.number + 1)
            self._is_later_there = bool(self.product.table_sources)  # rows of a table cannot be taken back
        started = time.monotonic()
        report = self.command.run(*self.origin.options)
        seconds = time.monotonic() - started
        if status == "succeeded" and self._is_later_there:
            expect((report["status"], report["is_resumed"]), ("succeeded", False), "the run after one that was done")
            self.assert_equal(self.scenario.later)
            return seconds
        if status == "succeeded":  # nobody minds the lease of a dead process until there is something to do
            expect(report["status"], "nothing_to_do", "status after a kill behind the last publish")
        else:
            self._check_report(report, is_resumed=status == "running", staged=staged)
            expect(self._own_run()[1:3], ("succeeded", attempt + 1), "status and attempt of the run")
            expect(rows(self.warehouse, "SELECT * FROM control.lease"), [], "leases")
            if self._is_later_there and self.product.file_sources:
                expect([note for note in report["notes"] if "came after this run began" in note] != [], True, "a note")
        self.assert_equal(self.scenario.done)
        if is_followed:
            self._deliver_later()
            run_read_by(self.product, self.home, self.scenario.engine, self.origin)
            after = self.command.run(*self.origin.options)
            expect((after["status"], after["is_resumed"]), ("succeeded", False), "the run of the later delivery")
            self.assert_equal(self.scenario.later)
        return seconds

    def _takes_no_more(self) -> bool:
        """Whether what is delivered now comes too late for the run: its tables are read, its inputs chosen by it."""
        if self.scenario.later is None or read_by(self.product):
            return False
        return {f"intake.{source.name}.done" for source in self.product.table_sources} <= self._passed

    def _deliver_later(self) -> None:
        if not self._is_later_there:
            self.origin.deliver(self.scenario.number + 1)
        self._is_later_there = True

    def staged(self) -> StagedFiles:
        """Files of tables that are staged whole, by path: which file it is, when it was written, how long it is."""
        tables = [manifest.parent for manifest in self.home.glob(f"lake/staging/{self.product.name}/*/*/_staged.json")]
        found = {file: file.stat() for table in tables for file in table.rglob("*") if file.is_file()}
        return {file: (stat.st_ino, stat.st_mtime_ns, stat.st_size) for file, stat in found.items()}

    def _runs(self) -> Rows:
        if not self.warehouse.exists() or not rows(
            self.warehouse, "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'control' AND table_name = 'run'"
        ):
            return []
        return runs(self.warehouse)

    def _own_run(self) -> tuple[Any, ...]:
        own = self._runs()[self._runs_before :]
        expect(len(own) <= 1, True, f"one run only (there are {own})")
        return own[0] if own else ("", None, 0, None)

    def _status(self) -> str | None:
        status: str | None = self._own_run()[1]
        return status

    def _note_progress(self, passed: list[str]) -> None:
        """How far the run came: behind the last of the places that are passed once a run."""
        self._passed |= self._once & set(passed)
        self._position = max((self.scenario.places.index(name) + 1 for name in self._passed), default=0)

    def _check_interrupted(self, staged: StagedFiles) -> None:
        run_id, status, _, _ = self._own_run()
        if self._run_id:
            expect(run_id, self._run_id, "run id of the next attempt")
        self._run_id = run_id
        expect(found_in(self.home / "lake", story_of(self.product).secrets), {}, "secrets in the lake")
        if status == "running":
            now = self.staged()
            expect([file for file, stat in staged.items() if now.get(file) != stat], [], "staged files touched")

    def _check_report(self, report: dict[str, Any], *, is_resumed: bool, staged: StagedFiles) -> None:
        actions = {table["name"]: table["action"] for table in report["tables"]}
        undisturbed = {table["name"]: table["action"] for table in self.scenario.done.report["tables"]}
        finished = {file.parent.name for file in staged if file.name == "_staged.json"} & set(actions)
        wanted = {name: "reused" if name in finished else action for name, action in undisturbed.items()}
        expect(report["is_resumed"], is_resumed, "is_resumed")
        expect(report["run_id"], self._run_id or self._own_run()[0], "run id")
        expect(report["as_of"], self.scenario.done.report["as_of"], "as-of date")
        expect(actions, wanted, "what was done with tables")

    def assert_equal(self, other: Undisturbed | None) -> None:
        """Raises Violation unless tables, quarantine, records and files are those of the other home."""
        assert other is not None
        expect(differences(self.product, self.warehouse, other.warehouse), {}, "tables that differ")
        expect(rejected_rows(self.warehouse), rejected_rows(other.warehouse), "quarantine")
        found, wanted = counted(self.warehouse), counted(other.warehouse)
        for name, right in wanted.items():
            expect(found[name], right, f"control.{name}")
        expect(bronze_files(self.home), bronze_files(other.home), "files in bronze")
        expect(found_in(self.home, story_of(self.product).secrets), {}, "secrets")
        expect(list(self.home.glob("lake/staging/*/*")), [], "left over in staging")
        expect(unaccounted_tables(self.warehouse), [], "tables without a record, or records without a table")


def bronze_files(home: Path) -> list[str]:
    folder = home / "lake" / "bronze"
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


@contextmanager
def watched(home: DisturbedHome) -> Iterator[None]:
    """All through the block a process reads the marts; raises Violation unless it always saw a whole version."""
    scenario, totals = home.scenario, story_of(home.product).totals
    before = Undisturbed(scenario.base, home.product, {}).seen() if scenario.base else None
    with subprocess.Popen(
        [sys.executable, str(READER), str(home.warehouse), home.product.name, json.dumps(dict(totals))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        try:
            yield
        except BaseException:
            reader.kill()
            raise
        output, _ = reader.communicate(timeout=SECONDS)
    expect(reader.returncode, 0, "exit code of the reader")
    found = json.loads(output)
    versions: list[Look] = [before, scenario.done.seen()]
    versions += [scenario.later.seen()] if scenario.later else []
    for version in filter(None, versions):
        expect((len(version["as_of"]) <= 1, len(set(version["totals"].values()))), (True, 1), "as-of dates and totals")
    expect(found["looks"] > 0, True, "the reader looked")
    numbers = [versions.index(look) if look in versions else look for look in found["seen"]]
    expect([one for one in numbers if not isinstance(one, int)], [], "seen by readers, but no published version")
    expect(numbers, sorted(set(numbers)), "order of the versions that readers saw")
