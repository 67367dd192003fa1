"""The activity of customers: the seed's target columns, one row an order, and what is left out."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from frames import Row, frame, values
from pyspark.sql import DataFrame, SparkSession

from medallion.products.marketing_360 import activity_days, customer_activity
from medallion.products.marketing_360.inputs import CUSTOMERS, ORDERS, SHIPMENTS
from medallion.products.marketing_360.probes import orders_of_nobody, orders_with_several_shipments_under_way
from medallion.products.marketing_360.rules import Marketing360Rules

JUNE = date(2024, 6, 1)
ADA = {
    "id": 1,
    "first_name": "Ada",
    "last_name": "Archer",
    "email": "ada@example.org",
    "signup_date": "2024-05-01 23:59",
}
ORDER = {"order_id": 10, "customer_id": 1, "order_date": "2024-05-10 23:00", "total_amount": Decimal("12.50")}
SHIPMENT = {"shipment_id": 100, "order_ref": 10, "shipped_date": "2024-05-11 01:00", "delivery_status": "Shipped"}


def inputs(
    spark: SparkSession, customers: list[Row], orders: list[Row], shipments: list[Row]
) -> tuple[DataFrame, DataFrame, DataFrame]:
    def typed(row: Row) -> Row:
        return {
            name: datetime.fromisoformat(f"{value}+00:00") if name.endswith("_date") and value else value
            for name, value in row.items()
        }

    given = ((CUSTOMERS, customers), (ORDERS, orders), (SHIPMENTS, shipments))
    one, two, three = (frame(spark, source.contract, map(typed, rows)) for source, rows in given)
    return one, two, three


def activity(
    spark: SparkSession,
    columns: str,
    customers: list[Row] | None = None,
    orders: list[Row] | None = None,
    shipments: list[Row] | None = None,
    as_of: date = JUNE,
) -> list[tuple[Any, ...]]:
    """The columns named of all rows; without other word Ada's order and its shipment."""
    given = inputs(
        spark,
        [ADA] if customers is None else customers,
        [ORDER] if orders is None else orders,
        [SHIPMENT] if shipments is None else shipments,
    )
    return values(customer_activity.build(*given, as_of=as_of), *columns.split())


def test_the_table_has_exactly_the_columns_and_types_of_the_seeds_target() -> None:
    assert [(column.name, column.type) for column in customer_activity.TABLE.columns] == [
        ("customer_id", "integer"),
        ("customer_name", "varchar(101)"),
        ("customer_email", "varchar(100)"),
        ("account_age_days", "integer"),
        ("order_id", "integer"),
        ("order_total", "decimal(10,2)"),
        ("days_from_order_to_ship", "integer"),
        ("delivery_status", "varchar(20)"),
    ]


def test_an_order_stands_with_its_customer_and_shipment_and_days_are_those_of_the_calendar(spark: SparkSession) -> None:
    # 1 May to 1 June: 31 days; 23:00 to 01:00 of the next day: one day.
    assert activity(spark, " ".join(customer_activity.TABLE.column_names)) == [
        (1, "Ada Archer", "ada@example.org", 31, 10, Decimal("12.50"), 1, "Shipped")
    ]


def test_a_customer_without_orders_is_kept(spark: SparkSession) -> None:
    assert activity(spark, "customer_id order_id order_total delivery_status", orders=[]) == [(1, None, None, None)]


def test_an_order_that_was_not_shipped_is_kept(spark: SparkSession) -> None:
    assert activity(spark, "order_id days_from_order_to_ship delivery_status", shipments=[]) == [(10, None, None)]


def test_of_several_shipments_the_one_shipped_last_counts_then_the_higher_id(spark: SparkSession) -> None:
    later = SHIPMENT | {"shipment_id": 90, "shipped_date": "2024-05-12 10:00", "delivery_status": "In Transit"}
    same = later | {"shipment_id": 95, "delivery_status": "Delivered"}
    waiting = SHIPMENT | {"shipment_id": 200, "shipped_date": None}

    found = activity(spark, "days_from_order_to_ship delivery_status", shipments=[same, SHIPMENT, later, waiting])

    assert found == [(2, "Delivered")]


def test_an_order_of_a_customer_who_is_gone_is_in_no_row(spark: SparkSession) -> None:
    gone, nobody = ORDER | {"order_id": 11, "customer_id": 2}, ORDER | {"order_id": 12, "customer_id": None}

    assert activity(spark, "order_id", orders=[ORDER, gone, nobody]) == [(10,)]


def test_what_came_after_the_day_is_left_out(spark: SparkSession) -> None:
    assert activity(spark, "order_id delivery_status", as_of=date(2024, 5, 10)) == [(10, None)]
    assert activity(spark, "customer_id order_id", as_of=date(2024, 5, 9)) == [(1, None)]
    assert activity(spark, "customer_id", as_of=date(2024, 4, 30)) == []


def test_a_name_of_one_part_is_that_part_and_none_is_none(spark: SparkSession) -> None:
    customers = [ADA | {"first_name": None}, ADA | {"id": 2, "first_name": None, "last_name": None}]

    assert activity(spark, "customer_name", customers=customers, orders=[]) == [("Archer",), (None,)]


def test_days_with_any_activity_are_counted(spark: SparkSession) -> None:
    again = ORDER | {"order_id": 11, "order_date": "2024-05-11 08:00"}

    days = activity_days.build(*inputs(spark, [ADA], [ORDER, again], [SHIPMENT, SHIPMENT | {"shipped_date": None}]))

    assert values(days, *activity_days.TABLE.column_names) == [
        (date(2024, 5, 1), 1, 0, 0),
        (date(2024, 5, 10), 0, 1, 0),
        (date(2024, 5, 11), 0, 1, 1),
    ]


def test_orders_of_nobody_are_counted(spark: SparkSession) -> None:
    gone, nobody = ORDER | {"order_id": 11, "customer_id": 2}, ORDER | {"order_id": 12, "customer_id": None}
    customers, orders, _ = inputs(spark, [ADA], [ORDER, gone, nobody], [])

    found = orders_of_nobody(orders, customers, rules=Marketing360Rules()).collect()

    assert [tuple(row) for row in found] == [(2, "2 orders are of no known customer: they are in no row")]


def test_orders_with_two_shipments_under_way_are_counted(spark: SparkSession) -> None:
    arrived = SHIPMENT | {"shipment_id": 101, "delivery_status": "Delivered"}
    *_, shipments = inputs(spark, [], [], [SHIPMENT, arrived])
    rules = Marketing360Rules()
    assert orders_with_several_shipments_under_way(shipments, rules=rules).collect()[0]["failed_count"] == 0

    *_, shipments = inputs(spark, [], [], [SHIPMENT, SHIPMENT | {"shipment_id": 101}])

    assert orders_with_several_shipments_under_way(shipments, rules=rules).collect()[0]["failed_count"] == 1
