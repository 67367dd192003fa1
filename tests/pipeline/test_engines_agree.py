"""Both engines, each in processes of its own: the same files give the same tables, row by row.

What spark-submit makes of the restaurant's files is held against the embedded engine in test_spark_submit.py.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import CommandLine
from comparison import differences
from every_product import PRODUCTS
from kill_scenario import command_of, run_read_by
from origins import Origin
from warehouse_contents import counted, rejected_rows

from medallion.catalog import product
from medallion.data_product import DataProduct
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.samples.restaurant import RestaurantSample, generate

PIZZAPLACE = Path(__file__).parents[3] / "shared" / "data" / "restaurant_pizzaplace"
SLOW = pytest.mark.skipif(
    os.environ.get("MEDALLION_SLOW_TESTS") != "1", reason="takes minutes; MEDALLION_SLOW_TESTS=1 runs it"
)
ALWAYS = "logistics_wms"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.environ.get("MEDALLION_TEST_ENGINE") == "spark", reason="the tests of the embedded engine include it"
    ),
]


@pytest.mark.parametrize(
    "known", [pytest.param(one, id=one.name, marks=() if one.name == ALWAYS else SLOW) for one in PRODUCTS]
)
def test_deliveries_give_a_product_the_same_tables_on_both_engines(
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

    assert_equal(known, *made)


@SLOW
def test_dirty_orders_give_the_same_tables_on_both_engines(tmp_path: Path) -> None:
    sample = RestaurantSample(orders=2000, seed=21, dirty=1.0, days_late=3)
    embedded, spark = warehouses(generate(sample, tmp_path / "input").folder, tmp_path)
    assert rejected_rows(embedded)
    assert_equal(product("restaurant"), embedded, spark)


@SLOW
@pytest.mark.skipif(not PIZZAPLACE.is_dir(), reason=f"{PIZZAPLACE} is not here")
def test_a_years_orders_give_the_same_tables_on_both_engines(tmp_path: Path) -> None:
    assert_equal(product("restaurant"), *warehouses(PIZZAPLACE, tmp_path))


def warehouses(delivered: Path, folder: Path) -> tuple[Path, Path]:
    """What each engine makes of the delivered files."""
    made = []
    for engine in ("embedded", "spark"):
        command = CommandLine(folder / engine, engine)
        command.run("--input", str(delivered))
        made.append(command.home / "warehouse.duckdb")
    return made[0], made[1]


def assert_equal(known: DataProduct, embedded: Path, spark: Path) -> None:
    assert differences(known, embedded, spark) == {}
    assert rejected_rows(embedded) == rejected_rows(spark)
    assert counted(embedded) == counted(spark)
