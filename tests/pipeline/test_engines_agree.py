"""Both engines, each in processes of its own: the same files give the same tables, row by row."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import CommandLine
from comparison import differences
from every_product import EVERY_PRODUCT
from kill_scenario import command_of, run_read_by
from origins import Origin
from warehouse_contents import counted, rejected_rows

from medallion.catalog import product
from medallion.data_product import DataProduct
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.samples.restaurant import RestaurantSample, generate

PIZZAPLACE = Path(__file__).parents[3] / "shared" / "data" / "restaurant_pizzaplace"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("MEDALLION_TEST_ENGINE") == "spark", reason="the tests of the embedded engine include it"
    ),
]


@pytest.mark.skipif(
    os.environ.get("MEDALLION_SLOW_TESTS") != "1", reason="takes minutes; MEDALLION_SLOW_TESTS=1 runs it"
)
@EVERY_PRODUCT
def test_deliveries_give_every_product_the_same_tables_on_both_engines(
    tmp_path: Path, postgres: EmbeddedPostgres, known: DataProduct
) -> None:
    made = []
    for engine in ("embedded", "spark"):
        origin = Origin.new(known, tmp_path / engine / "input", postgres.dsn)
        command = command_of(known, tmp_path / engine / "home", engine, origin)
        for number in (0, 1):
            origin.deliver(number)
            run_read_by(known, command.home, engine, origin)
            command.run(*origin.options)
        made.append(command.home / "warehouse.duckdb")

    assert differences(known, *made) == {}
    assert rejected_rows(made[0]) == rejected_rows(made[1])
    assert counted(made[0]) == counted(made[1])


def warehouses(delivered: Path, folder: Path) -> tuple[Path, Path]:
    """What each engine makes of the delivered files."""
    made = []
    for engine in ("embedded", "spark"):
        command = CommandLine(folder / engine, engine)
        command.run("--input", str(delivered))
        made.append(command.home / "warehouse.duckdb")
    return made[0], made[1]


def assert_equal(embedded: Path, spark: Path) -> None:
    assert differences(product("restaurant"), embedded, spark) == {}
    assert rejected_rows(embedded) == rejected_rows(spark)
    assert counted(embedded) == counted(spark)


def test_dirty_orders_give_the_same_tables_on_both_engines(tmp_path: Path) -> None:
    sample = RestaurantSample(orders=2000, seed=21, dirty=1.0, days_late=3)
    embedded, spark = warehouses(generate(sample, tmp_path / "input").folder, tmp_path)
    assert rejected_rows(embedded)
    assert_equal(embedded, spark)


@pytest.mark.skipif(
    os.environ.get("MEDALLION_SLOW_TESTS") != "1", reason="takes a minute; MEDALLION_SLOW_TESTS=1 runs it"
)
@pytest.mark.skipif(not PIZZAPLACE.is_dir(), reason=f"{PIZZAPLACE} is not here")
def test_a_years_orders_give_the_same_tables_on_both_engines(tmp_path: Path) -> None:
    assert_equal(*warehouses(PIZZAPLACE, tmp_path))
