"""What each store took on each day with each kind of device; the total that every mart is a part of.

Transactions of devices that are not known (yet) are here without a store: they count for products alone.
"""

from __future__ import annotations

from medallion.arithmetic import MONEY, UNKNOWN
from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import DataFrame, F

TABLE = Table(
    name="store_days",
    layer=Layer.SILVER,
    grain=("happened_date", "store_id", "device_type", "status"),
    description="One row a day, store, kind of device and status with transactions; store and kind are NULL for "
    "devices that are not known.",
    columns=(
        shared.HAPPENED_DATE,
        Column("store_id", "varchar(64)", "Store that the device is in now; NULL of an unknown device."),
        Column("device_type", "varchar(64)", "Kind of device, `(unknown)` if not said; NULL of an unknown device."),
        shared.STATUS,
        Column("is_counted", "boolean", "Whether the status is one of rule counted_statuses.", nullable=False),
        shared.TRANSACTION_COUNT,
        shared.TRANSACTED_AMOUNT,
    ),
    sort=("happened_date",),
)


def build(device_days: DataFrame, devices: DataFrame, *, rules: CardPaymentsRules) -> DataFrame:
    """Device days under their store. Grain: (happened_date, store_id, device_type, status)."""
    # Many to one: device_id is the grain of devices.
    known = devices.select(
        "device_id", "store_id", F.coalesce(F.col("device_type"), F.lit(UNKNOWN)).alias("device_type")
    )
    summed = (
        device_days.join(known, "device_id", how="left")
        .groupBy(*TABLE.grain)
        .agg(
            F.sum("transaction_count").alias("transaction_count"),
            F.sum("transacted_amount").cast(MONEY).alias("transacted_amount"),
        )
    )
    return TABLE.conform(summed.withColumn("is_counted", F.col("status").isin(*rules.counted_statuses)))
