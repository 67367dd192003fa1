"""Fixtures that all tests share. MEDALLION_TEST_ENGINE chooses the engine; the two do not mix in one process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from medallion import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

ENGINE = os.environ.get("MEDALLION_TEST_ENGINE", "embedded")


def pytest_configure() -> None:
    """Tests are about output as wide as a log's, wherever they run; processes side by side are told a width."""
    os.environ.pop("COLUMNS", None)


@pytest.fixture(scope="session")
def engine_name() -> str:
    """The engine this test run is for."""
    return ENGINE


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A session of the engine this test run is for, small and started once; runs within the tests use it too."""
    with engine.session(ENGINE, tmp_path_factory.mktemp("engine"), master="local[2]", memory="2g") as session:
        if ENGINE == "spark":
            # A handful of rows each: compiling code for them, or planning them anew, takes longer than computing.
            session.conf.set("spark.sql.shuffle.partitions", "1")
            session.conf.set("spark.sql.codegen.wholeStage", "false")
            session.conf.set("spark.sql.adaptive.enabled", "false")
            session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        yield session
