"""An engine that is not there, or does not start, is told in one line with what to do instead."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from medallion import engine
from medallion.errors import EngineError

START = """
import sys
from pathlib import Path
from medallion import engine
from medallion.errors import EngineError
try:
    with engine.session("spark", Path(sys.argv[1]), master=sys.argv[2], memory="512m"):
        print("started")
except EngineError as error:
    print(error)
"""


SPLIT = """
import os, sys
from pathlib import Path
from medallion import engine
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
with engine.session("embedded", Path(sys.argv[1]), at_once=int(sys.argv[2])) as spark:
    spark.range(9).groupBy("id").count().explain()
assert not {"SAIL_EXECUTION__DEFAULT_PARALLELISM", "SAIL_PARQUET__ALLOW_SINGLE_FILE_PARALLELISM"} & set(os.environ)
"""


@pytest.mark.parametrize(("at_once", "is_split"), [(1, True), (2, False)])
def test_queries_that_run_side_by_side_share_the_cores(tmp_path: Path, at_once: int, is_split: bool) -> None:
    # In a process of its own, which has two cores: the tests share one session.
    child = subprocess.run(
        [sys.executable, "-c", SPLIT, tmp_path, str(at_once)], capture_output=True, text=True, check=True
    )

    assert ("RepartitionExec" in child.stdout) is is_split


def test_where_the_system_does_not_say_which_processors_a_process_may_use_they_are_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")  # as on macOS
    assert engine.cores() == os.cpu_count()


def test_an_unknown_engine_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as refused, engine.session("abacus", tmp_path):
        pytest.fail("there is no such engine")

    assert str(refused.value) == "engine 'abacus' is unknown; choose one of: embedded, spark"


@pytest.mark.parametrize(
    ("name", "missing", "other"), [("embedded", "pysail.spark", "spark"), ("spark", "pyspark.sql", "embedded")]
)
def test_an_engine_that_is_not_installed_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, missing: str, other: str
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(EngineError) as refused, engine.session(name, tmp_path):
        pytest.fail("it is not installed")

    assert re.fullmatch(
        rf"engine '{name}' is not installed \(.*{missing}.*\);"
        rf" pip install 'medallion\[{name}\]', or use --engine {other}",
        str(refused.value),
    )


@pytest.mark.slow
def test_spark_with_a_master_that_is_none_does_not_start(tmp_path: Path) -> None:
    # In a process of its own: two engines do not go together in one.
    child = subprocess.run(
        [sys.executable, "-c", START, tmp_path, "local[x]"],
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )

    assert re.fullmatch(r"engine 'spark' did not start at master 'local\[x\]': .+\n", child.stdout)
