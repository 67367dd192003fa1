"""Stores: where they are, what they sell, and whose they are; the newest delivery of a store counts."""

from __future__ import annotations

from medallion import parsing
from medallion.contracts import Column, Layer, Table
from medallion.dispositions import newest_accepted
from medallion.lineage import RAW_TEXT, REASONS
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.scopes import ALL_STORES
from medallion.products.card_payments.sources import STORES
from medallion.spark import DataFrame, F

TABLE = Table(
    name="stores",
    layer=Layer.SILVER,
    source=STORES.name,
    grain=("store_id",),
    description="One row a store, as its newest delivery says.",
    columns=(
        shared.STORE_ID,
        shared.STORE_NAME,
        Column("address", "varchar(255)", "Street address."),
        Column("city", "varchar(100)", "City."),
        Column("country", "varchar(100)", "Country, as an English name."),
        Column("created_at", "timestamp", "When the store was set up, as written."),
        Column("typology", "varchar(64)", "Kind of business."),
        shared.CUSTOMER_ID,
    ),
)

_TEXTS = ("store_id", "store_name", "address", "city", "country", "typology", "customer_id")


def build(bronze_stores: DataFrame) -> DataFrame:
    """Every delivered store, each with its disposition. Grain: one row a record; of accepted rows store_id."""
    created_at = parsing.timestamp_month_first(F.col("raw_created_at"))
    typed = parsing.delivered(bronze_stores, STORES.column_names, {"created_at": created_at})
    reasons = [
        F.when(F.col("store_id").isNull(), F.lit("missing_store_id")),
        F.when(F.col("created_at").isNull() & F.col("raw_created_at").isNotNull(), F.lit("invalid_created_at")),
        F.when(F.col("typology") == ALL_STORES, F.lit("reserved_typology")),
        *parsing.too_long(TABLE, *_TEXTS),
    ]
    explained = typed.withColumn(REASONS, parsing.joined(reasons)).withColumn(
        RAW_TEXT, parsing.raw_text(STORES.column_names)
    )
    return TABLE.conform_delivered(newest_accepted(explained, "store_id"))
