"""Files straight to bronze, or through a real PostgreSQL: the same bronze rows, the same marts, each row once."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import TYPE_CHECKING

import duckdb
import psycopg
import pytest
from command_line import CommandLine
from comparison import differences
from restaurant_input import ITEMS_HEADER, NET_AMOUNT, write_csv, write_input
from warehouse_contents import Rows, counted, rejected_rows, rows

from medallion.catalog import product
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.samples.restaurant import RestaurantSample, generate

if TYPE_CHECKING:
    from pathlib import Path

SOURCES = ("order_items", "order_item_options", "date_dim")
ROW_IDS = (
    "SELECT source, batch_id, accepted_count, first_row_id, last_row_id FROM control.batch"
    " WHERE source = 'order_items' ORDER BY batch_id"
)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(RestaurantSample(orders=300, seed=31, dirty=1.0), tmp_path_factory.mktemp("delivered")).folder


without_spark = pytest.mark.skipif(
    os.environ.get("MEDALLION_TEST_ENGINE") == "spark", reason="the engine plays no part; embedded shows it sooner"
)


@pytest.fixture
def through_database(tmp_path: Path, engine_name: str) -> CommandLine:
    return CommandLine(tmp_path / "through_database", engine_name, source="rds")


def bronze(home: Path, source: str) -> Rows:
    """All of a source's bronze rows but for the instant of their reading, which differs between two homes."""
    files = f"{home}/lake/bronze/restaurant/{source}/*/**/[!_]*.parquet"
    with duckdb.connect() as connection:
        relation = connection.execute(
            f"SELECT * EXCLUDE (_ingested_at) FROM read_parquet('{files}', hive_partitioning = false) ORDER BY ALL"
        )
        columns = [column[0] for column in relation.description or ()]
        assert columns == [name for name in product("restaurant").source(source).bronze.column_names if name in columns]
        return relation.fetchall()


def rows_in_database(home: Path) -> Rows:
    """(rows, lowest id, highest id) of the source database's order_items."""
    with EmbeddedPostgres(home / "postgres") as server, psycopg.connect(server.dsn) as connection:
        return connection.execute("SELECT count(*), min(row_id), max(row_id) FROM restaurant.order_items").fetchall()


def test_both_sources_give_the_same_bronze_and_the_same_marts(
    delivered: Path, through_database: CommandLine, tmp_path: Path
) -> None:
    straight = CommandLine(tmp_path / "straight", through_database.engine)
    for command in (straight, through_database):
        command.run("--input", str(delivered))
    for source in SOURCES:
        assert bronze(straight.home, source) == bronze(through_database.home, source)
    one, other = straight.home / "warehouse.duckdb", through_database.home / "warehouse.duckdb"
    assert differences(product("restaurant"), one, other) == {}
    assert rejected_rows(one) == rejected_rows(other)
    assert counted(one) == counted(other)


@without_spark
def test_only_a_new_files_rows_are_read_from_the_database(through_database: CommandLine, tmp_path: Path) -> None:
    line = "app,r1,2024-01-0{day}T10:00:00Z,o{day},u1,,FALSE,USD,l1,Mains,Burger,10.00,1"
    folder = tmp_path / "input"
    generate(RestaurantSample(orders=20, seed=1), folder)
    through_database.run("--input", str(folder))
    (accepted,) = rows(
        through_database.home / "warehouse.duckdb", "SELECT count(*) FROM restaurant_silver.order_items"
    )[0]
    write_csv(folder, "order_items_2.csv", ITEMS_HEADER, [line.format(day=day) for day in (3, 4)])
    through_database.run("--input", str(folder))
    assert rows(through_database.home / "warehouse.duckdb", ROW_IDS) == [
        ("order_items", "order_items.00000001", accepted, 1, accepted),
        ("order_items", "order_items_000000000002.00000004", 2, accepted + 1, accepted + 2),
    ]
    assert rows_in_database(through_database.home) == [(accepted + 2, 1, accepted + 2)]
    assert rows(through_database.home / "warehouse.duckdb", "SELECT count(*) FROM restaurant_silver.order_items") == [
        (accepted + 2,)
    ]


def test_a_file_that_the_database_holds_already_is_not_loaded_again_after_a_kill(
    delivered: Path, through_database: CommandLine
) -> None:
    through_database.killed_at("intake.order_items.reading", "--input", str(delivered))
    loaded = rows_in_database(through_database.home)
    assert list(through_database.home.glob("lake/bronze/restaurant/order_items/*/_delivery.json")) == []
    report = through_database.run("--input", str(delivered))
    assert report["is_resumed"]
    assert rows_in_database(through_database.home) == loaded
    [(_, _, accepted, first, last)] = rows(through_database.home / "warehouse.duckdb", ROW_IDS)
    assert loaded == [(accepted, first, last)]
    assert len(bronze(through_database.home, "order_items")) == accepted


@without_spark
def test_a_database_that_outlives_the_warehouse_does_not_stand_in_for_new_files(
    through_database: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "input"
    write_input(folder)
    through_database.run("--input", str(folder))
    for left in ("warehouse.duckdb", "lake"):
        (through_database.home / left).rename(tmp_path / left)
    items = folder / "order_items.csv"
    items.write_text(items.read_text().replace("Salad,8.00", "Salad,9.00"))
    through_database.run("--input", str(folder))
    query = "SELECT sum(net_amount) FROM restaurant.sales_trends WHERE period = 'day'"
    assert rows(through_database.home / "warehouse.duckdb", query) == [(Decimal(NET_AMOUNT) + 1,)]
