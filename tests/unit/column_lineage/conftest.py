"""Plans are read on the embedded engine, whose sessions are those of Spark Connect; the other one has none to read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import SparkSession
from shop_plans import Build

from medallion.column_lineage.builds import empty_input, relation_behind
from medallion.column_lineage.origins import Relation
from medallion.contracts import Column, Layer, Table


@pytest.fixture(scope="session", autouse=True)
def _embedded(engine_name: str) -> None:
    if engine_name != "embedded":
        pytest.skip("plans are read on the embedded engine alone")


@pytest.fixture
def relation(spark: SparkSession) -> Callable[[Build], Relation]:
    """What becomes of the tables orders (id, customer, amount, day_no) and customers (customer, name, city)."""

    def read(build: Build) -> Relation:
        orders = empty_input(spark, "orders", _table("id", "customer", "amount", "day_no"))
        customers = empty_input(spark, "customers", _table("customer", "name", "city"))
        return relation_behind(spark, build(orders, customers))

    return read


def _table(*columns: str) -> Table:
    contract = tuple(Column(name, "integer", "A number.") for name in columns)
    return Table(name="any", layer=Layer.SILVER, grain=(), description="Numbers.", columns=contract)
