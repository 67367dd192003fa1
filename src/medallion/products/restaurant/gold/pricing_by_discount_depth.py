"""How deep are the discounts that orders carry, and what do baskets look like at each depth?"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant.gold import columns as shared
from medallion.products.restaurant.gold.amounts import MONEY, ratio, up_to
from medallion.spark import DataFrame, F, SparkColumn

NO_DISCOUNT, DEEPEST = "0", "50+"
# Each bucket with its upper bound in percent, which it includes.
BUCKETS = (("0-10", 10), ("10-20", 20), ("20-30", 30), ("30-50", 50))

TABLE = Table(
    name="pricing_by_discount_depth",
    layer=Layer.GOLD,
    grain=("bucket", "currency"),
    description="One row a bucket of discount_amount / gross_amount, in percent, and currency with orders.",
    columns=(
        Column(
            "bucket",
            "varchar(5)",
            "Discount in percent of gross, upper bound included; `0` also where gross is 0.",
            nullable=False,
            accepted=(NO_DISCOUNT, *(name for name, _ in BUCKETS), DEEPEST),
        ),
        shared.CURRENCY,
        shared.AS_OF,
        Column("order_count", "bigint", "Orders in the bucket.", "count", False, minimum=1),
        shared.CUSTOMER_COUNT,
        shared.GROSS_AMOUNT,
        shared.DISCOUNT_AMOUNT,
        shared.NET_AMOUNT,
        shared.AVERAGE_ORDER_VALUE,
    ),
)


def build(orders: DataFrame, *, as_of: date) -> DataFrame:
    """Orders summed by how deeply they were discounted. Grain: (bucket, currency)."""
    sales = (
        up_to(orders, as_of)
        .groupBy(_bucket().alias("bucket"), "currency")
        .agg(
            F.count(F.lit(1)).alias("order_count"),
            F.count_distinct("user_id").alias("customer_count"),
            *(F.sum(name).cast(MONEY).alias(name) for name in ("gross_amount", "discount_amount", "net_amount")),
        )
    )
    return TABLE.conform(
        sales.withColumns({"as_of": F.lit(as_of), "average_order_value": ratio("net_amount", "order_count")})
    )


def _bucket() -> SparkColumn:
    """The bucket of an order. Compares exact decimals, so that 10.00 of 100.00 is 10 % and not a little more."""
    bucket = F.lit(DEEPEST)
    for name, percent in reversed(BUCKETS):
        is_within = F.expr(
            f"discount_amount * cast(100 as decimal(3,0)) <= gross_amount * cast({percent} as decimal(3,0))"
        )
        bucket = F.when(is_within, F.lit(name)).otherwise(bucket)
    return F.when(F.expr("discount_amount = 0 OR gross_amount = 0"), F.lit(NO_DISCOUNT)).otherwise(bucket)
