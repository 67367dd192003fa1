"""How much is an average transaction, by kind of business and country?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import named, ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.products.card_payments.counting import counted, of_stores, transaction_sums
from medallion.products.card_payments.rules import CardPaymentsRules
from medallion.spark import DataFrame, F

TABLE = Table(
    name="amount_by_typology_country",
    layer=Layer.GOLD,
    grain=("typology", "country"),
    description="One row a typology and country whose stores have transactions in counted_statuses.",
    columns=(
        shared.TYPOLOGY,
        shared.COUNTRY,
        shared.AS_OF,
        shared.TRANSACTION_COUNT,
        shared.TRANSACTED_AMOUNT,
        Column(
            "average_transacted_amount",
            "double",
            "transacted_amount / transaction_count: the average single transaction, not that of stores.",
            "currency",
            False,
            formula="transacted_amount / transaction_count",
        ),
    ),
    sort=("typology", "country"),
    exclusions="Transactions after as_of, and those whose status rule counted_statuses does not name.",
)


def build(store_days: DataFrame, stores: DataFrame, *, as_of: date, rules: CardPaymentsRules) -> DataFrame:
    """Store days summed. Grain: (typology, country)."""
    # Many to one: store_id is the grain of stores.
    placed = of_stores(counted(store_days, rules, as_of)).join(
        stores.select("store_id", named("typology"), named("country")), "store_id", how="inner"
    )
    sums = placed.groupBy("typology", "country").agg(*transaction_sums())
    average = ratio("transacted_amount", "transaction_count")
    return TABLE.conform(sums.withColumns({"as_of": F.lit(as_of), "average_transacted_amount": average}))
