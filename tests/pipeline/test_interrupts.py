"""Ctrl-C at any moment: a line, exit code 130, and the same command comes to what an undisturbed run publishes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from command_line import CommandLine
from comparison import differences
from warehouse_contents import rejected_rows, unaccounted_tables

from medallion import interruption
from medallion.catalog import product
from medallion.samples.restaurant import RestaurantSample, generate

if TYPE_CHECKING:
    from pathlib import Path

# Places passed, of nearly six hundred: as a run begins, takes files in, builds silver and gold, publishes.
MOMENTS = (1, 60, 180, 250, 400, 500)

LISTENING = """
import sys, time
from medallion import interruption
interruption.listen()
print("listening", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("interrupted", flush=True)
time.sleep(60)
"""

SERVED = """
import os, signal
from pathlib import Path
from medallion import engine, interruption
interruption.listen()
with engine.session("embedded", Path(".")) as spark:
    try:
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    except KeyboardInterrupt:
        print("interrupted", spark.range(3).count(), flush=True)
        os._exit(0)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, engine_name: str) -> Path:
    if engine_name == "spark":
        pytest.skip("Java ends at Ctrl-C by itself; the embedded engine is in the process that goes on")
    folder: Path = tmp_path_factory.mktemp("interrupted")
    generate(RestaurantSample(orders=500, seed=3, dirty=0.5), folder / "input")
    return folder


@pytest.fixture(scope="module")
def undisturbed(folder: Path, engine_name: str) -> Path:
    command = CommandLine(folder / "undisturbed", engine_name)
    command.run("--input", str(folder / "input"))
    return command.home / "warehouse.duckdb"


@pytest.mark.parametrize("places", MOMENTS)
def test_a_run_that_is_interrupted_says_so_and_goes_on(
    folder: Path, undisturbed: Path, engine_name: str, places: int
) -> None:
    command = CommandLine(folder / f"interrupted-{places}", engine_name)
    options = ("--input", str(folder / "input"))

    attempt = command.interrupted_after(places, *options, passed=folder / f"passed-{places}")
    report = command.run(*options)

    assert attempt.code == interruption.EXIT_CODE
    assert json.loads(attempt.output) == {"error": interruption.MESSAGE, "exit_code": interruption.EXIT_CODE}
    assert report["run_id"]
    warehouse = command.home / "warehouse.duckdb"
    assert differences(product("restaurant"), undisturbed, warehouse) == {}
    assert rejected_rows(undisturbed) == rejected_rows(warehouse) != []
    assert unaccounted_tables(warehouse) == []


def test_a_second_ctrl_c_ends_at_once() -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", LISTENING], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    for said in ("listening", "interrupted"):
        assert child.stdout.readline().strip() == said
        child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=30)

    assert (child.returncode, errors) == (130, f"error: {interruption.MESSAGE}\n")


def test_the_engine_within_the_process_outlives_ctrl_c(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVED], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stdout) == (0, "interrupted 3\n")
