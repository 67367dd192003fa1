"""What each location sold on each day in each app, by how deeply the orders were discounted."""

from __future__ import annotations

from medallion.arithmetic import MONEY, count_where, money_sum
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.discounts import DEPTHS, depth, is_discounted
from medallion.spark import DataFrame, F

TABLE = Table(
    name="location_days",
    layer=Layer.SILVER,
    grain=("order_date", "restaurant_id", "app_name", "discount_depth", "is_discounted", "currency"),
    description="One row a day, location, app, discount depth and currency with orders, guests' included.",
    columns=(
        shared.ORDER_DATE,
        shared.RESTAURANT_ID,
        shared.APP_NAME,
        Column(
            "discount_depth",
            "varchar(5)",
            "Discount in percent of gross, upper bound included; `0` also where gross is 0.",
            nullable=False,
            accepted=DEPTHS,
        ),
        Column("is_discounted", "boolean", "Whether discount_amount of the orders is above 0.", nullable=False),
        shared.CURRENCY,
        shared.ORDER_COUNT,
        shared.LOYALTY_ORDER_COUNT,
        Column("guest_order_count", "bigint", "Orders without a customer.", "count", False, minimum=0),
        Column("guest_net_amount", MONEY, "Their net amount.", "currency", False),
        shared.ITEM_QUANTITY,
        *shared.AMOUNTS,
    ),
    checks=(shared.NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND,),
    sort=("order_date",),
)


def build(orders: DataFrame) -> DataFrame:
    """Orders summed. Grain: (order_date, restaurant_id, app_name, discount_depth, is_discounted, currency)."""
    is_guest = F.col("user_id").isNull()
    return TABLE.conform(
        orders.groupBy(
            "order_date",
            "restaurant_id",
            "app_name",
            depth().alias("discount_depth"),
            is_discounted().alias("is_discounted"),
            "currency",
        ).agg(
            F.count(F.lit(1)).alias("order_count"),
            count_where(F.col("is_loyalty")).alias("loyalty_order_count"),
            count_where(is_guest).alias("guest_order_count"),
            money_sum(F.when(is_guest, F.col("net_amount"))).alias("guest_net_amount"),
            F.sum("item_quantity").alias("item_quantity"),
            *(F.sum(column.name).cast(MONEY).alias(column.name) for column in shared.AMOUNTS),
        )
    )
