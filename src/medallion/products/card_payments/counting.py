"""Which transactions count, on a day, and what of them is a known store's."""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, dated_up_to
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import DataFrame, F, SparkColumn


def counted(days: DataFrame, rules: CardPaymentsRules, day: date | None) -> DataFrame:
    """The rows in rule counted_statuses that happened up to a day."""
    return dated_up_to(days, "happened_date", day).where(F.col("status").isin(*rules.counted_statuses))


def of_stores(store_days: DataFrame) -> DataFrame:
    """The rows whose store is known."""
    return store_days.where(F.col("store_id").isNotNull())


def transaction_sums() -> tuple[SparkColumn, SparkColumn]:
    """transaction_count and transacted_amount over days."""
    return (
        F.sum("transaction_count").alias("transaction_count"),
        F.sum("transacted_amount").cast(MONEY).alias("transacted_amount"),
    )
