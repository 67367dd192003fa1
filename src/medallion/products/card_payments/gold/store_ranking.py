"""Which stores take the most? All that have transactions; the top ten are a query."""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import named
from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.counting import counted, of_stores, transaction_sums
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import DataFrame, F, Window

TABLE = Table(
    name="store_ranking",
    layer=Layer.GOLD,
    grain=("store_id",),
    description="One row a store with transactions in counted_statuses, ranked by their amount.",
    columns=(
        shared.STORE_ID,
        shared.STORE_NAME,
        shared.TYPOLOGY,
        shared.COUNTRY,
        shared.CUSTOMER_ID,
        shared.AS_OF,
        shared.TRANSACTION_COUNT,
        shared.TRANSACTED_AMOUNT,
        Column(
            "amount_rank",
            "bigint",
            "Rank by transacted_amount, 1 is most; ties share.",
            "rank",
            False,
            minimum=1,
            formula="rank() over (order by transacted_amount desc)",
        ),
    ),
    sort=("amount_rank", "store_id"),
    exclusions="Transactions after as_of, and those whose status rule counted_statuses does not name.",
)


def build(store_days: DataFrame, stores: DataFrame, *, as_of: date, rules: CardPaymentsRules) -> DataFrame:
    """Stores with their transactions summed and ranked. Grain: store_id."""
    sums = of_stores(counted(store_days, rules, as_of)).groupBy("store_id").agg(*transaction_sums())
    # One to one: store_id is the grain of both, and every store of a device is in stores.
    known = stores.select("store_id", "store_name", named("typology"), named("country"), "customer_id")
    dated = sums.join(known, "store_id", how="inner").withColumn("as_of", F.lit(as_of))
    amount_rank = F.rank().over(Window.partitionBy("as_of").orderBy(F.desc("transacted_amount")))
    return TABLE.conform(dated.withColumn("amount_rank", amount_rank))
