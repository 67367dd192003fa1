"""What the generator plants is found by the marts, from its files through a whole run."""

from __future__ import annotations

import json
from collections.abc import Callable

import duckdb
import pytest

from medallion.catalog import product
from medallion.lake import Lake
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request, Workspace
from medallion.samples.restaurant import RestaurantSample, generate
from medallion.settings import Settings, load_rules
from medallion.warehouse.duckdb import DuckDbWarehouse

SAMPLE = RestaurantSample(orders=20_000, seed=11, loyalty_lift=0.6, discount_repeat=0.4)
Rows = list[tuple[float, ...]]


@pytest.fixture(scope="module")
def marts(tmp_path_factory: pytest.TempPathFactory, engine_name: str, spark: object) -> Callable[[str], Rows]:
    folder = tmp_path_factory.mktemp("planted")
    restaurant, delivered = product("restaurant"), generate(SAMPLE, folder / "input").folder
    home = folder / "home"
    home.mkdir()
    workspace = Workspace(
        settings=Settings(home=home, engine=engine_name),
        home=home,
        lake=Lake(str(home / "lake")),
        warehouse=DuckDbWarehouse(home / "warehouse.duckdb"),
    )
    execute(workspace, Request(product=restaurant, rules=load_rules(restaurant), input=delivered))

    def rows(query: str) -> Rows:
        with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
            return connection.execute(query).fetchall()

    rows.planted = json.loads((delivered / "planted.json").read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    return rows


def test_a_lift_of_joining_is_found(marts: Callable[[str], Rows]) -> None:
    [(low, high)] = marts(
        "SELECT confidence_low, confidence_high FROM restaurant.loyalty_effect "
        "WHERE comparison = 'before_and_after_joining' AND metric = 'order_count' AND currency = 'USD'"
    )

    assert 0 < low < high


def test_repeats_that_discounts_bring_are_within_their_interval(marts: Callable[[str], Rows]) -> None:
    [(low, high, others)] = marts(
        "SELECT confidence_low, confidence_high, full_price_repeat_rate FROM restaurant.discount_repeat_effect "
        "WHERE repeat_days = 30 AND currency = 'USD'"
    )

    # A discount brings an order to those who would not have come anyway.
    assert 0 < low <= SAMPLE.discount_repeat * (1 - others) <= high


def test_planted_elasticities_are_within_their_intervals(marts: Callable[[str], Rows]) -> None:
    planted = {one["item_name"]: one["elasticity"] for one in marts.planted["items"]["menu"]}  # type: ignore[attr-defined]

    found = marts(
        "SELECT item_name, price_elasticity_low, price_elasticity_high FROM restaurant.pricing_by_item "
        "WHERE currency = 'USD' AND month_count >= 40 AND price_elasticity IS NOT NULL"
    )

    held = [low <= planted[name] <= high for name, low, high in found if name in planted]
    assert len(held) > 60
    assert sum(held) / len(held) >= 0.9
