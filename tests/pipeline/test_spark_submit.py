"""The thin script of `glue_jobs/`, started by `spark-submit` as a cluster would start it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import CommandLine
from comparison import differences
from warehouse_contents import counted, rejected_rows, rows

from medallion.catalog import product
from medallion.embedded.java import java_home
from medallion.samples.restaurant import RestaurantSample, generate

SCRIPT = Path(__file__).parents[2] / "glue_jobs" / "run.py"
SUBMIT = Path(sys.executable).with_name("spark-submit")
# Of a few thousand rows, compiling code for each query takes longer than computing it.
INTERPRETED = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
}


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("MEDALLION_TEST_ENGINE") == "spark", reason="the tests of the embedded engine include it"
    ),
]


def submitted(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MEDALLION_", "SPARK_"))}
    java = java_home(folder / "java")
    if java is not None:
        environment["JAVA_HOME"] = str(java)
    configured = [part for name, value in INTERPRETED.items() for part in ("--conf", f"{name}={value}")]
    return subprocess.run(
        [str(SUBMIT), "--master", "local[2]", *configured, str(SCRIPT), *arguments],
        env={**environment, "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_spark_submit_publishes_what_the_command_line_publishes(tmp_path: Path) -> None:
    sample = RestaurantSample(orders=2000, seed=21, dirty=1.0, days_late=3)
    folder = str(generate(sample, tmp_path / "input").folder)
    home = tmp_path / "home"
    done = submitted(tmp_path, "run", "restaurant", "--input", folder, "--home", str(home), "--json")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    assert json.loads(done.stdout)["status"] == "succeeded"
    assert rows(home / "warehouse.duckdb", "SELECT engine, status FROM control.run") == [("spark", "succeeded")]

    command = CommandLine(tmp_path / "embedded", "embedded")
    command.run("--input", folder)
    submitted_to, other = home / "warehouse.duckdb", command.home / "warehouse.duckdb"
    assert differences(product("restaurant"), submitted_to, other) == {}
    assert rejected_rows(submitted_to) == rejected_rows(other) != []
    assert counted(submitted_to) == counted(other)


def test_an_error_is_one_line_and_the_exit_code_of_the_command_line(tmp_path: Path) -> None:
    done = submitted(tmp_path, "run", "restaurant", "--input", str(tmp_path / "nowhere"), "--home", str(tmp_path))
    assert done.returncode == 3
    told = [line for line in done.stdout.splitlines() if "nowhere" in line]  # spark-submit joins the two outputs
    assert len(told) == 1
    assert told[0].startswith("error: ")
    assert "Traceback" not in done.stdout + done.stderr
