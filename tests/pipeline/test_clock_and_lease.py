"""Clocks that go back, and runs that meet: which run is newer, which goes on, and who holds a product stay clear."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from bad_input import refused
from command_line import SECONDS, CommandLine
from restaurant_input import ITEMS_HEADER, NET_AMOUNT, write_csv, write_input
from warehouse_contents import rows, runs, unaccounted_tables

from medallion.errors import BusyError, MedallionError
from medallion.warehouse import control
from medallion.warehouse.lease import Holder, Lease
from medallion.warehouse.records import insert_records

if TYPE_CHECKING:
    from pathlib import Path

    from restaurant_input import Bench

    from medallion.pipeline.progress import Event

TIMES = {
    "run": ("started_at", "finished_at"),
    "batch": ("registered_at", "loaded_at"),
    "version": ("published_at",),
    "checkpoint": ("started_at", "finished_at"),
    "quality": ("checked_at",),
}
ELSEWHERE = Holder("another-machine", 4711, "boot.1")
DEAD = Holder(socket.gethostname(), os.getpid(), "boot.1")  # the process id is in use again by now


class StoppedError(MedallionError):
    """Ends a run from within a test's listener."""


def stop_at_gold(event: Event) -> None:
    if (event.layer, event.stage) == ("gold", "staged"):
        raise StoppedError("stopped by the test")


def set_clock_back(bench: Bench) -> None:
    """What is on record happened two hours later than now, as after a clock was put right."""
    with bench.workspace.warehouse.write() as session:
        for table, columns in TIMES.items():
            later = ", ".join(f"{column} = {column} + INTERVAL 2 HOUR" for column in columns)
            session.execute(f"UPDATE control.{table} SET {later}")


def deliver(bench: Bench, number: int) -> None:
    line = f"app,r1,2024-01-0{number}T09:00:00Z,o{number},u2,,FALSE,USD,l1,Mains,Burger,10.00,1"
    write_csv(bench.input, f"order_items_{number}.csv", ITEMS_HEADER, [line])


def hold(bench: Bench, holder: Holder, expires: timedelta) -> datetime:
    now = datetime.now(UTC).replace(microsecond=0)
    lease = Lease(
        product="restaurant",
        holder=str(holder),
        host=holder.host,
        pid=holder.pid,
        acquired_at=now,
        heartbeat_at=now,
        expires_at=now + expires,
    )
    with bench.workspace.warehouse.write() as session:
        insert_records(session, [lease])
    return lease.expires_at


def test_runs_after_the_clock_went_back_are_the_newer_ones(published: Bench) -> None:
    set_clock_back(published)
    deliver(published, 6)
    first = published.run().run_id
    deliver(published, 7)
    second = published.run().run_id

    with published.workspace.warehouse.read() as session:
        newest = [run.run_id for run in control.runs(session, "restaurant")]
        versions = {version.version for version in control.published_versions(session, "restaurant").values()}

    assert newest[:2] == [second, first]
    assert versions == {3}
    assert published.net_amount() == "59.50"


def test_a_run_interrupted_before_the_clock_went_back_goes_on(published: Bench) -> None:
    deliver(published, 6)
    with pytest.raises(StoppedError):
        published.run(listener=stop_at_gold)
    interrupted = published.value("SELECT run_id FROM control.run WHERE status = 'failed'")
    set_clock_back(published)

    report = published.run()

    assert (report.run_id, report.is_resumed) == (interrupted, True)
    assert published.net_amount() == "49.50"


@pytest.mark.parametrize(
    ("holder", "expires"),
    [
        pytest.param(DEAD, timedelta(hours=2), id="a dead process of this machine, from the future"),
        pytest.param(ELSEWHERE, timedelta(seconds=-1), id="another machine, expired"),
    ],
)
def test_a_lease_that_nobody_can_hold_any_more_is_taken_over(
    published: Bench, holder: Holder, expires: timedelta
) -> None:
    hold(published, holder, expires)
    deliver(published, 6)

    published.run()

    assert published.net_amount() == "49.50"
    assert published.rows("SELECT holder FROM control.lease") == []


def test_a_run_that_another_machine_took_over_and_ended_stays_as_that_one_left_it(published: Bench) -> None:
    """As after a machine was suspended for longer than its lease lasts."""
    warehouse = published.workspace.warehouse

    def end_elsewhere(event: Event) -> None:
        if (event.step, event.stage) == ("orders", "staged"):
            with warehouse.write() as session:
                [run_id] = session.rows("SELECT run_id FROM control.run WHERE status = 'running'")[0]
                session.execute("UPDATE control.lease SET holder = ?", (str(ELSEWHERE),))
                control.finish_run(session, run_id, datetime.now(UTC))

    deliver(published, 6)
    with pytest.raises(BusyError, match="another run holds it"):
        published.run(listener=end_elsewhere)

    assert published.rows("SELECT status, error FROM control.run ORDER BY number DESC LIMIT 1") == [("succeeded", None)]


def test_a_lease_of_another_machine_from_the_future_names_its_holder_and_its_end(published: Bench) -> None:
    end = hold(published, ELSEWHERE, timedelta(hours=2))
    deliver(published, 6)

    said = refused(published, BusyError)

    assert said.startswith("restaurant: another run holds it (process 4711 on another-machine, since ")
    assert said.endswith(f"; wait for it to end, or until {end:%Y-%m-%d %H:%M:%S} UTC if it is gone")


def test_of_two_commands_at_once_one_runs_and_the_other_waits_or_names_it(tmp_path: Path, engine_name: str) -> None:
    write_input(tmp_path / "input")
    command = CommandLine(tmp_path / "home", engine_name)
    children = [command.start("--input", str(tmp_path / "input")) for _ in range(2)]
    ended = {child.pid: (*child.communicate(timeout=SECONDS), child.returncode) for child in children}

    warehouse = command.home / "warehouse.duckdb"
    statuses = [json.loads(output)["status"] for output, _, code in ended.values() if code == 0]
    refusals = [output + errors for output, errors, code in ended.values() if code == BusyError.exit_code]
    assert len(statuses) + len(refusals) == len(children), ended
    assert statuses.count("succeeded") == 1
    assert set(statuses) <= {"succeeded", "nothing_to_do"}
    assert all(any(f"process {pid}" in said for pid in ended) for said in refusals)
    assert [status for _, status, _, _ in runs(warehouse)] == ["succeeded"]
    assert unaccounted_tables(warehouse) == []
    net_amount = rows(warehouse, "SELECT sum(net_amount) FROM restaurant.sales_trends WHERE period = 'day'")
    assert str(net_amount[0][0]) == NET_AMOUNT
