"""Devices: the card readers of stores; the newest delivery of a device counts."""

from __future__ import annotations

from medallion import parsing
from medallion.checks import ForeignKey
from medallion.contracts import Column, Layer, Table
from medallion.dispositions import newest_accepted
from medallion.lineage import RAW_TEXT, REASONS
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.sources import DEVICES
from medallion.spark import DataFrame, F

UNKNOWN_STORE = "unknown_store"
TABLE = Table(
    name="devices",
    layer=Layer.SILVER,
    source=DEVICES.name,
    waiting=(UNKNOWN_STORE,),
    grain=("device_id",),
    description="One row a card reader, as its newest delivery says; each is in a store.",
    columns=(
        shared.DEVICE_ID,
        Column("device_type", "varchar(64)", "Kind of device."),
        shared.STORE_ID,
    ),
    foreign_keys=(ForeignKey(columns=("store_id",), references="stores"),),
)


def build(bronze_devices: DataFrame, stores: DataFrame) -> DataFrame:
    """Every delivered device, each with its disposition. Grain: one row a record; of accepted rows device_id.

    A device of a store that is not there (yet) is rejected, and accepted by itself once the store has come.
    """
    # Many to one: store_id is the grain of stores.
    known = stores.select("store_id", F.lit(True).alias("has_store"))
    typed = parsing.delivered(bronze_devices, DEVICES.column_names).join(known, "store_id", how="left")
    reasons = [
        F.when(F.col("device_id").isNull(), F.lit("missing_device_id")),
        F.when(F.col("store_id").isNull(), F.lit("missing_store_id")),
        F.when(F.col("store_id").isNotNull() & F.col("has_store").isNull(), F.lit(UNKNOWN_STORE)),
        *parsing.too_long(TABLE, *DEVICES.column_names),
    ]
    explained = typed.withColumn(REASONS, parsing.joined(reasons)).withColumn(
        RAW_TEXT, parsing.raw_text(DEVICES.column_names)
    )
    return TABLE.conform_delivered(newest_accepted(explained, "device_id"))
