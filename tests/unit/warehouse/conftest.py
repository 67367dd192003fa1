"""A file of DuckDB's. The shop that all tests of warehouses use lies with the behaviours that each is proven by."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from medallion.warehouse.duckdb import DuckDbWarehouse

sys.path.append(str(Path(__file__).parents[2] / "warehouse"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A warehouse with the table `t` of one row, 1."""
    path = tmp_path / "warehouse.duckdb"
    with DuckDbWarehouse(path).write() as session:
        session.execute("CREATE TABLE t (a INTEGER)")
        session.execute("INSERT INTO t VALUES (1)")
    return path
