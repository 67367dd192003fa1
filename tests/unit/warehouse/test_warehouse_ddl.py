"""The statements derived from a contract, for both dialects."""

from __future__ import annotations

import pytest
from shop import CUSTOMERS, ORDERS, SALES

from medallion.contracts import Column
from medallion.errors import UsageError
from medallion.warehouse import ddl


def test_a_redshift_table_has_byte_lengths_and_the_contract_s_layout():
    assert ddl.create_table("shop_silver.orders", ORDERS, "redshift") == (
        'CREATE TABLE "shop_silver"."orders" (\n'
        '  "order_id" VARCHAR(32) NOT NULL,\n'
        '  "ordered_at" TIMESTAMP,\n'
        '  "order_date" DATE,\n'
        '  "net_amount" DECIMAL(18,2),\n'
        '  "item_quantity" BIGINT,\n'
        '  "is_loyalty" BOOLEAN,\n'
        '  "discount_rate" DOUBLE PRECISION\n'
        ")\n"
        "DISTSTYLE KEY\n"
        'DISTKEY ("order_id")\n'
        'COMPOUND SORTKEY ("order_date")\n'
        "ENCODE AUTO"
    )


def test_a_table_without_keys_leaves_the_layout_to_redshift():
    assert ddl.create_table("shop.sales", SALES, "redshift").endswith("DISTSTYLE AUTO\nSORTKEY AUTO\nENCODE AUTO")


def test_a_duckdb_table_keeps_not_null_and_no_lengths():
    assert ddl.create_table("shop.sales", SALES, "duckdb") == (
        'CREATE TABLE "shop"."sales" (\n  "currency" VARCHAR NOT NULL,\n  "net_amount" DECIMAL(18,2)\n)'
    )


def test_duckdb_does_not_look_for_repetition_in_keys():
    statement = ddl.create_table("shop.customers", CUSTOMERS, "duckdb")
    assert '"user_id" VARCHAR USING COMPRESSION uncompressed NOT NULL' in statement


@pytest.mark.parametrize("dialect", ["duckdb", "redshift"])
def test_no_dialect_gets_a_key_constraint(dialect):
    statement = ddl.create_table("shop.orders", ORDERS, dialect)
    assert "PRIMARY" not in statement
    assert "UNIQUE" not in statement


def test_a_redshift_view_is_not_bound_to_its_table():
    assert ddl.create_view("shop.sales", "shop_versions.sales__000007", ["currency"], "redshift") == (
        'CREATE OR REPLACE VIEW "shop"."sales" AS SELECT "currency" FROM "shop_versions"."sales__000007"'
        " WITH NO SCHEMA BINDING"
    )


def test_a_quote_in_a_name_or_description_stays_inside_it():
    described = ddl.quote('a"b') + ddl.literal("the customer's")
    assert described == "\"a\"\"b\"'the customer''s'"


def test_a_column_that_must_be_filled_cannot_be_added():
    with pytest.raises(UsageError, match=r"column 'score' is new and must be filled.*--full-refresh"):
        ddl.add_column("shop.sales", Column("score", "double", "Score.", nullable=False), "redshift")
