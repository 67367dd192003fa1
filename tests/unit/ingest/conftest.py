"""A real PostgreSQL server with a schema for each test, and the engine that reads from it.

`MEDALLION_TEST_ENGINE` (embedded or spark) says which engine; the two do not mix in one process.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from small_postgres import small_postgres
from source_notes import product, rows

from medallion.embedded.postgres import EmbeddedPostgres
from medallion.ingest.source_database import SourceDatabase


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with small_postgres(tmp_path_factory.mktemp("home") / "postgres") as running:
        yield running


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A schema of each test's own."""
    return request.node.name[:60]


@pytest.fixture
def database(server: EmbeddedPostgres, name: str) -> SourceDatabase:
    found = SourceDatabase(server.dsn, product(name))
    found.ensure_tables()
    return found


@pytest.fixture
def reader_dsn(server: EmbeddedPostgres, database: SourceDatabase, name: str) -> Iterator[str]:
    """A user that may read the tables, not write."""
    rows(
        server,
        f"CREATE ROLE reader LOGIN PASSWORD 'reading'; GRANT USAGE ON SCHEMA {name} TO reader;"
        f" GRANT SELECT ON ALL TABLES IN SCHEMA {name} TO reader",
    )
    yield f"postgresql://reader:reading@127.0.0.1:{server.port}/postgres"
    rows(server, "DROP OWNED BY reader; DROP ROLE reader")


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    if os.environ.get("MEDALLION_TEST_ENGINE", "embedded") == "spark":
        os.environ["PYSPARK_PYTHON"] = sys.executable
        builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    else:
        from pysail.spark import SparkConnectServer

        engine = SparkConnectServer()
        engine.start(background=True)
        builder = SparkSession.builder.remote(f"sc://localhost:{engine.listening_address[1]}")
    session = builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    yield session
    session.stop()
