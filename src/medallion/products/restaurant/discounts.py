"""How deeply an order is discounted: its discount in percent of gross, in buckets."""

from __future__ import annotations

from medallion.arithmetic import NO_MONEY
from medallion.spark import F, SparkColumn

NO_DISCOUNT, DEEPEST = "0", "50+"
# Each bucket with its upper bound in percent, which it includes.
BUCKETS = (("0-10", 10), ("10-20", 20), ("20-30", 30), ("30-50", 50))
DEPTHS = (NO_DISCOUNT, *(name for name, _ in BUCKETS), DEEPEST)
# For each depth the column that counts a customer's orders of it.
ORDER_COUNTS = {
    NO_DISCOUNT: "depth_0_order_count",
    **{name: f"depth_{name.replace('-', '_')}_order_count" for name, _ in BUCKETS},
    DEEPEST: "depth_above_50_order_count",
}


def is_discounted() -> SparkColumn:
    """Whether an order has a discount."""
    return F.col("discount_amount") > F.expr(NO_MONEY)


def depth() -> SparkColumn:
    """The bucket of an order. Compares exact decimals, so that 10.00 of 100.00 is 10 % and not a little more."""
    bucket = F.lit(DEEPEST)
    for name, percent in reversed(BUCKETS):
        is_within = F.expr(
            f"discount_amount * cast(100 as decimal(3,0)) <= gross_amount * cast({percent} as decimal(3,0))"
        )
        bucket = F.when(is_within, F.lit(name)).otherwise(bucket)
    return F.when(F.expr("discount_amount = 0 OR gross_amount = 0"), F.lit(NO_DISCOUNT)).otherwise(bucket)
