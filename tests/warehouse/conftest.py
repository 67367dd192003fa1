"""Every warehouse there is, each to be proven by all tests of this folder.

The tests are written against `medallion.warehouse.base`, in the SQL that all warehouses share. A further warehouse is
one more entry of IMPLEMENTATIONS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from contract_files import arrow_table
from governed_shop import Office
from redshift_place import Place, redshift_place
from shop import NOW, PRODUCT, SALES

from medallion.contracts import Table
from medallion.warehouse.base import Session, Warehouse
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.records import Version
from medallion.warehouse.versions import Publication, Staged, publish_gold


@dataclass(frozen=True, kw_only=True)
class Opened:
    """An empty warehouse, and a folder (a path or URI) that both it and pyarrow write Parquet files to."""

    warehouse: Warehouse
    folder: str


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """How to get an empty warehouse for one test, and what it can do that others cannot.

    `opened` takes the test's own folder, removes at its end what the test made, and calls `pytest.skip` where nothing
    is configured to connect to.
    """

    opened: Callable[[Path], AbstractContextManager[Opened]]
    has_grants: bool = True
    publishes_wait_for_readers: bool = False


@contextmanager
def _duckdb(folder: Path) -> Iterator[Opened]:
    staged = folder / "staged"
    staged.mkdir()
    yield Opened(warehouse=DuckDbWarehouse(folder / "warehouse.duckdb", wait_seconds=5), folder=str(staged))


@contextmanager
def _redshift(folder: Path) -> Iterator[Opened]:
    with redshift_place() as place:
        yield Opened(warehouse=place.warehouse, folder=place.folder)


IMPLEMENTATIONS = {
    "duckdb": Implementation(opened=_duckdb, has_grants=False),
    "redshift": Implementation(opened=_redshift, publishes_wait_for_readers=True),
}


@pytest.fixture(params=IMPLEMENTATIONS)
def implementation(request: pytest.FixtureRequest) -> Implementation:
    return IMPLEMENTATIONS[request.param]


@pytest.fixture
def opened(implementation: Implementation, tmp_path: Path) -> Iterator[Opened]:
    with implementation.opened(tmp_path) as place:
        yield place


@pytest.fixture
def place() -> Iterator[Place]:
    """For what only Redshift has: an emulated database and a folder in S3."""
    with redshift_place() as found:
        yield found


@pytest.fixture
def warehouse(opened: Opened) -> Warehouse:
    """A warehouse with control tables, of each implementation in turn."""
    with opened.warehouse.write() as session:
        create_control_tables(session)
    return opened.warehouse


@pytest.fixture
def office(warehouse: Warehouse) -> Office:
    """Where access to the shop's ports is asked for and given."""
    return Office(warehouse)


@pytest.fixture
def session(warehouse: Warehouse) -> Iterator[Session]:
    """A session that may change data."""
    with warehouse.write() as opened:
        yield opened


@pytest.fixture
def folder(opened: Opened) -> str:
    """Where files are staged and unloaded."""
    return opened.folder


@pytest.fixture
def parquet(folder: str) -> Callable[..., tuple[str, ...]]:
    """Writes columns to a new Parquet file and returns its path, alone in a tuple."""
    numbers = count()

    def write(columns: dict[str, Sequence[Any] | pa.Array] | pa.Table, **options: Any) -> tuple[str, ...]:
        path = f"{folder}/staged-{next(numbers)}.parquet"
        pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path, **options)
        return (path,)

    return write


@pytest.fixture
def stage(parquet: Callable[..., tuple[str, ...]]) -> Callable[..., tuple[str, ...]]:
    """Writes rows to a new Parquet file with the columns and types of a contract."""

    def write(table: Table, *rows: Sequence[Any]) -> tuple[str, ...]:
        return parquet(arrow_table(table, rows))

    return write


@pytest.fixture
def publication() -> Publication:
    return Publication(run_id="run-1", as_of=date(2025, 2, 28), published_at=NOW)


@pytest.fixture
def publish_marts(
    warehouse: Warehouse, stage: Callable[..., tuple[str, ...]], publication: Publication
) -> Callable[..., list[Version]]:
    """Publishes rows of marts as one version, in a transaction of its own, done again where readers won."""

    def publish(*marts: tuple[Table, Sequence[Sequence[Any]]], keep: int = 3) -> list[Version]:
        staged = [Staged(table=table, files=stage(table, *rows), fingerprint=str(rows)) for table, rows in marts]
        return warehouse.transact(lambda session: publish_gold(session, PRODUCT, staged, publication, keep))

    return publish


@pytest.fixture
def publish_sales(publish_marts: Callable[..., list[Version]]) -> Callable[..., list[Version]]:
    """Publishes the mart `sales` alone, of one amount."""

    def publish(amount: str, keep: int = 3) -> list[Version]:
        return publish_marts((SALES, [("EUR", Decimal(amount))]), keep=keep)

    return publish


@pytest.fixture
def read(warehouse: Warehouse) -> Callable[[str], list[tuple[Any, ...]]]:
    """The rows of a query in a session of its own."""

    def rows(sql: str) -> list[tuple[Any, ...]]:
        with warehouse.read() as session:
            return session.rows(sql)

    return rows


@pytest.fixture
def physical_tables(read: Callable[[str], list[tuple[Any, ...]]]) -> Callable[[], list[str]]:
    """The tables behind the marts."""
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop_versions' ORDER BY 1"
    return lambda: [name for (name,) in read(sql)]


@pytest.fixture
def publish_on_redshift(place: Place) -> Callable[[str], list[Version]]:
    """Publishes the mart `sales` of one amount on Redshift."""
    numbers = count()

    def publish(amount: str) -> list[Version]:
        file = f"{place.folder}/sales-{next(numbers)}.parquet"
        pq.write_table(arrow_table(SALES, [("EUR", Decimal(amount))]), file)
        with place.warehouse.write() as session:
            staged = [Staged(table=SALES, files=(file,))]
            return publish_gold(session, PRODUCT, staged, Publication(run_id="r", as_of=None, published_at=NOW))

    return publish
