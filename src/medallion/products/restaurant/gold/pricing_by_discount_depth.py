"""How deep are the discounts that orders carry, what do baskets look like at each depth, and when does it pay?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, count_where, ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.products.restaurant.discounts import DEPTHS, ORDER_COUNTS
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F

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
            accepted=DEPTHS,
        ),
        shared.CURRENCY,
        shared.AS_OF,
        Column(
            "order_count",
            "bigint",
            "Orders in the bucket.",
            "count",
            False,
            minimum=1,
            formula="count(orders of bucket)",
        ),
        shared.CUSTOMER_COUNT,
        shared.GROSS_AMOUNT,
        shared.DISCOUNT_AMOUNT,
        shared.NET_AMOUNT,
        shared.AVERAGE_ORDER_VALUE,
        Column(
            "discount_rate",
            "double",
            "discount_amount / gross_amount; NULL if that is 0.",
            "rate",
            formula="discount_amount / gross_amount",
        ),
        Column(
            "break_even_volume_growth_rate",
            "double",
            "By which share volume must grow for the same margin as without the discount: discount_rate / (rule "
            "gross_margin_rate - discount_rate), margin being that share of the full price.",
            "rate",
            minimum=0,
            formula="discount_rate / (gross_margin_rate - discount_rate)",
        ),
        Column("break_even_reason", "varchar(200)", "Why there is no such volume; NULL where there is one."),
    ),
    exclusions="Orders after as_of.",
)


def build(location_days: DataFrame, customers: DataFrame, *, as_of: date, rules: RestaurantRules) -> DataFrame:
    """Orders summed by how deeply they were discounted. Grain: (bucket, currency)."""
    sales = (
        up_to(location_days, as_of)
        .groupBy(F.col("discount_depth").alias("bucket"), "currency")
        .agg(
            F.sum("order_count").alias("order_count"),
            *(F.sum(name).cast(MONEY).alias(name) for name in ("gross_amount", "discount_amount", "net_amount")),
        )
    )
    # At most one match: both are grouped by these. Where only guests ordered there is none.
    counted = sales.join(_customers(customers), ["bucket", "currency"], how="left").fillna(0, ["customer_count"])
    rate = F.col("discount_rate")
    left = F.lit(rules.gross_margin_rate) - rate  # of the full price
    is_paying = left > 0
    reason = F.lit(
        f"the discount takes the whole margin of {rules.gross_margin_rate:g} and more: no volume pays for it"
    )
    return TABLE.conform(
        counted.withColumn("discount_rate", ratio("discount_amount", "gross_amount")).withColumns(
            {
                "as_of": F.lit(as_of),
                "average_order_value": ratio("net_amount", "order_count"),
                "break_even_volume_growth_rate": F.when(is_paying, ratio(rate, left)),
                "break_even_reason": F.when(rate.isNull(), F.lit("the orders have no gross amount")).when(
                    ~is_paying, reason
                ),
            }
        )
    )


def _customers(customers: DataFrame) -> DataFrame:
    """How many customers have orders of each depth: (bucket, currency, customer_count)."""
    counts = customers.groupBy("currency").agg(
        *(count_where(F.col(column) > 0).alias(column) for column in ORDER_COUNTS.values())
    )
    each = (
        F.struct(F.lit(depth).alias("bucket"), F.col(column).alias("customer_count"))
        for depth, column in ORDER_COUNTS.items()
    )
    return counts.select("currency", F.explode(F.array(*each)).alias("of_depth")).select("currency", "of_depth.*")
