"""The restaurant with its lake in S3 and its marts on Redshift: the same rows as on one machine, whatever happens."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from redshift_emulator import ROLE, Fault
from redshift_place import Place
from redshift_wire import RefusedError
from restaurant_marts import on_one_machine, on_redshift

VIOLATION = RefusedError("1023", "Serializable isolation violation on table - 1, transactions forming the cycle are: 2")


def medallion(*arguments: object, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("medallion"), *map(str, arguments)],
        env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dirty files of the restaurant's, and a home beside them in which they were run on one machine."""
    folder = tmp_path_factory.mktemp("restaurant")
    made = medallion(
        "generate", "restaurant", "--orders", 60, "--seed", 1, "--dirty", 0.1, "--output", folder / "files"
    )
    assert made.returncode == 0, made.stderr
    run = medallion("run", "restaurant", "--input", folder / "files", "--home", folder / "home")
    assert run.returncode == 0, run.stderr
    return folder


def on_aws(place: Place, delivered: Path, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    secrets = {"MEDALLION_WAREHOUSE_PASSWORD": place.emulator.password, "MEDALLION_WAREHOUSE_ROLE": ROLE}
    s3 = {"AWS_ENDPOINT": os.environ["AWS_ENDPOINT_URL"], "AWS_ALLOW_HTTP": "true"}  # as the embedded engine wants it
    where = ("--home", home, "--lake", place.lake, "--warehouse", place.url)
    found = medallion(
        "run", "restaurant", "--input", delivered / "files", *where, environment={**secrets, **s3, **environment}
    )
    assert place.emulator.password not in found.stdout + found.stderr
    return found


def published_runs(place):
    sql = "SELECT layer, max(version), count(DISTINCT run_id) FROM control.version GROUP BY layer ORDER BY layer"
    return place.as_administrator(sql)


@pytest.mark.slow
def test_marts_are_those_of_one_machine_though_the_warehouse_takes_back_transactions(place, delivered, tmp_path):
    for statement in ("^COPY", "^INSERT INTO .control.*batch", "^COMMIT"):
        place.will(Fault(statement, VIOLATION))
    first = on_aws(place, delivered, tmp_path)
    assert first.returncode == 0, first.stderr
    assert on_redshift(place.warehouse) == on_one_machine(delivered / "home")

    again = on_aws(place, delivered, tmp_path)
    assert "nothing to do" in again.stdout
    assert published_runs(place) == [("gold", 1, 1), ("silver", 1, 1)]


@pytest.mark.slow
def test_a_run_killed_between_copy_and_commit_goes_on_and_ends_as_one_that_was_not(place, delivered, tmp_path):
    killed = on_aws(place, delivered, tmp_path, MEDALLION_KILL_AT="publish.gold.before_commit")
    assert killed.returncode == -signal.SIGKILL
    assert place.as_administrator("SELECT DISTINCT layer FROM control.version") == [("silver",)]

    assert on_aws(place, delivered, tmp_path).returncode == 0
    assert on_redshift(place.warehouse) == on_one_machine(delivered / "home")
    assert published_runs(place) == [("gold", 1, 1), ("silver", 1, 1)]


@pytest.mark.slow
def test_a_commit_of_the_marts_whose_answer_is_lost_is_found_and_not_published_twice(place, delivered, tmp_path):
    place.will(Fault("^COMMIT", after=True, since="CREATE OR REPLACE VIEW"))
    ended = on_aws(place, delivered, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert published_runs(place) == [("gold", 1, 1), ("silver", 1, 1)]
    assert on_redshift(place.warehouse) == on_one_machine(delivered / "home")
