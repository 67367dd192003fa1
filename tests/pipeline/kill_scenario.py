"""What is killed: a product's first load and an increment, each with what a run passes and leaves when left alone."""

from __future__ import annotations

import ast
import json
import re
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from command_line import CommandLine
from every_product import read_by, story_of
from marts_reader import look
from origins import Origin

import medallion
from medallion.data_product import DataProduct

# Places that no run on one machine passes are tried by the tests of the commands, or of the warehouse, that pass them.
NOT_OF_RUNS = ("access", re.escape("warehouse.copy_in.examined"))
Look = dict[str, Any] | None


@dataclass(frozen=True)
class Undisturbed:
    """A home after runs that nobody disturbed, the last one's report, and what readers see of it."""

    home: Path
    product: DataProduct
    report: dict[str, Any]

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    def seen(self) -> Look:
        with duckdb.connect(self.warehouse, read_only=True) as connection:
            found = look(connection, self.product.name, story_of(self.product).totals)
        seen: Look = json.loads(json.dumps(found))
        return seen


@dataclass(frozen=True)
class Scenario:
    """A run to be killed: of a product, the delivery of that `number`, on what was delivered before.

    `base` is the home it starts from (None: an empty one), `done` how it ends undisturbed, and `later` the home once
    the delivery after it was loaded too; None: nobody asks for it. `places` are those that the run passes, in order.
    """

    name: str
    product: DataProduct
    engine: str
    server_dsn: str
    number: int
    base: Path | None
    done: Undisturbed
    later: Undisturbed | None
    places: tuple[str, ...]

    def origin(self, folder: Path) -> Origin:
        """What the run finds, for a home of its own; of files those that came before are gone by now."""
        return origin_after(self.product, folder, self.server_dsn, self.number)


def origin_after(product: DataProduct, folder: Path, server_dsn: str, number: int) -> Origin:
    origin = Origin.new(product, folder, server_dsn)
    for one in range(number + 1):
        for file in origin.folder.iterdir():
            file.unlink()
        origin.deliver(one)
    return origin


def command_of(product: DataProduct, home: Path, engine: str, origin: Origin) -> CommandLine:
    return CommandLine(home, engine, product=product.name, dsn=origin.dsn)


def run_read_by(product: DataProduct, home: Path, engine: str, origin: Origin) -> None:
    """Run the products that a product reads, so that what was delivered to them is published."""
    names = [one.name for one in read_by(product)]
    if names:
        CommandLine(home, engine, product=" ".join(names), dsn=origin.dsn).run()


def scenarios(
    product: DataProduct, folder: Path, engine: str, server_dsn: str, *, is_followed: bool
) -> tuple[Scenario, Scenario]:
    """The first load, and then an increment of few rows; what followed the increment only if that is asked for."""
    bases, homes, places = [], [], []
    origin: Origin | None = None
    for number in range(3 if is_followed else 2):
        origin = origin or Origin.new(product, folder / "input", server_dsn)
        home, passed = folder / f"after_{number}", folder / f"places_{number}"
        if homes:
            shutil.copytree(homes[-1].home, home)
        for file in origin.folder.iterdir():
            file.unlink()
        origin.deliver(number)
        run_read_by(product, home, engine, origin)
        base = folder / f"before_{number}"
        if home.exists():
            shutil.copytree(home, base)
        report = command_of(product, home, engine, origin).run(*origin.options, passed=passed)
        bases.append(base if base.exists() else None)
        homes.append(Undisturbed(home, product, report))
        places.append(tuple(passed_places(passed)))

    def scenario(name: str, number: int) -> Scenario:
        later = homes[number + 1] if is_followed else None
        about = (f"{product.name}, {name}", product, engine, server_dsn, number)
        return Scenario(*about, bases[number], homes[number], later, places[number])

    return scenario("first load", 0), scenario("increment", 1)


def passed_places(file: Path) -> list[str]:
    """The names that a run noted in MEDALLION_FAULT_LOG, in order, each as often as it was passed."""
    return [line.partition("#")[0] for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


@cache
def declared_places() -> tuple[str, ...]:
    """The names in calls of `fault.point` that runs pass, as regular expressions, `.+` for what stands in braces."""
    found = set()
    for file in Path(medallion.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "fault.point":
                parts = node.args[0].values if isinstance(node.args[0], ast.JoinedStr) else [node.args[0]]
                found.add("".join(re.escape(part.value) if isinstance(part, ast.Constant) else ".+" for part in parts))
    return tuple(sorted(one for one in found if not one.startswith(NOT_OF_RUNS)))
