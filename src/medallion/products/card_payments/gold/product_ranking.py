"""Which products sell most often? By their code, as one code goes under many names; the top ten are a query."""

from __future__ import annotations

from datetime import date

from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.counting import counted, transaction_sums
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import DataFrame, F, Window

TABLE = Table(
    name="product_ranking",
    layer=Layer.GOLD,
    grain=("product_sku",),
    description="One row a product with transactions in counted_statuses, ranked by how many there are; to be listed "
    "by count_rank, then product_sku.",
    columns=(
        shared.PRODUCT_SKU,
        shared.AS_OF,
        Column(
            "product_name_count",
            "bigint",
            "Distinct names it was sold under.",
            "count",
            False,
            minimum=0,
            formula="count(distinct product_name)",
        ),
        shared.TRANSACTION_COUNT,
        shared.TRANSACTED_AMOUNT,
        Column(
            "count_rank",
            "bigint",
            "Rank by transaction_count, 1 is most; ties share.",
            "rank",
            False,
            minimum=1,
            formula="rank() over (order by transaction_count desc)",
        ),
    ),
    sort=("count_rank", "product_sku"),
    exclusions="Transactions after as_of, and those whose status rule counted_statuses does not name.",
)


def build(product_days: DataFrame, *, as_of: date, rules: CardPaymentsRules) -> DataFrame:
    """Products with their transactions summed and ranked. Grain: product_sku."""
    sums = (
        counted(product_days, rules, as_of)
        .groupBy("product_sku")
        .agg(F.count_distinct("product_name").alias("product_name_count"), *transaction_sums())
    )
    count_rank = F.rank().over(Window.partitionBy("as_of").orderBy(F.desc("transaction_count")))
    return TABLE.conform(sums.withColumn("as_of", F.lit(as_of)).withColumn("count_rank", count_rank))
