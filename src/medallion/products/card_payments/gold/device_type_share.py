"""Which share of the transactions does each kind of device take?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.counting import counted, of_stores
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import DataFrame, F, Window

TABLE = Table(
    name="device_type_share",
    layer=Layer.GOLD,
    grain=("device_type",),
    description="One row a kind of device with transactions in counted_statuses; the shares add up to 1.",
    columns=(
        shared.DEVICE_TYPE,
        shared.AS_OF,
        shared.TRANSACTION_COUNT,
        Column(
            "transaction_share",
            "double",
            "Share of the transactions of all known devices.",
            "rate",
            False,
            minimum=0,
            maximum=1,
            formula="transaction_count / sum(transaction_count)",
        ),
    ),
    sort=("device_type",),
    exclusions="Transactions after as_of, and those whose status rule counted_statuses does not name.",
)


def build(store_days: DataFrame, *, as_of: date, rules: CardPaymentsRules) -> DataFrame:
    """Store days summed by kind of device. Grain: device_type."""
    sums = (
        of_stores(counted(store_days, rules, as_of))
        .groupBy("device_type")
        .agg(F.sum("transaction_count").alias("transaction_count"))
    )
    share = ratio("transaction_count", F.sum("transaction_count").over(Window.partitionBy("as_of")))
    return TABLE.conform(sums.withColumn("as_of", F.lit(as_of)).withColumn("transaction_share", share))
