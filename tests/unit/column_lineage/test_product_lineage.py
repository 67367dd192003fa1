"""What the columns of known marts are computed from, and that every column of every product is known."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession

from medallion.catalog import PRODUCTS, product
from medallion.column_lineage.builds import TableLineage, product_lineage
from medallion.column_lineage.origins import ROWS, ColumnRef
from medallion.contracts import BRONZE_PREFIX
from medallion.data_product import DataProduct


@pytest.fixture(scope="module")
def lineage(spark: SparkSession) -> dict[str, dict[str, TableLineage]]:
    return {one.name: product_lineage(spark, one, one.rules()) for one in PRODUCTS}


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("marketing_360.customer_activity.days_from_order_to_ship", "orders.order_date shipments.shipped_date"),
        ("marketing_360.customer_activity.customer_name", "customers.first_name customers.last_name"),
        ("marketing_360.customer_activity.order_total", "orders.total_amount"),
        ("marketing_360.activity_days.shipment_count", ""),
        ("restaurant.customer_lifetime_value.customer_lifetime_value", "customers.net_amount"),
        ("restaurant.customer_lifetime_value.average_order_value", "customers.net_amount customers.order_count"),
        ("restaurant.customers.order_count", "orders.*"),
        ("restaurant.pricing_by_discount_depth.gross_amount", "location_days.gross_amount"),
        ("sales_crm.crm_customers.signup_day", "bronze_crm_customers.signup_date"),
    ],
)
def test_a_known_column_is_computed_from(column: str, values: str, lineage: dict[str, dict[str, TableLineage]]) -> None:
    owner, table, name = column.split(".")

    found = lineage[owner][table].columns[name].values

    assert " ".join(sorted(f"{one.table}.{one.column}" for one in found)) == values


@pytest.mark.parametrize("name", [one.name for one in PRODUCTS])
def test_every_column_of_a_product_is_known(name: str, lineage: dict[str, dict[str, TableLineage]]) -> None:
    unknown = [
        f"{table}.{column}"
        for table, found in lineage[name].items()
        for column, origin in found.columns.items()
        if not origin.is_known
    ]
    assert unknown == []


@pytest.mark.parametrize("name", [one.name for one in PRODUCTS])
def test_intermediate_results_are_looked_through(name: str, lineage: dict[str, dict[str, TableLineage]]) -> None:
    inner = {step.table.name for step in product(name).intermediates}
    named = {
        ref.table
        for found in lineage[name].values()
        for origin in (*found.columns.values(), found.chosen_by)
        for ref in origin.all
    }
    assert named & inner == set()


def test_the_latest_shipment_is_chosen_by_its_date_and_id(lineage: dict[str, dict[str, TableLineage]]) -> None:
    chosen = {str(one.column) for one in lineage["marketing_360"]["customer_activity"].chosen_by.all}

    assert {"shipped_date", "shipment_id", "order_ref", "order_date", "signup_date"} <= chosen


@pytest.mark.parametrize("name", [one.name for one in PRODUCTS])
def test_what_is_computed_from_personal_data_is_marked_as_such_but_for_counts_and_yes_or_no(
    name: str, lineage: dict[str, dict[str, TableLineage]]
) -> None:
    owner = product(name)
    unmarked = []
    for table, found in lineage[name].items():
        for column in owner.step(table).table.columns:
            is_harmless = column.pii or column.unit == "count" or column.type == "boolean"
            personal = [one for one in found.columns[column.name].values if is_marked(owner, one)]
            if personal and not is_harmless:
                unmarked.append(f"{table}.{column.name}")
    assert unmarked == []


def is_marked(owner: DataProduct, ref: ColumnRef) -> bool:
    """Whether the contract of what a build reads marks the column as personal data."""
    if ref.column == ROWS:
        return False
    is_bronze = ref.table.startswith(BRONZE_PREFIX)
    contract = owner.source(ref.table.removeprefix(BRONZE_PREFIX)).bronze if is_bronze else owner.table(ref.table)
    return bool(contract.column(ref.column).pii)


def test_what_is_read_of_another_product_is_marked_as_it_is_there() -> None:
    differing = [
        f"{one.name}: {read}.{column.name}"
        for one in PRODUCTS
        for read in one.inputs
        for column in read.columns
        if column.pii != product(read.product).table(read.table).column(column.name).pii
    ]
    assert differing == []
