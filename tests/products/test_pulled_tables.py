"""Tables of operational systems as the source-aligned products make them: typed, newest first, and why not."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from frames import Row, delivered, values
from pyspark.sql import SparkSession

from medallion.data_product import DataProduct
from medallion.lineage import DISPOSITION, REASONS
from medallion.products.logistics_wms.product import PRODUCT as LOGISTICS_WMS
from medallion.products.sales_crm.product import PRODUCT as SALES_CRM
from medallion.products.sales_erp.product import PRODUCT as SALES_ERP

GOOD: dict[str, tuple[DataProduct, Row, dict[str, Any]]] = {
    "sales_crm": (
        SALES_CRM,
        {
            "id": "7",
            "first_name": " Ada",
            "last_name": "",
            "email": "é@example.org",
            "signup_date": "2024-01-15 23:30:00.25",
        },
        {
            "id": 7,
            "first_name": "Ada",
            "last_name": None,
            "email": "é@example.org",
            "signup_date": datetime(2024, 1, 15, 23, 30, 0, 250000, tzinfo=UTC),
            "signup_day": date(2024, 1, 15),
        },
    ),
    "sales_erp": (
        SALES_ERP,
        {"order_id": "7", "customer_id": "", "order_date": "2024-01-15 00:00:00", "total_amount": "12345678.90"},
        {
            "order_id": 7,
            "customer_id": None,
            "order_date": datetime(2024, 1, 15, tzinfo=UTC),
            "total_amount": Decimal("12345678.90"),
            "order_day": date(2024, 1, 15),
        },
    ),
    "logistics_wms": (
        LOGISTICS_WMS,
        {"shipment_id": "7", "order_ref": "8", "shipped_date": "", "delivery_status": "In Transit"},
        {
            "shipment_id": 7,
            "order_ref": 8,
            "shipped_date": None,
            "delivery_status": "In Transit",
            "shipped_day": None,
        },
    ),
}
EVERY = pytest.mark.parametrize("name", GOOD)


def built(spark: SparkSession, known: DataProduct, *records: Row) -> Any:
    """What the product's silver table makes of pulled records, in the order of their pulls."""
    step, source = known.steps[0], known.sources[0]
    rules = {"rules": known.rules()} if "rules" in step.parameters else {}
    return step.build(delivered(spark, source, *({"_is_deleted": False, **one} for one in records)), **rules)


def moments(spark: SparkSession, found: Any) -> Any:
    """Instants as a table of the driver's time zone would show them, in UTC."""
    return [value.astimezone(UTC) if isinstance(value, datetime) else value for value in found]


@EVERY
def test_a_pulled_row_is_typed_with_its_day(spark: SparkSession, name: str) -> None:
    known, record, expected = GOOD[name]

    [row] = values(built(spark, known, record | {"delivery": 0}), *expected, DISPOSITION)

    assert moments(spark, row) == [*expected.values(), "accepted"]


@EVERY
def test_the_newest_record_says_what_the_row_is_and_earlier_ones_are_duplicates(spark: SparkSession, name: str) -> None:
    known, record, _ = GOOD[name]
    again = [record | {"delivery": number} for number in range(3)]

    found = values(built(spark, known, *again), "_batch_id", DISPOSITION)

    assert [disposition for _, disposition in found] == ["duplicate", "duplicate", "accepted"]


@EVERY
def test_of_a_row_that_is_gone_none_is_accepted_and_it_may_come_back(spark: SparkSession, name: str) -> None:
    known, record, _ = GOOD[name]
    key = known.sources[0].table.key  # type: ignore[union-attr]
    gone = dict.fromkeys(record, "") | {column: record[column] for column in key} | {"_is_deleted": True}
    history = [record | {"delivery": 0}, gone | {"delivery": 1}]

    left = values(built(spark, known, *history), "_batch_id", DISPOSITION)
    back = values(built(spark, known, *history, record | {"delivery": 2}), "_batch_id", DISPOSITION)

    assert [disposition for _, disposition in left] == ["duplicate", "deleted"]
    assert [disposition for _, disposition in back] == ["duplicate", "deleted", "accepted"]


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("sales_crm", {"email": "é".ljust(100, "x")}, "too_long_email"),  # 101 bytes
        ("sales_crm", {"signup_date": ""}, "invalid_signup_date"),
        ("sales_erp", {"order_date": ""}, "invalid_order_date"),
        ("sales_erp", {"total_amount": ""}, "invalid_total_amount"),
        ("logistics_wms", {"order_ref": ""}, "invalid_order_ref"),
        ("logistics_wms", {"delivery_status": ""}, "unknown_status"),
        ("logistics_wms", {"delivery_status": "Left on the porch"}, "unknown_status"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_and_the_earlier_one_counts_no_more(
    spark: SparkSession, name: str, change: Row, reason: str
) -> None:
    known, record, _ = GOOD[name]
    history = [record | {"delivery": 0}, record | change | {"delivery": 1}]

    found = values(built(spark, known, *history), "_batch_id", DISPOSITION, REASONS)

    assert [row[1:] for row in found] == [("duplicate", ""), ("rejected", reason)]
