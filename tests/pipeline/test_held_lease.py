"""Two processes and one warehouse file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from kiosk import PRODUCT

from medallion.errors import BusyError
from medallion.lake import Lake
from medallion.pipeline.held_lease import held_lease
from medallion.pipeline.running import Workspace
from medallion.settings import Settings
from medallion.warehouse.duckdb import DuckDbWarehouse

LEASE_SECONDS = 5.0  # the shortest that settings allow


def a_workspace(home: Path) -> Workspace:
    return Workspace(
        settings=Settings(home=home, lease_seconds=LEASE_SECONDS),
        home=home,
        lake=Lake(str(home / "lake")),
        warehouse=DuckDbWarehouse(home / "warehouse.duckdb", wait_seconds=5),
    )


@pytest.fixture
def shared(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path)


@pytest.fixture
def other_process(shared: Workspace) -> Iterator[subprocess.Popen[str]]:
    """A process that has the lease until it is told to end."""
    process = subprocess.Popen(
        [sys.executable, __file__, str(shared.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def leases(workspace: Workspace) -> list[tuple[str, int, datetime, datetime]]:
    with workspace.warehouse.read() as session:
        return session.rows("SELECT product, pid, heartbeat_at, expires_at FROM control.lease")  # type: ignore[return-value]


def test_a_second_process_is_refused_and_told_who_has_the_lease(
    shared: Workspace, other_process: subprocess.Popen[str]
) -> None:
    with (
        pytest.raises(BusyError, match=rf"kiosk: another run holds it \(process {other_process.pid} on "),
        held_lease(shared, PRODUCT),
    ):
        pytest.fail("two processes hold one lease")


def test_the_lease_of_a_killed_process_is_taken_at_once(
    shared: Workspace, other_process: subprocess.Popen[str]
) -> None:
    other_process.kill()
    other_process.wait()

    with held_lease(shared, PRODUCT) as lease:
        assert lease.pid == os.getpid()


def test_a_process_that_ended_well_leaves_no_lease(shared: Workspace, other_process: subprocess.Popen[str]) -> None:
    other_process.communicate("end\n")

    assert other_process.returncode == 0
    assert leases(shared) == []


def test_the_heartbeat_moves_while_the_lease_is_held(shared: Workspace) -> None:
    with held_lease(shared, PRODUCT):
        ((_, pid, first_beat, first_end),) = leases(shared)
        deadline = time.monotonic() + 2 * LEASE_SECONDS
        beat, end = first_beat, first_end
        while beat == first_beat and time.monotonic() < deadline:
            time.sleep(0.2)
            ((_, _, beat, end),) = leases(shared)

    assert pid == os.getpid()
    assert beat > first_beat
    assert (end - beat) == (first_end - first_beat)


class Interrupted(DuckDbWarehouse):
    """A warehouse that fails the first beat in a way that nothing here knows."""

    beats = 0

    def transact(self, work: Any, is_done: Any = None) -> Any:
        if threading.current_thread().name == "lease":
            self.beats += 1
            if self.beats == 1:
                raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")
        return super().transact(work, is_done)


def test_the_heart_beats_on_whatever_a_beat_failed_of(shared: Workspace) -> None:
    warehouse = Interrupted(shared.home / "warehouse.duckdb", wait_seconds=5)
    with held_lease(replace(shared, warehouse=warehouse), PRODUCT):
        ((_, _, first_beat, _),) = leases(shared)
        deadline = time.monotonic() + 2 * LEASE_SECONDS
        while warehouse.beats < 3 and time.monotonic() < deadline:
            time.sleep(0.2)
        ((_, _, beat, _),) = leases(shared)

    assert beat > first_beat


def test_a_lease_is_given_back_when_the_run_fails(shared: Workspace) -> None:
    with pytest.raises(ValueError, match="a defect"), held_lease(shared, PRODUCT):
        raise ValueError("a defect")

    assert leases(shared) == []


if __name__ == "__main__":
    with held_lease(a_workspace(Path(sys.argv[1])), PRODUCT):
        print("held", flush=True)  # noqa: T201
        sys.stdin.readline()
