"""A product that reads another one reads its published version, says which, and is built anew when that changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from operational_systems import HomeOfProducts, Systems

from medallion.catalog import product
from medallion.contracts import Column
from medallion.errors import AuditError, UsageError
from medallion.pipeline.prepare import prepare
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request
from medallion.settings import load_rules
from medallion.warehouse.versions import Publication, rollback

MARKETING = product("marketing_360")
READ = (
    "SELECT DISTINCT input_product, input_table, version FROM control.input_version WHERE run_id ="
    " (SELECT max_by(run_id, number) FROM control.run WHERE product = 'marketing_360') ORDER BY 1"
)
NAMES = "SELECT customer_name FROM marketing_360.customer_activity ORDER BY customer_id"


@pytest.fixture
def built(home: HomeOfProducts, systems: Systems) -> HomeOfProducts:
    """A home with all four products, each published once."""
    systems.add_customers(*range(1, 4))
    for name in ("sales_crm", "sales_erp", "logistics_wms", "marketing_360"):
        home.run(name)
    return home


def planned(home: HomeOfProducts) -> dict[str, str]:
    request = Request(product=MARKETING, rules=load_rules(MARKETING))
    return {table.name: table.reason for table in prepare(home.workspace, request).plan.tables}


def rename(systems: Systems, name: str) -> None:
    systems.execute("UPDATE sources.crm_customers SET first_name = %s WHERE id = 1", name)


def test_a_product_is_not_built_before_what_it_reads(home: HomeOfProducts, systems: Systems) -> None:
    systems.add_customers(1)
    home.run("sales_crm")

    with pytest.raises(UsageError) as refusal:
        home.run("marketing_360")

    assert str(refusal.value) == (
        "marketing_360: reads sales_erp.orders, which was never published; run that first: medallion run sales_erp"
        " marketing_360"
    )


def test_a_run_records_the_versions_that_it_read(built: HomeOfProducts) -> None:
    assert built.rows(READ) == [
        ("logistics_wms", "shipments", 1),
        ("sales_crm", "customers", 1),
        ("sales_erp", "orders", 1),
    ]


def test_a_new_version_of_an_input_is_read_and_the_plan_says_so(built: HomeOfProducts, systems: Systems) -> None:
    rename(systems, "Bo")
    built.run("sales_crm")
    assert planned(built) == dict.fromkeys(
        ("activity_days", "customer_activity"), "reads version 2 of sales_crm.customers, which is new"
    )

    built.run("marketing_360")

    assert built.rows(NAMES)[0] == ("Bo Archer",)
    assert ("sales_crm", "customers", 2) in built.rows(READ)


def test_the_plan_of_a_product_that_reads_a_table_says_that_it_changed(built: HomeOfProducts, systems: Systems) -> None:
    rename(systems, "Bo")
    crm = product("sales_crm")

    plan = prepare(built.workspace, Request(product=crm, rules=load_rules(crm))).plan

    assert [batch.file_name for batch in plan.arrivals.new] == ["sources.crm_customers"]
    assert plan.tables[0].reason == "changes in table sources.crm_customers"


def test_inputs_of_the_same_content_are_nothing_to_do(built: HomeOfProducts) -> None:
    assert built.run("marketing_360").run_id is None


def test_what_an_input_has_not_published_is_not_read(built: HomeOfProducts, systems: Systems) -> None:
    systems.execute(
        "INSERT INTO sources.crm_customers SELECT n, 'Ada', 'Archer', n::text, NULL FROM generate_series(10, 200) AS n"
    )
    with pytest.raises(AuditError):
        built.run("sales_crm")

    assert built.run("marketing_360").run_id is None


def test_after_a_rollback_of_an_input_its_version_of_then_is_read(built: HomeOfProducts, systems: Systems) -> None:
    rename(systems, "Bo")
    built.run("sales_crm")
    built.run("marketing_360")
    publication = Publication(run_id="rollback", as_of=None, published_at=datetime.now(UTC))
    with built.workspace.warehouse.write() as session:
        rollback(session, product("sales_crm"), 1, publication)

    built.run("marketing_360")

    assert built.rows(NAMES)[0] == ("Ada Archer",)
    assert ("sales_crm", "customers", 3) in built.rows(READ)


@pytest.mark.parametrize(
    ("column", "has"),
    [(Column("email", "varchar(255)", ""), "varchar(100)"), (Column("phone", "varchar(20)", ""), "no such column")],
)
def test_an_input_that_lacks_a_column_or_has_it_otherwise_stops_the_reader(
    built: HomeOfProducts, column: Column, has: str
) -> None:
    customers, *others = MARKETING.inputs
    relying = replace(MARKETING, inputs=(replace(customers, columns=(*customers.columns[:3], column)), *others))

    with pytest.raises(UsageError) as refusal:
        execute(built.workspace, Request(product=relying, rules=load_rules(relying)))

    assert str(refusal.value) == (
        f"marketing_360: reads column '{column.name}' ({column.type}) of sales_crm.customers, which has {has} in"
        " version 1; agree with sales_crm on it"
    )
