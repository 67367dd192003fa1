"""What each device took on each day, by what became of the transactions."""

from __future__ import annotations

from medallion.arithmetic import MONEY
from medallion.contracts import Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.spark import DataFrame, F

TABLE = Table(
    name="device_days",
    layer=Layer.SILVER,
    grain=("happened_date", "device_id", "status"),
    description="One row a day, device and status with transactions.",
    columns=(
        shared.HAPPENED_DATE,
        shared.DEVICE_ID,
        shared.STATUS,
        shared.TRANSACTION_COUNT,
        shared.TRANSACTED_AMOUNT,
    ),
    sort=("happened_date",),
)


def build(transactions: DataFrame) -> DataFrame:
    """Transactions summed. Grain: (happened_date, device_id, status)."""
    return TABLE.conform(
        transactions.groupBy(*TABLE.grain).agg(
            F.count(F.lit(1)).alias("transaction_count"),
            F.sum("amount").cast(MONEY).alias("transacted_amount"),
        )
    )
