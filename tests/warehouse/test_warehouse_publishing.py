"""Publishing: readers find marts under their own names, all of one version; silver in its place."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from shop import CUSTOMERS, DAYS, NOW, ORDERS, PRODUCT, SALES

from medallion.contracts import Column, Layer, Table
from medallion.errors import StorageError
from medallion.warehouse import control
from medallion.warehouse.increments import unload_rows
from medallion.warehouse.quarantine import REJECTED_FILE
from medallion.warehouse.silver import publish_silver
from medallion.warehouse.versions import Staged, prune, publish_gold, rollback

DAY = date(2025, 1, 31)


class Recorded:
    """A session that remembers its statements."""

    def __init__(self, session):
        self._session, self.statements = session, []

    def execute(self, sql, parameters=()):
        self.statements.append(sql)
        self._session.execute(sql, parameters)

    def __getattr__(self, name):
        return getattr(self._session, name)


@pytest.fixture
def publish_orders(warehouse, stage, publication):
    """Publishes `orders` with these ids and, in quarantine, records of these numbers, in a transaction of its own."""

    def publish(*order_ids, rejected=(), table=ORDERS, run_id="run-1"):
        rows = [("orders.csv", number, "b1", "missing order_id", '{"order_id": ""}') for number in rejected]
        refused = stage(REJECTED_FILE, *rows) if rejected else ()
        staged = Staged(table=table, files=stage(table, *[(order_id,) for order_id in order_ids]), refused=refused)
        with warehouse.write() as session:
            return publish_silver(session, PRODUCT, [staged], replace(publication, run_id=run_id))

    return publish


@pytest.fixture
def analyst(implementation, warehouse):
    """A user of the warehouse without any right."""
    if not implementation.has_grants:
        pytest.skip("this warehouse has no users")
    name = f"analyst_{secrets.token_hex(4)}"
    with warehouse.write() as session:
        session.execute(f"CREATE USER {name} PASSWORD 'Aa1{secrets.token_hex(8)}'")
    yield name
    with warehouse.write() as session:
        session.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA shop FROM {name}")
        session.execute(f"DROP USER {name}")


def test_a_published_mart_is_read_under_its_own_name(publish_sales, read):
    publish_sales("1.50")
    assert read("SELECT * FROM shop.sales") == [("EUR", Decimal("1.50"))]


def test_a_publish_is_recorded_with_what_it_points_to(warehouse, publish_marts):
    (version,) = publish_marts((SALES, [("EUR", Decimal(1)), ("USD", None)]))
    with warehouse.read() as session:
        assert control.published_versions(session, "shop") == {"sales": version}
    assert (version.version, version.relation, version.row_count) == (1, "shop_versions.sales__000001", 2)


def test_the_next_publish_takes_the_next_number_and_the_view_follows(publish_sales, read, physical_tables):
    publish_sales("1")
    publish_sales("2")
    assert read("SELECT net_amount FROM shop.sales") == [(Decimal("2.00"),)]
    assert physical_tables() == ["sales__000001", "sales__000002"]


def test_marts_that_are_published_together_are_one_version(publish_marts, read):
    published = publish_marts((SALES, [("EUR", Decimal(1))]), (CUSTOMERS, [("a",)]), (DAYS, [(DAY, Decimal(1))]))
    assert [(row.version, row.table_name) for row in published] == [(1, "sales"), (1, "customers"), (1, "days")]
    assert read("SELECT s.net_amount, d.net_amount, user_id FROM shop.sales s, shop.days d, shop.customers") == [
        (Decimal("1.00"), Decimal("1.00"), "a")
    ]


def test_a_mart_that_is_not_published_again_is_shared_with_the_version_before(publish_marts, read, physical_tables):
    publish_marts((SALES, [("EUR", Decimal(1))]), (CUSTOMERS, [("a",)]))
    publish_marts((SALES, [("EUR", Decimal(2))]))
    assert read("SELECT net_amount, user_id FROM shop.sales, shop.customers") == [(Decimal("2.00"), "a")]
    assert physical_tables() == ["customers__000001", "sales__000001", "sales__000002"]


def test_a_mart_without_rows_is_published_empty(publish_marts, read):
    publish_marts((CUSTOMERS, []))
    assert read("SELECT * FROM shop.customers") == []


def test_when_one_mart_cannot_be_loaded_all_stay_as_they_were(publish_marts, publish_sales, read, physical_tables):
    publish_marts((SALES, [("EUR", Decimal(1))]), (CUSTOMERS, [("a",)]))
    with pytest.raises(StorageError, match=r"customers__000002"):
        publish_marts((SALES, [("EUR", Decimal(2))]), (CUSTOMERS, [(None,)]))
    assert read("SELECT net_amount, user_id FROM shop.sales, shop.customers") == [(Decimal("1.00"), "a")]
    assert physical_tables() == ["customers__000001", "sales__000001"]
    assert publish_sales("3")[0].version == 2


def test_a_report_that_is_built_on_a_mart_follows_each_publish(warehouse, publish_sales, publication, read):
    publish_sales("1")
    with warehouse.write() as session:
        session.execute("CREATE VIEW shop.report AS SELECT net_amount * 2 AS doubled FROM shop.sales")
    publish_sales("2", keep=1)
    assert read("SELECT doubled FROM shop.report") == [(Decimal("4.00"),)]


def test_no_view_is_ever_dropped_so_that_whoever_may_read_it_still_may(warehouse, stage, publish_sales, publication):
    publish_sales("1")
    with warehouse.write() as session:
        recorded = Recorded(session)
        publish_gold(recorded, PRODUCT, [Staged(table=SALES, files=stage(SALES))], publication)
        rollback(recorded, PRODUCT, 1, publication)
        prune(recorded, PRODUCT, keep=1)
    statements = [statement.upper() for statement in recorded.statements]
    assert [s for s in statements if "DROP" in s and ("VIEW" in s or "SCHEMA" in s)] == []
    assert len([s for s in statements if s.startswith('CREATE OR REPLACE VIEW "SHOP"."SALES"')]) == 2


def test_whoever_was_granted_a_mart_may_read_the_next_version_and_one_that_is_restored(
    warehouse, publish_sales, publication, analyst, read
):
    def may_read():
        return read(f"SELECT has_table_privilege('{analyst}', 'shop.sales', 'select')") == [(True,)]

    publish_sales("1")
    assert not may_read()
    with warehouse.write() as session:
        session.execute(f"GRANT SELECT ON shop.sales TO {analyst}")

    publish_sales("2")
    after_publish = may_read()
    with warehouse.write() as session:
        rollback(session, PRODUCT, 1, publication)

    assert (after_publish, may_read()) == (True, True)


def test_silver_is_replaced_as_a_whole(warehouse, publish_orders, read):
    publish_orders("a", "b")
    publish_orders("c")
    assert read("SELECT order_id FROM shop_silver.orders") == [("c",)]
    with warehouse.read() as session:
        version = control.published_versions(session, "shop")["orders"]
    assert (version.version, version.relation, version.row_count) == (2, "shop_silver.orders", 1)


def test_silver_that_cannot_be_loaded_stays_as_it_was(publish_orders, read):
    publish_orders("a")
    with pytest.raises(StorageError, match=r"cannot be loaded into shop_silver\.orders"):
        publish_orders("b", None)
    assert read("SELECT order_id FROM shop_silver.orders") == [("a",)]


def test_a_silver_table_gains_a_column_and_its_rows_are_replaced(publish_orders, read):
    publish_orders("a", "b")
    wider = replace(ORDERS, columns=(*ORDERS.columns, Column("note", "varchar(100)", "Customer's words.")))
    publish_orders("c", table=wider)
    assert read("SELECT order_id, note FROM shop_silver.orders") == [("c", None)]


def test_a_silver_table_with_another_type_is_made_anew(publish_orders, read):
    publish_orders("a")
    other = replace(ORDERS, columns=(ORDERS.columns[0], Column("ordered_at", "date", "Day."), *ORDERS.columns[2:]))
    publish_orders("b", table=other)
    assert read("SELECT order_id, ordered_at FROM shop_silver.orders") == [("b", None)]


def test_rejected_rows_of_a_table_are_those_of_its_last_publish(warehouse, publish_orders):
    publish_orders("a", rejected=(1, 2))
    publish_orders("a", rejected=(2,), run_id="run-2")
    with warehouse.read() as session:
        (row,) = control.rejected_rows(session, "shop", "orders")
    assert (row.row_number, row.run_id, row.reasons, row.raw_text, row.rejected_at) == (
        2,
        "run-2",
        "missing order_id",
        '{"order_id": ""}',
        NOW,
    )


def test_a_published_table_is_unloaded_and_loads_again(warehouse, publish_orders, publication, folder):
    publish_orders("a", "b")
    with warehouse.write() as session:
        files = tuple(unload_rows(session, "shop_silver.orders", ORDERS.stored_columns, f"{folder}/out"))
        publish_silver(session, PRODUCT, [Staged(table=ORDERS, files=files)], publication)
        assert session.rows("SELECT order_id FROM shop_silver.orders ORDER BY 1") == [("a",), ("b",)]


def test_names_and_descriptions_may_hold_whatever_a_contract_says(warehouse, stage, publication, folder):
    mart = Table(
        name="order",
        layer=Layer.GOLD,
        grain=("select",),
        description='It\'s "an order"; 100 % of them? -- yes /* all */',
        columns=(
            Column("select", "integer", "O'Neill's; $1 %s ?", nullable=False),
            Column('Mixed "quote"', "varchar(20)", "Both ' and \"."),
            Column("from date", "date", "A blank, and a word of SQL."),
        ),
        sort=("from date",),
    )
    product = replace(PRODUCT, steps=(replace(PRODUCT.step("sales"), table=mart),))
    row = (1, 'it\'s "quoted"', DAY)
    with warehouse.write() as session:
        publish_gold(session, product, [Staged(table=mart, files=stage(mart, row))], publication)
        again = tuple(unload_rows(session, "shop.order", mart.columns, f"{folder}/out"))
        publish_gold(session, product, [Staged(table=mart, files=again)], publication)
        rollback(session, product, 1, publication)
        assert session.rows('SELECT "select", "Mixed ""quote""", "from date" FROM shop."order"') == [row]
