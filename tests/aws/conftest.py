"""AWS and Google Drive as small servers on this machine, and the functions' handlers called as Lambda calls them."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import aws_services
import pytest
from drive_api import DriveApi
from drive_bench import DriveBench
from redshift_place import Place, redshift_place
from small_postgres import databases_dropped, small_postgres
from source_bench import SourceBench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from medallion.embedded.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]
Bench = TypeVar("Bench", DriveBench, SourceBench)


def function(name: str) -> ModuleType:
    """The module of a Lambda function, under a name of its own: all are called `handler`."""
    spec = importlib.util.spec_from_file_location(f"{name}_handler", ROOT / "lambdas" / name / "handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def aws() -> Iterator[aws_services.AwsServices]:
    with aws_services.running() as services:
        yield services


@pytest.fixture(scope="session")
def drive_server() -> Iterator[DriveApi]:
    with DriveApi() as server:
        yield server


@pytest.fixture(scope="session")
def drive_handler() -> Any:
    return function("drive_ingest").handler


@pytest.fixture(scope="session")
def source_handler() -> Any:
    return function("source_load").handler


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with small_postgres(tmp_path_factory.mktemp("server") / "postgres") as running:
        yield running


def within_its_settings(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """The function finds what it is configured with in its environment."""
    for name, value in bench.environment.items():
        monkeypatch.setenv(name, value)
    return bench


@pytest.fixture
def ingest(
    aws: aws_services.AwsServices, drive_server: DriveApi, drive_handler: Any, monkeypatch: pytest.MonkeyPatch
) -> DriveBench:
    """The function drive_ingest, an empty Drive folder and an empty bucket."""
    return within_its_settings(DriveBench.new(aws, drive_server, drive_handler), monkeypatch)


@pytest.fixture
def source(
    aws: aws_services.AwsServices, postgres: EmbeddedPostgres, source_handler: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SourceBench]:
    """The function source_load, an empty bucket and a source database without tables."""
    with databases_dropped():
        yield within_its_settings(SourceBench.new(aws, postgres, source_handler), monkeypatch)


@pytest.fixture
def place() -> Iterator[Place]:
    """An emulated database and a folder in S3."""
    with redshift_place() as found:
        yield found


@pytest.fixture
def unused_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    return find
