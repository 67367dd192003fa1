"""Card payments: delivered records and silver rows of which a test names what matters to it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from frames import Row, delivered, frame
from pyspark.sql import DataFrame, SparkSession

from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.products.card_payments.silver import device_days, devices, first_transactions, product_days, store_days
from medallion.products.card_payments.silver import stores as stores_module
from medallion.products.card_payments.silver import transactions as transactions_module
from medallion.products.card_payments.sources import DEVICES, STORES, TRANSACTIONS

RULES = CardPaymentsRules()
AS_OF = date(2023, 2, 28)


def paid(transaction_id: str | None = "1", *, delivery: int = 1, **text: str | None) -> Row:
    """A delivered transaction: 100, accepted, on 5 January 2023; the gate left four digits of its card."""
    return {
        "transaction_id": transaction_id,
        "device_id": "d1",
        "product_name": "neque vitae",
        "product_sku": "3770009015048",
        "product_name_2": "magna",
        "amount": "100",
        "status": "accepted",
        "card_number": "3496",
        "created_at": "01/06/2023 3:52:35",
        "happened_at": "01/05/2023 8:10:46",
        **text,
        "delivery": delivery,
    }


def store(store_id: str | None = "s1", *, delivery: int = 1, **text: str | None) -> Row:
    """A delivered store: a hotel in Belgium of customer c1."""
    return {
        "store_id": store_id,
        "store_name": f"Store {store_id}",
        "address": "Ap #844-1075 A, Av.",
        "city": "Gaspé",
        "country": "Belgium",
        "created_at": "03/24/2022 4:52:21",
        "typology": "Hotel",
        "customer_id": "c1",
        **text,
        "delivery": delivery,
    }


def device(device_id: str | None = "d1", store_id: str | None = "s1", *, delivery: int = 1, **text: str | None) -> Row:
    """A delivered device of kind 1."""
    return {"device_id": device_id, "device_type": "1", "store_id": store_id, **text, "delivery": delivery}


def stores_built(spark: SparkSession, *records: Row) -> DataFrame:
    return stores_module.build(delivered(spark, STORES, *records))


def devices_built(spark: SparkSession, stores: DataFrame, *records: Row) -> DataFrame:
    return devices.build(delivered(spark, DEVICES, *records), stores)


def transactions_built(spark: SparkSession, *records: Row, rules: CardPaymentsRules = RULES) -> DataFrame:
    return transactions_module.build(delivered(spark, TRANSACTIONS, *records), rules=rules)


def transaction(transaction_id: str, happened: str, amount: str = "100.00", **given: Any) -> Row:
    """A row of silver: accepted, on device d1; `happened` is ISO text."""
    happened_at = datetime.fromisoformat(happened).replace(tzinfo=UTC)
    return {
        "transaction_id": transaction_id,
        "device_id": "d1",
        "product_name": "neque vitae",
        "product_sku": "3770009015048",
        "amount": Decimal(amount),
        "status": "accepted",
        "happened_at": happened_at,
        "happened_date": happened_at.date(),
        **given,
    }


class Silver:
    """The silver tables of stores s1 (hotel, Belgium) and s2 (florist, Spain), with devices d1, d2 and e1."""

    def __init__(self, spark: SparkSession, *rows: Row, rules: CardPaymentsRules = RULES, more: tuple[Row, ...] = ()):
        known = [
            {"store_id": "s1", "store_name": "One", "country": "Belgium", "typology": "Hotel", "customer_id": "c1"},
            {"store_id": "s2", "store_name": "Two", "country": "Spain", "typology": "Florist", "customer_id": "c2"},
            *more,
        ]
        places = [("d1", "1", "s1"), ("d2", "2", "s1"), ("e1", "1", "s2")]
        readers = [{"device_id": one, "device_type": kind, "store_id": at} for one, kind, at in places]
        self.transactions = frame(spark, transactions_module.TABLE, rows)
        self.stores = frame(spark, stores_module.TABLE, known)
        self.devices = frame(spark, devices.TABLE, readers)
        self.device_days = device_days.build(self.transactions)
        self.product_days = product_days.build(self.transactions)
        self.first_transactions = first_transactions.build(self.transactions, rules=rules)
        self.store_days = store_days.build(self.device_days, self.devices, rules=rules)
