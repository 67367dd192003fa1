"""The statistics can be used where nothing of medallion's other libraries is installed."""

from __future__ import annotations

import subprocess
import sys


def test_statistics_need_numpy_and_scipy_alone() -> None:
    absent = ["pyspark", "pysail", "pyarrow", "duckdb", "pandas", "pydantic", "typer", "rich", "yaml", "jinja2"]
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.modules.update(dict.fromkeys({absent})); import medallion.models as models; "
            "print(all(callable(getattr(models, name)) for name in models.__all__))",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (child.returncode, child.stdout) == (0, "True\n"), child.stderr
