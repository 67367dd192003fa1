"""Every core column of every table, held against plain SQL over the same CSV files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from comparison import differences, missing_columns
from oracle import compute

from medallion.catalog import product
from medallion.lake import Lake
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request, Workspace
from medallion.samples.restaurant import RestaurantSample, generate
from medallion.settings import Settings, load_rules
from medallion.warehouse.duckdb import DuckDbWarehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DATA = Path(__file__).parents[4] / "shared" / "data"
# Fitted parameters are no matter of plain SQL; what follows from them is.
PREDICTIONS = Path(__file__).parent / "predictions.sql"
# A line's customer, location, app and currency are its order's here; plain SQL shows what the line itself says.
ITS_ORDERS = {"order_lines": ("user_id", "restaurant_id", "app_name", "currency")}
SAMPLES = {
    "in_one_delivery": RestaurantSample(orders=3000, seed=1, dirty=0.3),
    "with_late_files": RestaurantSample(orders=3000, seed=2, dirty=0.3, days_late=5),
    "dirty_in_every_way": RestaurantSample(orders=3000, seed=3, dirty=1.0, price_semantics="line_total", gzip=True),
}
USUALLY_ENOUGH = "with_late_files"


@dataclass(frozen=True)
class Home:
    """Where the pipeline published, beside what plain SQL computed."""

    warehouse: Path
    oracle: Path

    def row(self, query: str) -> tuple[Any, ...] | None:
        with duckdb.connect(self.warehouse, read_only=True) as connection:
            return connection.execute(query).fetchone()

    def assert_equal(self) -> None:
        restaurant = product("restaurant")
        # Plain SQL computes the marts from the orders; what ours are aggregated from shows in them.
        without = [step.table.name for step in restaurant.steps if step.key in ("user_id", "order_date")]
        assert missing_columns(restaurant, self.warehouse, self.oracle, without) == {}
        assert differences(restaurant, self.warehouse, self.oracle, ITS_ORDERS, without) == {}
        assert self.wrong_predictions()[1:] == (0,) * 6

    def wrong_predictions(self) -> tuple[int, ...]:
        """How many customers have a prediction, and of how many each column is not what plain SQL computes."""
        return self.row(PREDICTIONS.read_text()) or ()


def both_ways(delivered: Path, folder: Path, engine: str, as_of: date | None = None) -> Home:
    """The files through the pipeline and through plain SQL."""
    home = folder / "home"
    home.mkdir()
    workspace = Workspace(
        settings=Settings(home=home, engine=engine),
        home=home,
        lake=Lake(str(home / "lake")),
        warehouse=DuckDbWarehouse(home / "warehouse.duckdb"),
    )
    restaurant = product("restaurant")
    execute(workspace, Request(product=restaurant, rules=load_rules(restaurant), input=delivered, as_of=as_of))
    compute(delivered, folder / "oracle.duckdb", as_of)
    return Home(home / "warehouse.duckdb", folder / "oracle.duckdb")


def published_data(name: str) -> Path:
    folder = DATA / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    return folder


@pytest.mark.parametrize("name", SAMPLES)
def test_generated_orders_give_what_plain_sql_gives(
    name: str, tmp_path: Path, engine_name: str, spark: SparkSession
) -> None:
    if engine_name == "spark" and name != USUALLY_ENOUGH:
        pytest.skip(f"Spark takes long; {USUALLY_ENOUGH} is the richest sample")
    home = both_ways(generate(SAMPLES[name], tmp_path / "input").folder, tmp_path, engine_name)

    home.assert_equal()
    assert home.wrong_predictions()[0] > 200
    # A currency has days enough for an interval, another has not.
    effects = home.row("SELECT count(*), count(p_value) FROM restaurant.discount_repeat_effect")
    assert effects == (6, 3)


def test_a_day_in_the_past_gives_what_plain_sql_gives(tmp_path: Path, engine_name: str, spark: SparkSession) -> None:
    if engine_name == "spark":
        pytest.skip("Spark takes long; the embedded engine reads the same days")
    delivered = generate(SAMPLES[USUALLY_ENOUGH], tmp_path / "input").folder

    both_ways(delivered, tmp_path, engine_name, as_of=date(2023, 5, 14)).assert_equal()


def test_real_orders_of_a_restaurant_group_give_what_plain_sql_gives(
    tmp_path: Path, engine_name: str, spark: SparkSession
) -> None:
    both_ways(published_data("restaurant"), tmp_path, engine_name).assert_equal()


def test_a_years_orders_of_a_pizza_place_give_what_plain_sql_gives(
    tmp_path: Path, engine_name: str, spark: SparkSession
) -> None:
    home = both_ways(published_data("restaurant_pizzaplace"), tmp_path, engine_name)
    home.assert_equal()
    days = "restaurant.sales_trends WHERE period = 'day' AND currency = 'USD'"
    assert home.row(f"SELECT sum(order_count), sum(net_amount) FROM {days}") == (21350, Decimal("817860.05"))
    assert home.row("SELECT count(*), sum(net_amount) FROM restaurant_silver.orders") == (21350, Decimal("817860.05"))
