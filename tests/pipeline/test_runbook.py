"""Every command of docs/runbook.md is typed, in order, where things stand as its section says; on AWS it is read."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from botocore import xform_name
from botocore.session import get_session
from command_line import CommandLine
from operational_systems import Systems
from restaurant_input import ITEMS, ITEMS_HEADER, write_csv, write_input

from medallion.cli import main

RUNBOOK = Path(__file__).parents[2] / "docs" / "runbook.md"
BEGINNING = "Runbook"
LINE = "app,r1,2024-01-05T12:00:00Z,{order},u1,,FALSE,USD,l1,Mains,Salad,{price},1"


@dataclass
class Desk:
    """Where somebody sits and types: a folder with `exports/`, a home, and operational systems."""

    folder: Path
    engine: str
    screen: pytest.CaptureFixture[str]
    environment: pytest.MonkeyPatch
    systems: Systems

    @property
    def exports(self) -> Path:
        return self.folder / "exports"

    @property
    def warehouse(self) -> Path:
        return self.folder / "home" / "warehouse.duckdb"

    def types(self, line: str) -> tuple[int, str]:
        """The exit code of a command, and what it printed."""
        words = shlex.split(line)
        with self.environment.context() as for_this_line:
            while "=" in words[0]:
                name, _, value = words.pop(0).partition("=")
                for_this_line.setenv(name, value)
            assert words.pop(0) == "medallion", line
            self.screen.readouterr()
            code = main(words)
        printed = self.screen.readouterr()
        return code, printed.out + printed.err

    def sql(self, statement: str, *parameters: object) -> None:
        with duckdb.connect(self.warehouse) as connection:
            connection.execute(statement, parameters)


def sections() -> dict[str, list[str]]:
    """The commands of each section, by its heading."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^#+ ", RUNBOOK.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        blocks = re.findall(r"```sh\n(.*?)```", part, flags=re.DOTALL)
        found[part.partition("\n")[0]] = [line for block in blocks for line in block.splitlines() if line]
    return found


def published(desk: Desk) -> None:
    assert desk.types("medallion run restaurant --input exports")[0] == 0


def killed(desk: Desk) -> None:
    CommandLine(desk.folder / "home", desk.engine).killed_at("publish.silver.committed", "--input", str(desk.exports))


def stopped_by_a_check(desk: Desk) -> None:
    limits = json.dumps({"restaurant.order_items": {"count": 0}})
    code, printed = desk.types(f"MEDALLION_REJECT_LIMITS='{limits}' medallion run restaurant --input exports")
    assert (code, "nothing was published" in printed) == (4, True)
    write_csv(desk.exports, "order_items.csv", ITEMS_HEADER, [row for row in ITEMS if ",abc," not in row])


def stopped_by_rejects(desk: Desk) -> None:
    rows = [LINE.format(order=f"o{n}", price="8.00" if n % 3 else "eight") for n in range(600)]
    write_csv(desk.exports, "order_items.csv", ITEMS_HEADER, rows)
    code, printed = desk.types("medallion run restaurant --input exports")
    assert (code, "rejects_are_within_the_limit" in printed, "invalid_item_price 200" in printed) == (4, True, True)


def stopped_by_deletions(desk: Desk) -> None:
    desk.systems.add_customers(*range(1, 31))
    desk.environment.setenv("MEDALLION_SOURCE_DSN", desk.systems.dsn)
    assert desk.types("medallion run sales_crm")[0] == 0
    desk.systems.execute("DELETE FROM sources.crm_customers")
    code, printed = desk.types("medallion run sales_crm")
    assert (code, "deletions_are_within_the_limit" in printed) == (4, True)


def with_an_app_left_out(desk: Desk) -> None:
    write_csv(desk.exports, "order_items_2.csv", ITEMS_HEADER, ["test" + LINE.format(order="o8", price="8.00")])
    left_out = """--set 'excluded_app_names=["testapp"]'"""
    assert desk.types(f"medallion run restaurant --input exports {left_out}")[0] == 0


def stopped_by_a_file(desk: Desk) -> None:
    good = (desk.exports / "order_items.csv").read_text()
    (desk.exports / "order_items.csv").write_text(good.replace("ITEM_PRICE", "PRICE"))
    code, printed = desk.types("medallion run restaurant --input exports")
    assert (code, "ITEM_PRICE" in printed.upper()) == (3, True)
    (desk.exports / "order_items.csv").write_text(good)


def held_elsewhere(desk: Desk) -> None:
    published(desk)
    write_csv(desk.exports, "order_items_2.csv", ITEMS_HEADER, [LINE.format(order="o8", price="8.00")])
    now = datetime.now(UTC).replace(tzinfo=None)
    held = "INSERT INTO control.lease VALUES ('restaurant', 'elsewhere/1/x', 'elsewhere', 1, NULL, $1, $1, $2)"
    desk.sql(held, now, now + timedelta(seconds=60))
    code, printed = desk.types("medallion run restaurant --input exports")
    assert (code, "another run holds it (process 1 on elsewhere" in printed) == (5, True)
    desk.sql("UPDATE control.lease SET expires_at = $1", now)


def with_two_versions(desk: Desk) -> None:
    published(desk)
    assert desk.types("medallion run restaurant --set churn_after_days=2")[0] == 0


def with_a_broken_contract(desk: Desk) -> None:
    published(desk)
    lost = """replace(contract, '{"columns": [', '{"columns": [["lost", "bigint", true], ')"""
    desk.sql(f"UPDATE control.version SET contract = {lost} WHERE table_name = 'churn_indicators'")


def without_a_warehouse(desk: Desk) -> None:
    published(desk)
    desk.warehouse.unlink()


STANDINGS: dict[str, Callable[[Desk], None]] = {
    BEGINNING: published,
    "The run was killed, or the machine went down": killed,
    "A check failed: `nothing was published`": stopped_by_a_check,
    "Too many rows were rejected: `rejects_are_within_the_limit`": stopped_by_rejects,
    "Rows of a database table are gone: `deletions_are_within_the_limit`": stopped_by_deletions,
    "Rows are missing: quarantine": with_an_app_left_out,
    "A file cannot be read: column missing, damaged, empty": stopped_by_a_file,
    "`another run holds it`": held_elsewhere,
    "`in use by process …`: the warehouse file is open elsewhere": published,
    "`no space left`": with_two_versions,
    "The numbers are wrong, and they are public": with_two_versions,
    "`its contract breaks what is published`": with_a_broken_contract,
    "Days must be read again": published,
    "Only one mart is to be built": published,
    "Somebody cannot read a port, or must not any more": published,
    "The warehouse is lost, or cannot be trusted": without_a_warehouse,
}
ON_AWS = ("On AWS, alarm `SourceStorageLow`: the source database runs full",)
# Commands that are meant to fail, by what they say.
REFUSED = {"medallion plan restaurant": (2, "column 'lost' is gone")}


@pytest.fixture
def desk(
    tmp_path: Path,
    engine_name: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    spark: object,
    systems: Systems,
) -> Desk:
    write_input(tmp_path / "exports")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MEDALLION_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MEDALLION_ENGINE", engine_name)
    return Desk(tmp_path, engine_name, capsys, monkeypatch, systems)


def test_every_section_is_tried() -> None:
    assert list(sections()) == [*STANDINGS, *ON_AWS]
    assert all(sections().values())


@pytest.mark.parametrize("heading", ON_AWS)
def test_the_commands_on_aws_are_those_of_its_services(heading: str) -> None:
    for line in sections()[heading]:
        program, service, command, *words = shlex.split(line)
        model = get_session().get_service_model(service)
        operation = model.operation_model({xform_name(name, "-"): name for name in model.operation_names}[command])
        known = {xform_name(name, "-") for name in operation.input_shape.members}
        given = {word.removeprefix("--") for word in words if word.startswith("--")}
        required = {xform_name(name, "-") for name in operation.input_shape.required_members}
        assert (program, given - known - {"query"}, required - given) == ("aws", set(), set()), line


@pytest.mark.parametrize("heading", STANDINGS)
def test_the_commands_of_a_section_do_what_it_says(desk: Desk, heading: str) -> None:
    STANDINGS[heading](desk)
    for line in sections()[heading]:
        expected, words = REFUSED.get(line, (0, "")) if "contract" in heading else (0, "")
        code, printed = desk.types(line)
        assert (code, words in printed) == (expected, True), f"{line}\n{printed}"
    assert desk.types("medallion run restaurant --input exports")[0] == 0
    code, printed = desk.types("medallion status restaurant --json")
    assert (code, json.loads(printed)["last_run"]["status"]) == (0, "succeeded")
