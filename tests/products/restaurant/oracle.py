"""The restaurant tables by plain SQL over the CSV files, to hold the pipeline's tables against.

The SQL is the benchmark's baseline (`benchmarks/plain_duckdb/`); it shares no code with the pipeline.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from types import ModuleType

from pathlib import Path

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "plain_duckdb.py"


def baseline() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plain_duckdb", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def compute(input_folder: Path, database: Path, as_of: date | None = None) -> None:
    """Write schemas `restaurant_silver` and `restaurant` (all core columns) into the DuckDB file `database`.

    Raises FileNotFoundError where a table has no file, ValueError where a file lacks a column.
    """
    for _statement, _seconds in baseline().run(input_folder, database, as_of=as_of):
        pass
