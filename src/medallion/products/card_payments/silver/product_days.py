"""What each product sold on each day, under which name, by what became of the transactions."""

from __future__ import annotations

from medallion.arithmetic import MONEY, named
from medallion.contracts import Column, Layer, Table
from medallion.products.card_payments import columns as shared
from medallion.spark import DataFrame, F

TABLE = Table(
    name="product_days",
    layer=Layer.SILVER,
    grain=("happened_date", "product_sku", "product_name", "status"),
    description="One row a day, product, name it was sold under (NULL where none is said) and status.",
    columns=(
        shared.HAPPENED_DATE,
        shared.PRODUCT_SKU,
        Column("product_name", "varchar(255)", "Name of the product, in the first column so called."),
        shared.STATUS,
        shared.TRANSACTION_COUNT,
        shared.TRANSACTED_AMOUNT,
    ),
    sort=("happened_date",),
)


def build(transactions: DataFrame) -> DataFrame:
    """Transactions summed. Grain: (happened_date, product_sku, product_name, status)."""
    return TABLE.conform(
        transactions.groupBy("happened_date", named("product_sku"), "product_name", "status").agg(
            F.count(F.lit(1)).alias("transaction_count"),
            F.sum("amount").cast(MONEY).alias("transacted_amount"),
        )
    )
