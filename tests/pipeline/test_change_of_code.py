"""The code or the contract of a table changes between two runs: what is built again, what is refused, what stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from restaurant_input import ITEMS_HEADER, Bench, write_csv

from medallion.catalog import product
from medallion.contracts import Column, Table
from medallion.data_product import DataProduct, Step
from medallion.errors import UsageError
from medallion.pipeline.prepare import prepare
from medallion.pipeline.progress import Report
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request
from medallion.products.restaurant.gold import customer_segments
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver import date_dim, hour_days, orders
from medallion.spark import DataFrame, F

RESTAURANT = product("restaurant")
LATER = "app,r1,2024-01-06T09:00:00Z,o7,u2,,FALSE,USD,l1,Mains,Burger,10.00,1"


def changed(step: Step) -> DataProduct:
    """The restaurant product with one step in place of the one of that table."""
    steps = tuple(step if one.table.name == step.table.name else one for one in RESTAURANT.steps)
    return replace(RESTAURANT, steps=steps)


def request(bench: Bench, of: DataProduct, *, is_full: bool = False, as_of: date | None = None) -> Request:
    folder = bench.input if any(bench.input.iterdir()) else None
    return Request(product=of, rules=RestaurantRules(), input=folder, is_full=is_full, as_of=as_of)


def run(bench: Bench, of: DataProduct, *, is_full: bool = False) -> Report:
    return execute(bench.workspace, request(bench, of, is_full=is_full))


def worked_on(report: Report) -> set[str]:
    return {table.name for table in report.tables if table.action != "skipped"}


def with_dependents(name: str) -> set[str]:
    found = {name}
    for step in RESTAURANT.steps:
        if found & set(RESTAURANT.published_inputs(step)):
            found.add(step.table.name)
    return found


def segments_again(customers: DataFrame, *, as_of: date) -> DataFrame:
    return customer_segments.build(customers, as_of=as_of)


def hours_again(orders: DataFrame, *, rules: RestaurantRules) -> DataFrame:
    return hour_days.build(orders, rules=rules)


def orders_with_weekday(order_lines: DataFrame) -> DataFrame:
    return orders.build(order_lines).withColumn("weekday", F.dayofweek("order_date"))


def with_column(table: Table, column: Column) -> Table:
    return replace(table, columns=(*table.columns, column))


def without_column(table: Table, name: str) -> Table:
    return replace(table, columns=tuple(column for column in table.columns if column.name != name))


def with_type(table: Table, name: str, type_name: str) -> Table:
    columns = (replace(column, type=type_name) if column.name == name else column for column in table.columns)
    return replace(table, columns=tuple(columns))


NEW_SEGMENTS = changed(Step(table=customer_segments.TABLE, build=segments_again))
WEEKDAY = Column("weekday", "integer", "Day of the week of order_date, 1 is Sunday.")


def conforming(table: Table, build: Callable[..., DataFrame]) -> Callable[..., DataFrame]:
    """A build of the same inputs whose columns are those of another contract."""

    def built(order_lines: DataFrame) -> DataFrame:
        return table.conform(build(order_lines))

    return built


def test_a_mart_whose_code_changed_is_built_again_and_nothing_else(published: Bench) -> None:
    assert worked_on(run(published, NEW_SEGMENTS)) == {"customer_segments", "customer_segment_changes"}


def test_what_depends_on_a_table_whose_code_changed_is_built_again_and_nothing_else(published: Bench) -> None:
    report = run(published, changed(Step(table=hour_days.TABLE, build=hours_again, key="order_date")))

    assert worked_on(report) == {"hour_days", "pricing_by_item", "sales_by_hour"}


def test_code_that_is_put_back_is_a_change_as_well(published: Bench) -> None:
    run(published, NEW_SEGMENTS)

    assert worked_on(run(published, RESTAURANT)) == {"customer_segments", "customer_segment_changes"}


@pytest.fixture
def wider_orders() -> DataProduct:
    wider = with_column(orders.TABLE, WEEKDAY)
    return changed(Step(table=wider, build=conforming(wider, orders_with_weekday), key="order_id"))


def test_a_new_column_that_may_be_empty_is_added_to_the_table_in_place(
    published: Bench, wider_orders: DataProduct
) -> None:
    table = "FROM duckdb_tables() WHERE schema_name = 'restaurant_silver' AND table_name = 'orders'"
    before = published.value(f"SELECT table_oid {table}")

    report = run(published, wider_orders)

    assert worked_on(report) == with_dependents("orders")
    assert published.value(f"SELECT table_oid {table}") == before
    assert published.rows("SELECT order_id, weekday FROM restaurant_silver.orders ORDER BY 1") == [
        ("o1", 2),  # 2024-01-01 was a Monday
        ("o2", 3),
        ("o3", 6),
    ]


def test_after_that_small_deliveries_update_the_wider_table(published: Bench, wider_orders: DataProduct) -> None:
    run(published, wider_orders)
    rows = [LATER.replace(",o7,", f",p{number},") for number in range(40)]
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, rows)
    run(published, wider_orders)
    write_csv(published.input, "order_items_3.csv", ITEMS_HEADER, [LATER])

    report = run(published, wider_orders)

    assert {table.name: table.action for table in report.tables}["orders"] == "updated"
    assert published.value("SELECT weekday FROM restaurant_silver.orders WHERE order_id = 'o7'") == 7


BREAKS = {
    "a column that is gone": (without_column(customer_segments.TABLE, "rfm_code"), "column 'rfm_code' is gone"),
    "a column of another type": (
        with_type(customer_segments.TABLE, "frequency", "integer"),
        "column 'frequency' was bigint and is integer",
    ),
    "a column that may be empty now": (
        replace(
            customer_segments.TABLE,
            columns=tuple(
                replace(c, nullable=True) if c.name == "segment" else c for c in customer_segments.TABLE.columns
            ),
        ),
        "column 'segment' was always filled and may be empty",
    ),
    "another grain": (
        replace(customer_segments.TABLE, grain=("user_id",)),
        r"its grain was \(user_id, currency\) and is \(user_id\)",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_contract_that_breaks_readers_is_refused_by_plan_and_run(published: Bench, name: str) -> None:
    table, words = BREAKS[name]
    broken = changed(Step(table=table, build=customer_segments.build))

    for attempt in (lambda: prepare(published.workspace, request(published, broken)), lambda: run(published, broken)):
        with pytest.raises(UsageError, match=f"customer_segments: .*{words}.* run with --full-refresh"):
            attempt()
    assert published.value("SELECT max(version) FROM control.version WHERE layer = 'gold'") == 1


def test_a_new_column_that_must_be_filled_is_refused_in_silver(published: Bench) -> None:
    wider = with_column(orders.TABLE, replace(WEEKDAY, nullable=False))
    broken = changed(Step(table=wider, build=conforming(wider, orders_with_weekday), key="order_id"))

    with pytest.raises(UsageError, match=r"orders: .*column 'weekday' is new and must be filled"):
        run(published, broken)


def test_a_full_refresh_takes_a_contract_that_breaks_readers(published: Bench) -> None:
    narrower = without_column(date_dim.TABLE, "iso_year")

    def built(bronze_date_dim: DataFrame, location_days: DataFrame) -> DataFrame:
        return narrower.conform_delivered(date_dim.build(bronze_date_dim, location_days))

    broken = changed(Step(table=narrower, build=built))

    report = run(published, broken, is_full=True)

    assert {table.action for table in report.tables} == {"built"}
    columns = published.rows(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'restaurant_silver' AND table_name = 'date_dim'"
    )
    assert ("iso_year",) not in columns


CHANGES: dict[str, Callable[[Bench], Request]] = {
    "nothing": lambda bench: request(bench, RESTAURANT),
    "code": lambda bench: request(bench, NEW_SEGMENTS),
    "a small file": lambda bench: with_file(bench, [LATER]),
    "a big file": lambda bench: with_file(bench, [LATER.replace(",o7,", f",p{number},") for number in range(90)]),
    "another date": lambda bench: request(bench, RESTAURANT, as_of=date(2024, 1, 3)),
    "a full refresh": lambda bench: request(bench, RESTAURANT, is_full=True),
    "a selection": lambda bench: replace(request(bench, RESTAURANT), select=("customer_segments+",)),
    "days again": lambda bench: replace(request(bench, RESTAURANT), backfill=(date(2024, 1, 1), date(2024, 1, 2))),
}


def with_file(bench: Bench, rows: list[str]) -> Request:
    write_csv(bench.input, "order_items_9.csv", ITEMS_HEADER, rows)
    return request(bench, RESTAURANT)


@pytest.mark.parametrize("change", CHANGES)
def test_a_run_does_what_the_plan_said(published: Bench, change: str) -> None:
    rows = [LATER.replace(",o7,", f",b{number},") for number in range(60)]
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, rows)
    run(published, RESTAURANT)
    asked = CHANGES[change](published)
    done = {"build": "built", "update": "updated", "skip": "skipped"}

    planned = prepare(published.workspace, asked).plan
    report = execute(published.workspace, asked)

    expected = {table.name: done[table.action] for table in planned.tables}
    assert {table.name: table.action for table in report.tables} == (expected if report.run_id else {})
    assert (report.run_id is None) == planned.is_empty
    if change == "a small file":
        assert "updated" in expected.values()
        estimated = {table.name: table.expected_rows for table in planned.tables}["order_items"]
        assert estimated == pytest.approx(
            {table.name: table.rows_out for table in report.tables}["order_items"], rel=0.1
        )
