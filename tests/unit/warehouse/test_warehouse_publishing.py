"""Publishing whole layers, versions of marts, and the way back."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest
from shop import CUSTOMERS, NOW, ORDERS, PRODUCT, SALES

from medallion.contracts import Column
from medallion.errors import StorageError, UsageError
from medallion.warehouse import control
from medallion.warehouse.versions import Staged, publish_gold, publish_silver, rollback, unload


@pytest.fixture
def publish_sales(warehouse, parquet, publication):
    """Publishes `sales` with one amount, in a transaction of its own."""

    def publish(amount, keep=3):
        files = parquet({"currency": ["EUR"], "net_amount": [Decimal(amount)]})
        with warehouse.write() as session:
            return publish_gold(
                session, PRODUCT, [Staged(table=SALES, files=files, fingerprint=amount)], publication, keep
            )

    return publish


@pytest.fixture
def orders_files(parquet):
    def write(*order_ids, **extra):
        columns = {name: pa.nulls(len(order_ids)) for name in ORDERS.column_names}
        return parquet(columns | {"order_id": list(order_ids)} | extra)

    return write


@pytest.fixture
def rejected_files(parquet):
    def write(*row_numbers):
        count = len(row_numbers)
        return parquet(
            {
                "_disposition": ["rejected"] * count,
                "_reasons": ["missing order_id"] * count,
                "_raw_text": ['{"order_id": ""}'] * count,
                "_source_file": ["orders.csv"] * count,
                "_row_number": pa.array(row_numbers, pa.int64()),
                "_batch_id": ["b1"] * count,
            }
        )

    return write


def read(warehouse, sql):
    with warehouse.read() as session:
        return session.rows(sql)


def physical_tables(warehouse):
    sql = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'shop_versions' ORDER BY 1"
    return [name for (name,) in read(warehouse, sql)]


def test_a_published_mart_is_read_under_its_own_name(warehouse, publish_sales):
    publish_sales("1.50")
    assert read(warehouse, "SELECT * FROM shop.sales") == [("EUR", Decimal("1.50"))]


def test_a_publish_is_recorded_with_what_it_points_to(warehouse, publish_sales):
    (version,) = publish_sales("1.50")
    with warehouse.read() as session:
        assert control.published_versions(session, "shop") == {"sales": version}
    assert (version.version, version.relation, version.row_count, version.fingerprint) == (
        1,
        "shop_versions.sales__000001",
        1,
        "1.50",
    )


def test_the_next_publish_takes_the_next_number_and_the_view_follows(warehouse, publish_sales):
    publish_sales("1")
    publish_sales("2")
    assert read(warehouse, "SELECT net_amount FROM shop.sales") == [(Decimal("2.00"),)]
    assert physical_tables(warehouse) == ["sales__000001", "sales__000002"]


def test_a_mart_without_rows_is_published_empty(warehouse, publication):
    with warehouse.write() as session:
        publish_gold(session, PRODUCT, [Staged(table=CUSTOMERS, files=())], publication)
    assert read(warehouse, "SELECT * FROM shop.customers") == []


def test_the_descriptions_of_a_mart_stand_on_its_view(warehouse, publish_sales):
    publish_sales("1")
    sql = "SELECT comment FROM duckdb_columns() WHERE schema_name = 'shop' ORDER BY column_index"
    assert read(warehouse, sql) == [("ISO 4217 code.",), ("Sum of net amounts.",)]


def test_when_one_mart_cannot_be_loaded_all_stay_as_they_were(warehouse, publish_sales, parquet, publication):
    publish_sales("1")
    staged = [
        Staged(table=SALES, files=parquet({"currency": ["EUR"], "net_amount": [Decimal(2)]})),
        Staged(table=CUSTOMERS, files=parquet({"name": ["no such column"]})),
    ]
    with pytest.raises(StorageError, match=r"customers__000002.*user_id"), warehouse.write() as session:
        publish_gold(session, PRODUCT, staged, publication)
    assert read(warehouse, "SELECT net_amount FROM shop.sales") == [(Decimal("1.00"),)]
    assert physical_tables(warehouse) == ["sales__000001"]


def test_only_the_newest_versions_are_kept(warehouse, publish_sales):
    for amount in ("1", "2", "3"):
        publish_sales(amount, keep=2)
    with warehouse.read() as session:
        assert [row.version for row in control.versions(session, "shop")] == [3, 2]
    assert physical_tables(warehouse) == ["sales__000002", "sales__000003"]


def test_a_table_that_a_kept_version_still_shows_is_not_dropped(warehouse, publish_sales, parquet, publication):
    with warehouse.write() as session:
        staged = [Staged(table=CUSTOMERS, files=parquet({"user_id": ["a"]}))]
        publish_gold(session, PRODUCT, staged, publication)
    for amount in ("2", "3", "4"):
        publish_sales(amount, keep=2)
    assert physical_tables(warehouse) == ["customers__000001", "sales__000003", "sales__000004"]
    assert read(warehouse, "SELECT user_id FROM shop.customers") == [("a",)]


def test_a_rollback_shows_the_earlier_version_as_a_new_one(warehouse, publish_sales, publication):
    publish_sales("1")
    publish_sales("2")
    with warehouse.write() as session:
        (restored,) = rollback(session, PRODUCT, 1, replace(publication, run_id="rollback"))
    assert (restored.version, restored.relation, restored.fingerprint) == (3, "shop_versions.sales__000001", "1")
    assert read(warehouse, "SELECT net_amount FROM shop.sales") == [(Decimal("1.00"),)]


def test_what_a_rollback_points_to_outlives_later_publishes(warehouse, publish_sales, publication):
    publish_sales("1")
    publish_sales("2")
    with warehouse.write() as session:
        rollback(session, PRODUCT, 1, publication)
    publish_sales("4", keep=2)
    assert physical_tables(warehouse) == ["sales__000001", "sales__000004"]


def test_a_version_that_is_not_kept_cannot_be_restored(warehouse, publish_sales, publication):
    for amount in ("1", "2", "3"):
        publish_sales(amount, keep=2)
    with (
        pytest.raises(UsageError, match=r"shop: version 1 is not kept \(kept: 2, 3\)"),
        warehouse.write() as session,
    ):
        rollback(session, PRODUCT, 1, publication)


def test_a_column_that_a_mart_gained_is_missing_again_after_a_rollback(warehouse, publish_sales, parquet, publication):
    publish_sales("1")
    wider = replace(SALES, columns=(*SALES.columns, Column("order_count", "bigint", "Orders.")))
    product = replace(PRODUCT, steps=tuple(replace(s, table=wider) for s in PRODUCT.steps if s.table is SALES))
    files = parquet({"currency": ["EUR"], "net_amount": [Decimal(2)], "order_count": [5]})
    with warehouse.write() as session:
        publish_gold(session, product, [Staged(table=wider, files=files)], publication)
        assert session.rows("SELECT * FROM shop.sales") == [("EUR", Decimal("2.00"), 5)]
        rollback(session, product, 1, publication)
        assert session.rows("SELECT * FROM shop.sales") == [("EUR", Decimal("1.00"))]


def test_silver_is_replaced_as_a_whole(warehouse, orders_files, publication):
    for order_ids in (("a", "b"), ("c",)):
        with warehouse.write() as session:
            publish_silver(session, PRODUCT, [Staged(table=ORDERS, files=orders_files(*order_ids))], publication)
    assert read(warehouse, "SELECT order_id FROM shop_silver.orders") == [("c",)]
    with warehouse.read() as session:
        version = control.published_versions(session, "shop")["orders"]
    assert (version.version, version.relation, version.row_count) == (2, "shop_silver.orders", 1)


def test_rejected_rows_of_a_table_are_those_of_its_last_publish(warehouse, orders_files, rejected_files, publication):
    for run_id, row_numbers in (("run-1", (1, 2)), ("run-2", (2,))):
        staged = Staged(table=ORDERS, files=orders_files("a"), rejected=rejected_files(*row_numbers))
        with warehouse.write() as session:
            publish_silver(session, PRODUCT, [staged], replace(publication, run_id=run_id))
    with warehouse.read() as session:
        (row,) = control.rejected_rows(session, "shop", "orders")
    assert (row.row_number, row.run_id, row.reasons, row.raw_text, row.rejected_at) == (
        2,
        "run-2",
        "missing order_id",
        '{"order_id": ""}',
        NOW,
    )


def test_a_published_table_is_unloaded_and_loads_again(warehouse, orders_files, publication, tmp_path):
    with warehouse.write() as session:
        publish_silver(session, PRODUCT, [Staged(table=ORDERS, files=orders_files("a", "b"))], publication)
        files = unload(session, "shop_silver.orders", str(tmp_path / "out"))
        publish_silver(session, PRODUCT, [Staged(table=ORDERS, files=tuple(files))], publication)
        assert session.rows("SELECT count(*) FROM shop_silver.orders") == [(2,)]
