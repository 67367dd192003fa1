"""How long does a store take to its fifth transaction, over all stores and by kind of business?"""

from __future__ import annotations

from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.scopes import ALL_STORES
from medallion.spark import DataFrame, F

TABLE = Table(
    name="store_activation_summary",
    layer=Layer.GOLD,
    grain=("scope",),
    description="One row for all stores and one for each typology; stores below five transactions are in no average.",
    columns=(
        Column("scope", "varchar(64)", "`all`, or the typology.", nullable=False),
        shared.AS_OF,
        Column(
            "store_count",
            "bigint",
            "Stores, also those without transactions.",
            "count",
            False,
            minimum=0,
            formula="count(stores)",
        ),
        Column(
            "activated_store_count",
            "bigint",
            "Stores with five transactions.",
            "count",
            False,
            minimum=0,
            formula="count(stores with a fifth_transaction_at)",
        ),
        Column(
            "average_days_to_five_transactions",
            "double",
            "Mean over activated stores.",
            "days",
            minimum=0,
            formula="mean(days_to_five_transactions)",
        ),
        Column(
            "median_days_to_five_transactions",
            "double",
            "Median over activated stores.",
            "days",
            minimum=0,
            formula="median(days_to_five_transactions)",
        ),
    ),
    checks=(
        Check(
            name="activated_are_stores",
            expression="activated_store_count <= store_count",
            description="no more stores are activated than there are",
        ),
    ),
    sort=("scope",),
    exclusions="Transactions after as_of, and those whose status rule activation_statuses does not name.",
)


def build(store_activation: DataFrame) -> DataFrame:
    """Stores summed up. Grain: scope; as_of is that of store_activation."""
    in_scopes = store_activation.withColumn("scope", F.explode(F.array(F.lit(ALL_STORES), F.col("typology"))))
    days = F.col("days_to_five_transactions")
    return TABLE.conform(
        in_scopes.groupBy("scope", "as_of").agg(
            F.count(F.lit(1)).alias("store_count"),
            F.count(days).alias("activated_store_count"),
            F.avg(days).alias("average_days_to_five_transactions"),
            F.percentile(days, 0.5).alias("median_days_to_five_transactions"),
        )
    )
