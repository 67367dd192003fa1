"""Orders: the lines of each order summed, with who ordered what, where and when."""

from __future__ import annotations

from medallion.arithmetic import MONEY
from medallion.checks import Check, Severity
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.columns import AMOUNTS, NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND
from medallion.spark import DataFrame, F

TABLE = Table(
    name="orders",
    layer=Layer.SILVER,
    grain=("order_id",),
    description="One row an order, with the customer, location, app and currency that its first lines name.",
    columns=(
        Column("order_id", "varchar(255)", "The order.", nullable=False),
        Column("user_id", "varchar(255)", "Customer, the first its lines name; NULL for guests.", pii="customer id"),
        Column("restaurant_id", "varchar(255)", "Location that took the order."),
        shared.APP_NAME,
        Column("currency", "varchar(3)", "ISO 4217 code of all amounts.", nullable=False),
        Column("ordered_at", "timestamp", "Creation of the first line, UTC.", nullable=False),
        Column("order_date", "date", "Day of ordered_at in rule business_timezone.", nullable=False),
        Column("is_loyalty", "boolean", "Whether any line was placed in the loyalty programme.", nullable=False),
        Column("line_count", "integer", "Lines of the order.", "count", False, minimum=1),
        Column("item_quantity", "bigint", "Units ordered.", "count", False),
        Column("item_amount", MONEY, "Sum of the lines' item amounts.", "currency", False),
        Column("option_amount", MONEY, "Sum of the lines' option amounts.", "currency", False),
        *AMOUNTS,
        Column(
            "has_conflicting_lines",
            "boolean",
            "Whether the lines name several users, locations or currencies.",
            nullable=False,
        ),
    ),
    checks=(
        NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND,
        Check(
            name="lines_agree_on_user_restaurant_currency",
            expression="NOT has_conflicting_lines",
            description="all lines of an order name one user, one restaurant and one currency",
            severity=Severity.WARN,
        ),
    ),
    distribution="order_id",
    sort=("ordered_at",),
)

_KEYS = ("order_id", "user_id", "restaurant_id", "app_name", "currency")


def build(order_lines: DataFrame) -> DataFrame:
    """The lines of each order summed. Grain: order_id; amounts in the order's currency."""
    # All lines of an order carry the same keys and day (order_lines sees to that), so this is one row an order.
    orders = order_lines.groupBy(*_KEYS).agg(
        F.min("creation_time_utc").alias("ordered_at"),
        F.min("order_date").alias("order_date"),
        F.coalesce(F.bool_or("is_loyalty"), F.lit(False)).alias("is_loyalty"),
        F.count(F.lit(1)).alias("line_count"),
        F.sum("item_quantity").alias("item_quantity"),
        *(F.sum(name).cast(MONEY).alias(name) for name in ("item_amount", "option_amount")),
        *(F.sum(name).cast(MONEY).alias(name) for name in ("discount_amount", "refund_amount")),
        F.bool_or("has_conflicting_lines").alias("has_conflicting_lines"),
    )
    net = (F.col("item_amount") + F.col("option_amount")).cast(MONEY)
    return TABLE.conform(
        orders.withColumn("net_amount", net).withColumn(
            "gross_amount", F.col("net_amount") + F.col("discount_amount") + F.col("refund_amount")
        )
    )
