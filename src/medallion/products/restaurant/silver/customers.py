"""Each customer's orders summed, and what the customer spent most on."""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, count_where, money_sum
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import of_customers, up_to
from medallion.products.restaurant.discounts import ORDER_COUNTS, depth, is_discounted
from medallion.products.restaurant.silver.customer_days import known_on
from medallion.spark import DataFrame, F, SparkColumn

TABLE = Table(
    name="customers",
    layer=Layer.SILVER,
    grain=("user_id", "currency"),
    description="One row a customer and currency with orders; guests have none.",
    columns=(
        shared.USER_ID,
        shared.CURRENCY,
        shared.FIRST_ORDER_DATE,
        shared.LAST_ORDER_DATE,
        shared.ORDER_DAY_COUNT,
        shared.MEDIAN_DAYS_BETWEEN_ORDERS,
        Column("first_day_net_amount", MONEY, "Net amount of the first order day.", "currency", False),
        shared.ORDER_COUNT,
        shared.LOYALTY_ORDER_COUNT,
        shared.DISCOUNTED_ORDER_COUNT,
        *(
            Column(name, "bigint", f"Orders of discount depth `{depth}` %.", "count", False, minimum=0)
            for depth, name in ORDER_COUNTS.items()
        ),
        shared.ITEM_QUANTITY,
        Column("item_amount", MONEY, "Sum of the item amounts.", "currency", False),
        Column("option_amount", MONEY, "Sum of the option amounts, discounts deducted.", "currency", False),
        *shared.AMOUNTS,
        Column("favourite_category", "varchar(50)", "Category with the most net amount; NULL if none is named."),
        Column("favourite_restaurant_id", "varchar(255)", "Location with the most net amount; NULL if none is named."),
    ),
    checks=(
        shared.NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND,
        Check(
            name="median_is_of_customers_who_came_back",
            expression="(median_days_between_orders IS NULL) = (order_day_count = 1)",
            description="median_days_between_orders is filled for customers of several order days, and only for them",
        ),
    ),
    distribution="user_id",
)

_CUSTOMER = ("user_id", "currency")
_SUMS = ("item_amount", "option_amount", "gross_amount", "discount_amount", "refund_amount", "net_amount")
# Amounts in hundredths have 18 digits at most: subtracted from this, all have 19 and sort as text, most first.
_MOST, _DIGITS = 2 * 10**18, 19


READS = {"order_lines": (*_CUSTOMER, "order_date", "item_category", "net_amount")}


def build(
    orders: DataFrame,
    order_lines: DataFrame,
    customer_locations: DataFrame,
    customer_days: DataFrame,
    *,
    cutoff: date | None,
) -> DataFrame:
    """Customers with their orders up to `cutoff` summed. Grain: (user_id, currency)."""
    customers = (
        of_customers(up_to(orders, cutoff))
        .withColumn("depth", depth())
        .groupBy(*_CUSTOMER)
        .agg(
            F.min("order_date").alias("first_order_date"),
            F.max("order_date").alias("last_order_date"),
            F.count(F.lit(1)).alias("order_count"),
            count_where(F.col("is_loyalty")).alias("loyalty_order_count"),
            count_where(is_discounted()).alias("discounted_order_count"),
            *(count_where(F.col("depth") == name).alias(count) for name, count in ORDER_COUNTS.items()),
            F.sum("item_quantity").alias("item_quantity"),
            *(F.sum(name).cast(MONEY).alias(name) for name in _SUMS),
        )
    )
    own_lines = of_customers(up_to(order_lines, cutoff))
    categories = own_lines.groupBy(*_CUSTOMER, "item_category").agg(F.sum("net_amount").cast(MONEY).alias("net_amount"))
    # One match of days, at most one of favourites: all have one row a customer and currency.
    return TABLE.conform(
        customers.join(_rhythm(customer_days, cutoff), list(_CUSTOMER))
        .join(_favourite(categories, "item_category", "favourite_category"), list(_CUSTOMER), how="left")
        .join(_favourite(customer_locations, "restaurant_id", "favourite_restaurant_id"), list(_CUSTOMER), how="left")
    )


def _rhythm(customer_days: DataFrame, cutoff: date | None) -> DataFrame:
    """How many days each customer ordered on, and how far apart. Grain: (user_id, currency)."""
    is_first = F.col("order_date") == F.col("first_order_date")
    return (
        (known_on(customer_days, cutoff) if cutoff else customer_days)
        .groupBy(*_CUSTOMER)
        .agg(
            F.count(F.lit(1)).alias("order_day_count"),
            money_sum(F.when(is_first, F.col("net_amount"))).alias("first_day_net_amount"),
            # Of the newest day, which has no next one, the list has none.
            F.sort_array(F.collect_list(F.datediff("next_order_date", "order_date"))).alias("gaps"),
        )
        .withColumn("median_days_between_orders", _median("gaps", F.col("order_day_count") - 1))
        .drop("gaps")
    )


def _median(in_order: str, count: SparkColumn) -> SparkColumn:
    """The middle of sorted whole numbers, or the mean of the two there; NULL of none.

    By place in a list: the engines' own medians take four times as long.
    """
    middle = [F.get(in_order, F.floor(place / F.lit(2.0)).cast("int")) for place in (count - 1, count)]
    return F.when(count > 0, (middle[0] + middle[1]).cast("double") / F.lit(2.0))


def _favourite(spent: DataFrame, choice: str, name: str) -> DataFrame:
    """What each customer spent most on, ties by name: (user_id, currency, `name`).

    The least of texts, each the amount (most first) before the choice: to rank the rows would sort them all.
    """
    hundredths = (F.col("net_amount") * F.lit(100).cast("decimal(3,0)")).cast("decimal(18,0)").cast("bigint")
    placed = F.concat((F.lit(_MOST) - hundredths).cast("string"), F.col(choice))
    return (
        spent.where(F.col(choice).isNotNull())
        .groupBy(*_CUSTOMER)
        .agg(F.min(placed).alias("first_place"))
        .select(*_CUSTOMER, F.expr(f"substring(first_place, {_DIGITS + 1})").alias(name))
    )
