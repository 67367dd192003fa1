"""What each line was worth: the amounts every mart is summed from.

gross_amount = positive item_amount + positive option amounts; discount_amount = −(negative option amounts);
refund_amount = −(negative item_amount); net_amount = gross − discount − refund = item_amount + option_amount.
"""

from __future__ import annotations

from medallion.arithmetic import MONEY, NO_MONEY
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant.columns import AMOUNTS, NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver import conflicting_orders as conflicting
from medallion.products.restaurant.silver.business_day import business_day
from medallion.spark import DataFrame, F, SparkColumn

TABLE = Table(
    name="order_lines",
    layer=Layer.SILVER,
    grain=("order_id", "lineitem_id"),
    description="Accepted order lines with their amounts, options included, under their order's customer, location, "
    "currency and day.",
    columns=(
        Column("order_id", "varchar(255)", "Order the line belongs to.", nullable=False),
        Column("lineitem_id", "varchar(255)", "Line within the order.", nullable=False),
        Column("app_name", "varchar(50)", "App or brand of the order."),
        Column("restaurant_id", "varchar(255)", "Location that took the order."),
        Column("user_id", "varchar(255)", "Customer of the order; NULL for guests.", pii="customer id"),
        Column("creation_time_utc", "timestamp", "When the line was created, UTC.", nullable=False),
        Column("order_date", "date", "Day of the order, in rule business_timezone.", nullable=False),
        Column("is_loyalty", "boolean", "Whether the line was placed in the loyalty programme."),
        Column("currency", "varchar(3)", "ISO 4217 code of the order's amounts.", nullable=False),
        Column("item_category", "varchar(50)", "Menu category."),
        Column("item_name", "varchar(255)", "Name of the item on the menu."),
        Column("item_price", "decimal(8,2)", "Price as delivered; see rule item_price_semantics.", "currency", False),
        Column("item_quantity", "smallint", "Number of units.", "count", False),
        Column("item_amount", MONEY, "Price of the line without options.", "currency", False),
        Column("option_amount", MONEY, "Sum of the line's options; 0 without any.", "currency", False),
        *AMOUNTS,
        Column(
            "has_conflicting_lines",
            "boolean",
            "Whether the order's lines name several users, locations or currencies; the first line's are used.",
            nullable=False,
        ),
    ),
    checks=(
        NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND,
        Check(
            name="net_is_items_and_options",
            expression="net_amount = item_amount + option_amount",
            description="net_amount is item_amount plus option_amount",
        ),
    ),
    distribution="order_id",
    sort=("creation_time_utc",),
)


def build(
    order_items: DataFrame, order_item_options: DataFrame, conflicting_orders: DataFrame, *, rules: RestaurantRules
) -> DataFrame:
    """Each accepted line with its amounts. Grain: (order_id, lineitem_id); amounts in the order's currency."""
    # One row a line, so the join keeps the grain of order_items.
    options = order_item_options.groupBy("order_id", "lineitem_id").agg(
        F.sum(_option_amount()).cast(MONEY).alias("option_amount"),
        F.sum(F.when(F.col("option_price") * F.col("option_quantity") < 0, _option_amount()))
        .cast(MONEY)
        .alias("negative_option_amount"),
    )
    per_unit = F.col("item_quantity").cast("decimal(10,0)")
    times = per_unit if rules.option_price_applies == "per_unit" else F.lit(1).cast("decimal(10,0)")
    item_amount = F.col("item_price") if rules.item_price_semantics == "line_total" else F.col("item_price") * per_unit
    amounts = (
        _as_their_order_says(order_items, conflicting_orders, rules)
        .join(options, ["order_id", "lineitem_id"], how="left")
        .withColumn("item_amount", item_amount.cast(MONEY))
        .withColumn("option_amount", (_or_zero("option_amount") * times).cast(MONEY))
        .withColumn("negative_option_amount", (_or_zero("negative_option_amount") * times).cast(MONEY))
    )
    return TABLE.conform(_with_gross_and_net(amounts))


def _option_amount() -> SparkColumn:
    return (F.col("option_price") * F.col("option_quantity").cast("decimal(10,0)")).cast(MONEY)


def _or_zero(name: str) -> SparkColumn:
    return F.coalesce(F.col(name), F.expr(NO_MONEY))


def _with_gross_and_net(amounts: DataFrame) -> DataFrame:
    """Splits the signed amounts; under `per_unit` a line of negative quantity turns its options' signs."""
    zero = F.expr(NO_MONEY)
    one_part = F.col("negative_option_amount")
    other_part = (F.col("option_amount") - F.col("negative_option_amount")).cast(MONEY)
    discount = (-F.least(one_part, zero) - F.least(other_part, zero)).cast(MONEY)
    refund = (-F.least(F.col("item_amount"), zero)).cast(MONEY)
    net = (F.col("item_amount") + F.col("option_amount")).cast(MONEY)
    return (
        amounts.withColumn("discount_amount", discount)
        .withColumn("refund_amount", refund)
        .withColumn("net_amount", net)
        .withColumn(
            "gross_amount", (F.col("net_amount") + F.col("discount_amount") + F.col("refund_amount")).cast(MONEY)
        )
    )


def _as_their_order_says(order_items: DataFrame, conflicting_orders: DataFrame, rules: RestaurantRules) -> DataFrame:
    """Lines with the customer, location, app, currency and day of the first lines of their order."""
    # At most one match: order_id is the grain of conflicting_orders.
    own_day = business_day(F.col("creation_time_utc"), rules)
    dated = order_items.withColumn("order_date", own_day)
    joined = dated.join(F.broadcast(conflicting_orders), "order_id", how="left")
    is_settled = F.col("order_currency").isNotNull()
    settled = {
        name: F.when(is_settled, F.col(f"order_{name}")).otherwise(F.col(name))
        for name in (*conflicting.ATTRIBUTES, "order_date")
    }
    has_conflict = F.coalesce(F.col("has_conflicting_lines"), F.lit(False))
    return joined.withColumns({**settled, "has_conflicting_lines": has_conflict})
