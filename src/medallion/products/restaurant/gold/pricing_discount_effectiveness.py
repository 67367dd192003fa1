"""Do discounted orders bring larger baskets and customers who come back, or only cost margin?"""

from __future__ import annotations

from datetime import date, timedelta

from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant.gold import columns as shared
from medallion.products.restaurant.gold.amounts import MONEY, NO_MONEY, of_customers, ratio, up_to
from medallion.spark import DataFrame, F, SparkColumn, Window

DISCOUNTED, FULL_PRICE = "discounted", "full_price"
REPEAT_DAYS = 30  # a customer who orders again within so many days has come back

TABLE = Table(
    name="pricing_discount_effectiveness",
    layer=Layer.GOLD,
    grain=("order_class", "currency"),
    description="Two rows a currency: orders with a discount, and those without.",
    columns=(
        Column(
            "order_class",
            "varchar(10)",
            "`discounted`: discount_amount above 0; `full_price`: all other orders.",
            nullable=False,
            accepted=(DISCOUNTED, FULL_PRICE),
        ),
        shared.CURRENCY,
        shared.AS_OF,
        shared.ORDER_COUNT,
        Column("order_share", "double", "Share of the currency's orders.", "rate", False, minimum=0, maximum=1),
        shared.CUSTOMER_COUNT,
        shared.ITEM_QUANTITY,
        shared.GROSS_AMOUNT,
        shared.DISCOUNT_AMOUNT,
        shared.NET_AMOUNT,
        Column("discount_rate", "double", "discount_amount / gross_amount; NULL if that is 0.", "rate"),
        shared.AVERAGE_ORDER_VALUE,
        Column("average_gross_order_value", "double", "gross_amount / order_count; NULL without orders.", "currency"),
        Column("items_per_order", "double", "item_quantity / order_count; NULL without orders.", "count"),
        Column(
            "repeat_30d_rate",
            "double",
            "Of the customers' orders up to 30 days before as_of, the share followed by another order of that customer "
            "in the same currency, on a later date within 30 days.",
            "rate",
            minimum=0,
            maximum=1,
        ),
    ),
)

_AMOUNTS = ("gross_amount", "discount_amount", "net_amount")
_COUNTS = ("order_count", "customer_count", "item_quantity")


def build(orders: DataFrame, *, as_of: date) -> DataFrame:
    """Both classes of orders compared. Grain: (order_class, currency)."""
    classified = up_to(orders, as_of).withColumn("order_class", _order_class())
    keys = ["order_class", "currency"]
    sales = classified.groupBy(*keys).agg(
        F.count(F.lit(1)).alias("order_count"),
        F.count_distinct("user_id").alias("customer_count"),
        F.sum("item_quantity").alias("item_quantity"),
        *(F.sum(name).cast(MONEY).alias(name) for name in _AMOUNTS),
    )
    classes = F.explode(F.array(F.lit(DISCOUNTED), F.lit(FULL_PRICE)))
    both = sales.select("currency").distinct().withColumn("order_class", classes)
    # At most one match each: both sides are grouped by the keys.
    joined = both.join(sales, keys, how="left").join(_repeats(classified, as_of), keys, how="left")
    filled = joined.withColumns(
        {
            **{name: F.coalesce(F.col(name), F.lit(0).cast("bigint")) for name in _COUNTS},
            **{name: F.coalesce(F.col(name), F.expr(NO_MONEY)) for name in _AMOUNTS},
        }
    )
    in_currency = Window.partitionBy("currency")
    return TABLE.conform(
        filled.select(
            "*",
            F.lit(as_of).alias("as_of"),
            ratio("order_count", F.sum("order_count").over(in_currency)).alias("order_share"),
            ratio("discount_amount", "gross_amount").alias("discount_rate"),
            ratio("net_amount", "order_count").alias("average_order_value"),
            ratio("gross_amount", "order_count").alias("average_gross_order_value"),
            ratio("item_quantity", "order_count").alias("items_per_order"),
            ratio("repeated_order_count", "watched_order_count").alias("repeat_30d_rate"),
        )
    )


def _order_class() -> SparkColumn:
    is_discounted = F.col("discount_amount") > F.expr(NO_MONEY)
    return F.when(is_discounted, F.lit(DISCOUNTED)).otherwise(F.lit(FULL_PRICE))


def _repeats(classified: DataFrame, as_of: date) -> DataFrame:
    """Customers' orders that are old enough to judge: (order_class, currency, watched_, repeated_order_count)."""
    days = (
        of_customers(classified)
        .groupBy("user_id", "currency", "order_date")
        .agg(*(F.sum((F.col("order_class") == name).cast("bigint")).alias(name) for name in (DISCOUNTED, FULL_PRICE)))
    )
    by_day = Window.partitionBy("user_id", "currency").orderBy("order_date")
    followed = days.withColumn("next_date", F.lead("order_date").over(by_day)).where(
        F.col("order_date") <= F.lit(as_of - timedelta(days=REPEAT_DAYS))
    )
    is_repeated = F.coalesce(F.datediff(F.col("next_date"), F.col("order_date")) <= REPEAT_DAYS, F.lit(False))
    counts = followed.groupBy("currency", is_repeated.alias("is_repeated")).agg(
        *(F.sum(name).alias(name) for name in (DISCOUNTED, FULL_PRICE))
    )
    by_class = counts.select(
        "currency",
        "is_repeated",
        F.explode(
            F.array(
                *(
                    F.struct(F.lit(name).alias("order_class"), F.col(name).alias("orders"))
                    for name in (DISCOUNTED, FULL_PRICE)
                )
            )
        ).alias("of_class"),
    ).select("currency", "is_repeated", "of_class.*")
    return by_class.groupBy("order_class", "currency").agg(
        F.sum("orders").alias("watched_order_count"),
        F.sum(F.when(F.col("is_repeated"), F.col("orders")).otherwise(F.lit(0).cast("bigint"))).alias(
            "repeated_order_count"
        ),
    )
