"""A warehouse's file, processes that work on it, and what it holds."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from medallion.warehouse.duckdb import DuckDbWarehouse

OPENED = """
import os, signal, sys, time
from pathlib import Path
from medallion.errors import MedallionError
from medallion.warehouse.duckdb import DuckDbWarehouse
warehouse = DuckDbWarehouse(Path(sys.argv[1]), wait_seconds=5)
def say(text): print(text, flush=True)
"""


def process(file: Path, program: str) -> subprocess.Popen[str]:
    """A process that runs the program with `warehouse` open to it; has printed its first line."""
    command = [sys.executable, "-c", OPENED + program, str(file)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def content(file: Path) -> list[tuple[int, ...]]:
    with DuckDbWarehouse(file).read() as session:
        return session.rows("SELECT a FROM t ORDER BY a")
