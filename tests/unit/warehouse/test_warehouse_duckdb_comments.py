"""Descriptions in DuckDB's own catalogue, where any SQL tool shows them."""

from __future__ import annotations

import pytest
from shop import ORDERS, SALES

from medallion.warehouse.ddl import comments, create_schema, create_table
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.versions import point_view


@pytest.fixture
def session(tmp_path):
    with DuckDbWarehouse(tmp_path / "warehouse.duckdb").write() as opened:
        opened.execute(create_schema("s"))
        yield opened


def described(session, name):
    found = session.rows("SELECT comment FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index", (name,))
    return [comment for (comment,) in found]


def test_the_descriptions_of_a_table_stand_on_its_columns(session):
    session.execute(create_table("s.orders", ORDERS, session.dialect))
    session.execute(";".join(comments("s.orders", ORDERS, session.dialect)))
    assert described(session, "orders") == [column.description for column in ORDERS.columns]


def test_the_descriptions_of_a_mart_stand_on_its_view(session):
    session.execute(create_table("s.sales__000001", SALES, session.dialect))
    point_view(session, "shop.sales", "s.sales__000001", SALES)
    assert described(session, "sales") == ["ISO 4217 code.", "Sum of net amounts."]
