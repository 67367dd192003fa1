"""Every warehouse implementation to run the behaviours against, and staged files to load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shop import NOW

from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.versions import Publication


@pytest.fixture(params=["duckdb"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> DuckDbWarehouse:
    """A warehouse with control tables, of each implementation in turn."""
    opened = DuckDbWarehouse(tmp_path / "warehouse.duckdb", wait_seconds=2)
    with opened.write() as session:
        create_control_tables(session)
    return opened


@pytest.fixture
def parquet(tmp_path: Path) -> Callable[..., tuple[str, ...]]:
    """Writes columns to a new Parquet file and returns its path, alone in a tuple."""

    def write(columns: dict[str, Sequence[Any] | pa.Array], **options: Any) -> tuple[str, ...]:
        path = tmp_path / f"staged-{len(list(tmp_path.glob('staged-*')))}.parquet"
        pq.write_table(pa.table(columns), path, **options)
        return (str(path),)

    return write


@pytest.fixture
def publication() -> Publication:
    return Publication(run_id="run-1", as_of=date(2025, 2, 28), published_at=NOW)
