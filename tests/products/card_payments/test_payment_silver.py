"""Delivered stores, devices and transactions: which are accepted, which rejected and why, and which counts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from frames import accepted, fates, rejected, values
from payment_rows import device, devices_built, paid, store, stores_built, transactions_built
from pyspark.sql import SparkSession

from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import F


def written(built, *names):
    """Timestamps as UTC text, whatever zone the client shows them in."""
    return values(built.select(*(F.date_format(name, "yyyy-MM-dd HH:mm:ss").alias(name) for name in names)), *names)


def test_a_transaction_is_typed_as_it_is_written(spark: SparkSession) -> None:
    built = transactions_built(spark, paid(" 7 ", amount="12.5", status="Accepted", product_sku="v3770009015028"))

    names = ("transaction_id", "product_sku", "amount", "status", "card_last4", "product_name_2")
    assert values(built, *names) == [("7", "3770009015028", Decimal("12.50"), "accepted", "3496", "magna")]
    assert written(built, "created_at", "happened_at") == [("2023-01-06 03:52:35", "2023-01-05 08:10:46")]


def test_twelve_without_am_or_pm_is_taken_as_noon(spark: SparkSession) -> None:
    built = transactions_built(spark, paid(happened_at="1/5/2023 12:00:01"))

    assert written(built, "happened_at") == [("2023-01-05 12:00:01",)]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"status": "pending"}, "unknown_status"),
        ({"status": None}, "unknown_status"),
        ({"amount": "1,234"}, "invalid_amount"),
        ({"amount": "1e3"}, "invalid_amount"),
        ({"amount": None}, "invalid_amount"),
        ({"amount": "12345678901234567"}, "overflow_amount"),
        ({"amount": "1.005"}, "overflow_amount"),
        ({"happened_at": "02/30/2023 5:00:00"}, "invalid_happened_at"),
        ({"happened_at": "13/01/2023 5:00:00"}, "invalid_happened_at"),
        ({"happened_at": "01/05/2023 5:60:00"}, "invalid_happened_at"),
        ({"happened_at": "01/05/2023 24:00:00"}, "invalid_happened_at"),
        ({"happened_at": None}, "invalid_happened_at"),
        ({"created_at": "yesterday"}, "invalid_created_at"),
        ({"transaction_id": "  "}, "missing_transaction_id"),
        ({"device_id": None}, "missing_device_id"),
        ({"device_id": "(number withheld)"}, "long_number_in_device_id"),
        ({"product_name": "é" * 128}, "too_long_product_name"),
        ({"status": "x", "amount": "y"}, "invalid_amount,unknown_status"),
    ],
)
def test_a_bad_transaction_is_rejected_with_its_reason_and_text(
    spark: SparkSession, given: dict[str, str | None], reason: str
) -> None:
    built = rejected(transactions_built(spark, paid(**given), paid("2")))

    assert values(built, "_reasons") == [(reason,)]
    assert '"card_number":"3496"' in values(built, "_raw_text")[0][0]


def test_what_is_not_said_is_null_where_it_may_be(spark: SparkSession) -> None:
    built = transactions_built(
        spark, paid(created_at=None, product_name=None, product_sku=" ", product_name_2="", card_number="")
    )

    names = ("_disposition", "created_at", "product_name", "product_sku", "product_name_2", "card_last4")
    assert values(built, *names) == [("accepted", None, None, None, None, None)]


def test_a_newer_delivery_updates_the_whole_transaction_also_to_null(spark: SparkSession) -> None:
    built = transactions_built(
        spark,
        paid(status="accepted", delivery=2, product_name=None),
        paid(status="refused", delivery=1),
        paid(status="nonsense", delivery=3),
    )

    assert values(accepted(built), "status", "product_name", "_batch_id") == [("accepted", None, "00000002")]
    assert fates(built) == {"accepted": 1, "duplicate": 1, "rejected": 1}


def test_within_a_delivery_the_last_record_of_a_transaction_counts(spark: SparkSession) -> None:
    built = transactions_built(spark, paid(status="accepted"), paid(status="cancelled"))

    assert values(accepted(built), "status", "_row_number") == [("cancelled", 2)]


@pytest.mark.parametrize(
    ("delivered_sku", "rules", "sku"),
    [
        ("V3770009015028", CardPaymentsRules(), "3770009015028"),
        ("v3770009015028", CardPaymentsRules(stripped_sku_prefixes=()), "v3770009015028"),
        ("va3770009015028", CardPaymentsRules(), "va3770009015028"),
        ("v3770009015028", CardPaymentsRules(sku_aliases={"3770009015028": "3770009015042"}), "3770009015042"),
        ("x1", CardPaymentsRules(stripped_sku_prefixes=("v", "x")), "1"),
    ],
)
def test_a_prefix_and_an_alias_stand_for_another_code(
    spark: SparkSession, delivered_sku: str, rules: CardPaymentsRules, sku: str
) -> None:
    built = transactions_built(spark, paid(product_sku=delivered_sku), rules=rules)

    assert values(built, "product_sku") == [(sku,)]


def test_a_device_of_no_store_is_rejected_and_one_of_an_unknown_store_waits(spark: SparkSession) -> None:
    stores = accepted(stores_built(spark, store("s1")))

    built = devices_built(spark, stores, device("d1", "s1"), device("d2", ""), device("d3", "s9"), device(" ", "s1"))

    assert values(rejected(built), "device_id", "_reasons") == [
        ("d2", "missing_store_id"),
        ("d3", "unknown_store"),
        (None, "missing_device_id"),
    ]
    assert values(accepted(built), "device_id", "store_id") == [("d1", "s1")]


def test_a_device_is_where_its_newest_good_delivery_says(spark: SparkSession) -> None:
    stores = accepted(stores_built(spark, store("s1"), store("s2")))

    built = devices_built(
        spark, stores, device(delivery=2, store_id="s2"), device(delivery=1), device(delivery=3, store_id="s9")
    )

    assert values(accepted(built), "device_id", "store_id") == [("d1", "s2")]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"store_id": None}, "missing_store_id"),
        ({"created_at": "2022-03-24"}, "invalid_created_at"),
        ({"typology": "all"}, "reserved_typology"),
        ({"city": "x" * 101}, "too_long_city"),
    ],
)
def test_a_bad_store_is_rejected_with_its_reason(
    spark: SparkSession, given: dict[str, str | None], reason: str
) -> None:
    assert values(stores_built(spark, store(**given)), "_disposition", "_reasons") == [("rejected", reason)]


def test_a_store_is_what_its_newest_delivery_says(spark: SparkSession) -> None:
    built = stores_built(spark, store(delivery=1), store(delivery=2, country=None, typology=" Press "))

    assert values(accepted(built), "store_id", "country", "typology") == [("s1", None, "Press")]
    assert accepted(built).collect()[0]["created_at"] is not None
    assert isinstance(accepted(built).collect()[0]["created_at"], datetime)
