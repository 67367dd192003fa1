"""The restaurant as deployed: from files in Google Drive to marts on Redshift, by its own state machine.

Whatever fails on the way, the marts are those of a run on one machine.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_services import AwsServices, overloaded
from drive_api import DriveApi
from flow_bench import FlowBench
from infra.code import Code
from redshift_emulator import Fault
from redshift_place import redshift_place
from redshift_wire import RefusedError
from restaurant_marts import on_one_machine, on_redshift
from small_postgres import databases_dropped
from source_bench import SourceBench
from synthesised import Synthesised, code_in, context_of_cdk_json, synthesise

from medallion.embedded.postgres import EmbeddedPostgres

RULE = ("--set", "churn_after_days=60")
STEPS = ["drive_ingest", "source_load", "bronze", "silver", "gold"]
VIOLATION = RefusedError("1023", "Serializable isolation violation on table - 1, transactions forming the cycle are: 2")


def medallion(*arguments: object) -> None:
    command = [str(Path(sys.executable).with_name("medallion")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dirty files of two days, one after the other, and a home in which both were run on one machine."""
    folder = tmp_path_factory.mktemp("delivered")
    for day, orders in (("first", 60), ("second", 80)):
        medallion("generate", "restaurant", "--orders", orders, "--seed", 1, "--dirty", 0.1, "--output", folder / day)
    for day, home in (("first", "home"), ("second", "later")):
        medallion("run", "restaurant", "--input", folder / "first", "--home", folder / home, *RULE)
        if day == "second":
            replaced(folder / "first", folder / "second")
            medallion("run", "restaurant", "--input", folder / "second", "--home", folder / home, *RULE)
    return folder


def replaced(first: Path, second: Path) -> None:
    """Of the second day only the orders are new; else it is as the first."""
    for path in second.glob("*.csv"):
        if not path.name.startswith("order_item"):
            path.unlink()


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    return code_in(tmp_path_factory.mktemp("deployed"))


@pytest.fixture(scope="module")
def templates(code: Code) -> Synthesised:
    return synthesise(context_of_cdk_json(), code, code.staging.parent / "out")


@pytest.fixture
def flow(
    aws: AwsServices,
    drive_server: DriveApi,
    postgres: EmbeddedPostgres,
    templates: Synthesised,
    code: Code,
    tmp_path: Path,
) -> Iterator[FlowBench]:
    drive_server.reset()
    with databases_dropped(), redshift_place() as place:
        source = SourceBench.new(aws, postgres, handler=None)
        bench = FlowBench(aws, drive_server, source, place, templates, code, tmp_path)
        with bench.deployed() as flow:
            yield flow


def published(flow: FlowBench) -> list[tuple[Any, ...]]:
    sql = "SELECT layer, max(version), count(DISTINCT run_id) FROM control.version GROUP BY layer ORDER BY layer"
    return flow.place.as_administrator(sql)


@pytest.mark.slow
def test_files_of_a_drive_folder_become_the_marts_of_one_machine_and_twice_is_once(
    flow: FlowBench, delivered: Path
) -> None:
    flow.deliver(delivered / "first")
    first = flow.run("night-1")
    assert (first["status"], flow.ran) == ("SUCCEEDED", STEPS), flow.output
    assert on_redshift(flow.place.warehouse) == on_one_machine(delivered / "home")
    assert flow.place.as_administrator("SELECT run_id, status FROM control.run") == [("night-1", "succeeded")]

    again = flow.run("night-2")
    assert (again["status"], flow.ran) == ("SUCCEEDED", STEPS), flow.output
    assert published(flow) == [("gold", 1, 1), ("silver", 1, 1)]

    flow.deliver(delivered / "second")
    later = flow.run("night-3")
    assert later["status"] == "SUCCEEDED", flow.output
    assert on_redshift(flow.place.warehouse) == on_one_machine(delivered / "later")
    assert not [secret for secret in (flow.source.password, flow.place.emulator.password) if secret in flow.output]


@pytest.mark.slow
def test_whatever_fails_on_the_way_the_marts_are_the_same(flow: FlowBench, delivered: Path) -> None:
    flow.deliver(delivered / "first")
    flow.drive.fail("media", status=429, reason="rateLimitExceeded", times=3)
    flow.kill_at = {"bronze": "intake.order_items.done", "gold": "publish.gold.before_commit"}
    for statement in ("^COPY", "^INSERT INTO .control.*batch", "^COMMIT"):
        flow.place.will(Fault(statement, VIOLATION))

    with overloaded("GET", "/landing/restaurant/", times=2) as reads, overloaded("PUT", "/lake/", times=2) as writes:
        ended = flow.run("night-1")

    assert ended["status"] == "SUCCEEDED", flow.output
    assert flow.ran == ["drive_ingest", "source_load", "bronze", "bronze", "silver", "gold", "gold"]
    assert (len(reads), len(writes)) == (2, 2)
    assert on_redshift(flow.place.warehouse) == on_one_machine(delivered / "home")
    assert published(flow) == [("gold", 1, 1), ("silver", 1, 1)]


@pytest.mark.slow
def test_a_file_that_cannot_be_read_stops_the_run_with_its_line_and_the_next_one_goes_on(
    flow: FlowBench, delivered: Path
) -> None:
    flow.deliver(delivered / "first")
    whole = (delivered / "first" / "date_dim.csv").read_bytes()
    flow.drive.add("id-of-date_dim.csv", "date_dim.csv", whole.replace(b"week", b"weak", 1))
    stopped = flow.run("night-1")
    assert (stopped["status"], stopped["error"]) == ("FAILED", "RunFailed")
    assert "date_dim.csv: column 'week' is missing" in stopped["cause"]
    (said,) = flow.machine.messages()
    assert stopped["cause"] in said["Message"]

    flow.drive.add("id-of-date_dim.csv", "date_dim.csv", whole)
    ended = flow.run("night-2")
    assert ended["status"] == "SUCCEEDED", flow.output
    assert on_redshift(flow.place.warehouse) == on_one_machine(delivered / "home")
