"""A workspace of its own for each test, and small inputs of the restaurant product."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from operational_systems import HomeOfProducts, Systems
from restaurant_input import Bench, workspace_in, write_input
from small_postgres import databases_dropped, small_postgres
from stall import Code, importer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

    from medallion.embedded.postgres import EmbeddedPostgres
    from medallion.pipeline.running import Workspace

# What warehouses are compared with lies with the products' tests.
sys.path.append(str(Path(__file__).parents[1] / "products"))
# A failed assertion in one of these shows what was compared, as in a test.
pytest.register_assert_rewrite("command_line", "comparison")


@pytest.fixture
def workspace(tmp_path: Path, engine_name: str) -> Workspace:
    return workspace_in(tmp_path / "home", engine_name)


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Code:
    """Imports source text as a module of the stall, in a fresh start."""
    return importer(tmp_path, monkeypatch)


@pytest.fixture
def bench(workspace: Workspace, tmp_path: Path, spark: SparkSession) -> Bench:
    """A product to run on three small files; the engine is started once for all tests."""
    folder = tmp_path / "input"
    write_input(folder)
    return Bench(workspace, folder)


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory, engine_name: str, spark: SparkSession) -> Path:
    """The home folder of a product that was run once; to be copied, never to be changed."""
    folder = tmp_path_factory.mktemp("published")
    write_input(folder / "input")
    Bench(workspace_in(folder / "home", engine_name), folder / "input").run()
    return folder / "home"


@pytest.fixture
def published(workspace: Workspace, published_home: Path, tmp_path: Path) -> Bench:
    """The product as published by an earlier run, and an empty folder for what is delivered next."""
    shutil.copytree(published_home, workspace.home, dirs_exist_ok=True)
    folder = tmp_path / "next"
    folder.mkdir()
    return Bench(workspace, folder)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server for all tests, each with databases of its own."""
    with small_postgres(tmp_path_factory.mktemp("server") / "postgres") as running:
        yield running


@pytest.fixture(autouse=True, scope="module")
def _databases_of_one_module() -> Iterator[None]:
    with databases_dropped():
        yield


@pytest.fixture
def systems(postgres: EmbeddedPostgres) -> Iterator[Systems]:
    with databases_dropped():
        yield Systems.new(postgres.dsn)


@pytest.fixture
def home(tmp_path: Path, engine_name: str, systems: Systems, spark: SparkSession) -> HomeOfProducts:
    return HomeOfProducts.new(tmp_path / "home", engine_name, systems)
