"""A workspace of its own for each test, and small inputs of the restaurant product."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from restaurant_input import Bench, write_input

from medallion.lake import Lake
from medallion.pipeline.running import Workspace
from medallion.settings import Settings
from medallion.warehouse.duckdb import DuckDbWarehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# What warehouses are compared with lies with the product's tests.
sys.path.append(str(Path(__file__).parents[1] / "products" / "restaurant"))


@pytest.fixture
def workspace(tmp_path: Path, engine_name: str) -> Workspace:
    home = tmp_path / "home"
    home.mkdir()
    settings = Settings(home=home, engine=engine_name, warehouse_wait_seconds=0.3)
    return Workspace(
        settings=settings,
        home=home,
        lake=Lake(str(home / "lake")),
        warehouse=DuckDbWarehouse(home / "warehouse.duckdb", wait_seconds=settings.warehouse_wait_seconds),
    )


@pytest.fixture
def bench(workspace: Workspace, tmp_path: Path, spark: SparkSession) -> Bench:
    """A product to run on three small files; the engine is started once for all tests."""
    folder = tmp_path / "input"
    write_input(folder)
    return Bench(workspace, folder)
