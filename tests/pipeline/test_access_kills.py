"""`medallion access approve`, killed at any place: the request is approved and on record as such, or neither."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import PROGRAM, SECONDS

from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse

NAMED = ("sales_erp.orders", "--for", "tool")


@pytest.fixture
def warehouse(tmp_path: Path) -> DuckDbWarehouse:
    opened = DuckDbWarehouse(tmp_path / "warehouse.duckdb")
    with opened.write() as session:
        create_control_tables(session)
    return opened


def access(warehouse: DuckDbWarehouse, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MEDALLION_")}
    home = str(Path(warehouse.location).parent)
    command = [str(PROGRAM), "access", *arguments, "--home", home]
    return subprocess.run(
        command, env=clean | environment, capture_output=True, text=True, check=False, timeout=SECONDS
    )


def record(warehouse: DuckDbWarehouse) -> tuple[Any, ...]:
    with warehouse.read() as session:
        requests = session.rows("SELECT number, state FROM control.access_request ORDER BY 1")
        return requests, session.rows("SELECT request_number, action FROM control.access_event ORDER BY number")


def test_a_command_that_is_killed_is_done_or_not_and_can_be_typed_again(warehouse: DuckDbWarehouse) -> None:
    assert access(warehouse, "request", *NAMED, "--purpose", "p", "--by", "carl").returncode == 0
    assert access(warehouse, "approve", *NAMED, "--by", "ana").returncode == 0
    assert access(warehouse, "request", *NAMED, "--purpose", "q", "--by", "carl").returncode == 0
    before = record(warehouse)
    after = (
        [(1, "replaced"), (2, "approved")],
        [(1, "requested"), (1, "approved"), (2, "requested"), (1, "replaced"), (2, "approved")],
    )

    # The first commit is that of the control tables; both rows and both events are written in the second.
    for place in ("access.request", "access.event", "access.request#2", "access.event#2", "warehouse.commit.begin#2"):
        killed = access(warehouse, "approve", *NAMED, "--by", "ana", MEDALLION_KILL_AT=place)
        assert (killed.returncode, record(warehouse)) == (-signal.SIGKILL, before), place
    last = access(warehouse, "approve", *NAMED, "--by", "ana", MEDALLION_KILL_AT="warehouse.commit.done#2")

    assert (last.returncode, record(warehouse)) == (-signal.SIGKILL, after)
    again = access(warehouse, "approve", *NAMED, "--by", "ana")
    assert (again.returncode, "was approved already by ana" in again.stderr) == (2, True)


def test_of_two_processes_that_approve_at_once_one_wins_and_the_other_is_told(warehouse: DuckDbWarehouse) -> None:
    access(warehouse, "request", *NAMED, "--purpose", "p", "--by", "carl")
    home = str(Path(warehouse.location).parent)
    children = [
        subprocess.Popen(
            [str(PROGRAM), "access", "approve", *NAMED, "--home", home, "--by", name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("ana", "bea")
    ]
    said = [child.communicate(timeout=SECONDS)[1] for child in children]

    assert sorted(child.returncode for child in children) == [0, 2]
    assert "was approved already by " in "".join(said)
    assert record(warehouse) == ([(1, "approved")], [(1, "requested"), (1, "approved")])
