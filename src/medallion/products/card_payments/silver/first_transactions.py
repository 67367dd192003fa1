"""When each device had its first transactions of a day: all that is needed to find the first ones of a store."""

from __future__ import annotations

from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import DataFrame, F, Window

ACTIVE_FROM = 5  # seed 004: the average time for a store to perform its first five transactions
TABLE = Table(
    name="first_transactions",
    layer=Layer.SILVER,
    grain=("happened_date", "device_id", "place"),
    description="One row for each of the first five transactions of a device on a day, of those in "
    "activation_statuses.",
    columns=(
        shared.HAPPENED_DATE,
        shared.DEVICE_ID,
        Column("place", "integer", "1 is the day's first.", "rank", False, minimum=1, maximum=ACTIVE_FROM),
        Column("happened_at", "timestamp", "When the card was used, as written.", nullable=False),
    ),
    sort=("happened_date",),
)


def build(transactions: DataFrame, *, rules: CardPaymentsRules) -> DataFrame:
    """The days' first transactions. Grain: (happened_date, device_id, place)."""
    earliest_first = Window.partitionBy("happened_date", "device_id").orderBy("happened_at", "transaction_id")
    counting = transactions.where(F.col("status").isin(*rules.activation_statuses))
    placed = counting.withColumn("place", F.row_number().over(earliest_first))
    return TABLE.conform(placed.where(F.col("place") <= ACTIVE_FROM))
