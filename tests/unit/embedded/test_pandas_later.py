"""pandas takes half a second to load and no run needs it: it is loaded when something of it is used, and not before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

IS_LOADED = "print('pandas.core' in __import__('sys').modules)"
LATER = "from medallion.embedded.pandas_later import load_pandas_later; load_pandas_later()"
RUN = """
import sys
from pathlib import Path
from medallion.cli import main
from medallion.embedded.pandas_later import load_pandas_later
load_pandas_later()
folder = Path(sys.argv[1])
main(["generate", "restaurant", "--orders", "30", "--dirty", "0.1", "--output", str(folder / "in")])
main(["run", "restaurant", "--input", str(folder / "in"), "--home", str(folder / "home"), "--quiet"])
"""
WITH_SESSION = """
import sys
from pathlib import Path
from medallion import engine
from medallion.embedded.pandas_later import load_pandas_later
load_pandas_later()
with engine.session("embedded", Path(sys.argv[1])) as spark:
    rows = spark.sql("SELECT 1 AS a, 'x' AS b")
"""


def printed(tmp_path: Path, *lines: str) -> list[str]:
    """What a new process prints that runs the lines."""
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_run_that_rejects_rows_and_publishes_marts_does_not_load_pandas(tmp_path: Path) -> None:
    assert printed(tmp_path, RUN, IS_LOADED)[-1] == "False"


def test_rows_of_the_engine_become_a_frame_of_pandas_and_back(tmp_path: Path) -> None:
    lines = printed(
        tmp_path,
        WITH_SESSION,
        "    frame = rows.toPandas()",
        "    print(type(frame).__name__, frame.to_dict('records'))",
        "    print(spark.createDataFrame(frame).collect())",
    )

    assert lines == ["DataFrame [{'a': 1, 'b': 'x'}]", "[Row(a=1, b='x')]"]


@pytest.mark.parametrize(
    ("use", "result"),
    [
        ("import pandas; print(pandas.NA)", "<NA>"),
        ("from pandas import DataFrame; print(len(DataFrame({'a': [1, 2]})))", "2"),
        ("import pandas.tseries.offsets as offsets; print(offsets.Day(2).n)", "2"),
        ("from pandas.api.types import is_integer; print(is_integer(3))", "True"),
        ("import pandas.api.types as types; print(types.is_bool(True))", "True"),
    ],
)
def test_whatever_is_used_of_pandas_is_there(tmp_path: Path, use: str, result: str) -> None:
    assert printed(tmp_path, LATER, IS_LOADED, use, IS_LOADED) == ["False", result, "True"]


def test_what_pandas_does_not_have_it_does_not_have_later_either(tmp_path: Path) -> None:
    lines = printed(tmp_path, LATER, "import pandas", "print(hasattr(pandas, 'no_such_thing'))")

    assert lines == ["False"]


def test_pandas_that_is_loaded_already_stays_as_it_is(tmp_path: Path) -> None:
    lines = printed(tmp_path, "import pandas", "before = pandas", LATER, "import pandas", "print(pandas is before)")

    assert lines == ["True"]
