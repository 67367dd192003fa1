"""How long did each store take to its fifth transaction?

Found anew from all transactions: one that arrives late and is earlier changes it.
"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import dated_up_to, named
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.silver.first_transactions import ACTIVE_FROM
from medallion.spark import DataFrame, F, Window

_SECONDS_A_DAY = 86_400.0
TABLE = Table(
    name="store_activation",
    layer=Layer.GOLD,
    grain=("store_id",),
    description="One row a store, also without any transaction; transactions in activation_statuses count, by when "
    "they happened.",
    columns=(
        shared.STORE_ID,
        shared.CUSTOMER_ID,
        shared.TYPOLOGY,
        shared.COUNTRY,
        shared.AS_OF,
        Column("first_transaction_at", "timestamp", "When the first one happened; NULL without any."),
        Column("fifth_transaction_at", "timestamp", "When the fifth one happened; NULL below five."),
        Column(
            "days_to_five_transactions",
            "double",
            "From the first to the fifth, in days with fractions; NULL below five.",
            "days",
            minimum=0,
            formula="(fifth_transaction_at - first_transaction_at) / 1 day",
        ),
    ),
    checks=(
        Check(
            name="fifth_not_before_first",
            expression="fifth_transaction_at >= first_transaction_at",
            description="the fifth transaction is not before the first",
        ),
    ),
    sort=("store_id",),
    exclusions="Transactions after as_of, and those whose status rule activation_statuses does not name.",
)


def build(first_transactions: DataFrame, devices: DataFrame, stores: DataFrame, *, as_of: date) -> DataFrame:
    """Stores with their first and fifth transaction. Grain: store_id."""
    # Many to one: device_id is the grain of devices. A store's first five are among its devices' first five of days.
    of_stores = dated_up_to(first_transactions, "happened_date", as_of).join(
        devices.select("device_id", "store_id"), "device_id", how="inner"
    )
    earliest_first = Window.partitionBy("store_id").orderBy("happened_at", "device_id", "place")
    placed = of_stores.withColumn("store_place", F.row_number().over(earliest_first))
    firsts = placed.groupBy("store_id").agg(
        F.min("happened_at").alias("first_transaction_at"),
        F.min(F.when(F.col("store_place") == ACTIVE_FROM, F.col("happened_at"))).alias("fifth_transaction_at"),
    )
    seconds = F.unix_timestamp("fifth_transaction_at") - F.unix_timestamp("first_transaction_at")
    # At most one match: store_id is the grain of both.
    known = stores.select("store_id", "customer_id", named("typology"), named("country"))
    return TABLE.conform(
        known.join(firsts, "store_id", how="left").withColumns(
            {"as_of": F.lit(as_of), "days_to_five_transactions": seconds.cast("double") / F.lit(_SECONDS_A_DAY)}
        )
    )
