"""Do discounted orders bring larger baskets and customers who come back, or only cost margin?"""

from __future__ import annotations

from datetime import date, timedelta

from medallion.arithmetic import count_where, money_sum, ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.products.restaurant.silver.customer_days import known_on
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
        Column(
            "order_share",
            "double",
            "Share of the currency's orders.",
            "rate",
            False,
            minimum=0,
            maximum=1,
            formula="order_count / sum(order_count) over currency",
        ),
        shared.CUSTOMER_COUNT,
        shared.ITEM_QUANTITY,
        shared.GROSS_AMOUNT,
        shared.DISCOUNT_AMOUNT,
        shared.NET_AMOUNT,
        Column(
            "discount_rate",
            "double",
            "discount_amount / gross_amount; NULL if that is 0.",
            "rate",
            formula="discount_amount / gross_amount",
        ),
        shared.AVERAGE_ORDER_VALUE,
        Column(
            "average_gross_order_value",
            "double",
            "gross_amount / order_count; NULL without orders.",
            "currency",
            formula="gross_amount / order_count",
        ),
        Column(
            "items_per_order",
            "double",
            "item_quantity / order_count; NULL without orders.",
            "count",
            formula="item_quantity / order_count",
        ),
        Column(
            "repeat_30d_rate",
            "double",
            "Of the customers' orders up to 30 days before as_of, the share followed by another order of that customer "
            "in the same currency, on a later date within 30 days.",
            "rate",
            minimum=0,
            maximum=1,
            formula="count(orders up to as_of - 30 followed within 30 days) / count(orders up to as_of - 30)",
            exclusions="Orders of guests, and those after as_of - 30.",
        ),
    ),
    exclusions="Orders after as_of.",
)

_CLASSES = (DISCOUNTED, FULL_PRICE)
_AMOUNTS = ("gross_amount", "discount_amount", "net_amount")
_MEASURES = ("order_count", "customer_count", "item_quantity", *_AMOUNTS, "watched_order_count", "repeated_order_count")


def build(location_days: DataFrame, customers: DataFrame, customer_days: DataFrame, *, as_of: date) -> DataFrame:
    """Both classes of orders compared. Grain: (order_class, currency)."""
    # At most one match each: all have one row a currency. A currency of guests alone has no customers.
    measured = (
        _sales(up_to(location_days, as_of))
        .join(_customers(customers), "currency", how="left")
        .join(_repeats(customer_days, as_of), "currency", how="left")
    )
    in_currency = Window.partitionBy("currency")
    return TABLE.conform(
        _by_class(measured)
        .fillna(0, ["customer_count"])
        .select(
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


def _sales(location_days: DataFrame) -> DataFrame:
    """Orders of both classes: a row a currency, with `<class>_<measure>` columns."""
    sums = []
    for name in _CLASSES:
        is_of_class = F.col("is_discounted") == F.lit(name == DISCOUNTED)
        sums += [
            *(
                F.coalesce(F.sum(F.when(is_of_class, F.col(count))), F.lit(0).cast("bigint")).alias(f"{name}_{count}")
                for count in ("order_count", "item_quantity")
            ),
            *(money_sum(F.when(is_of_class, F.col(amount))).alias(f"{name}_{amount}") for amount in _AMOUNTS),
        ]
    return location_days.groupBy("currency").agg(*sums)


def _customers(customers: DataFrame) -> DataFrame:
    """Customers with orders of each class: a row a currency."""
    return customers.groupBy("currency").agg(
        *(count_where(_orders_of(name) > 0).alias(f"{name}_customer_count") for name in _CLASSES)
    )


def _repeats(customer_days: DataFrame, as_of: date) -> DataFrame:
    """Customers' orders that are old enough to judge, and those that were followed: a row a currency."""
    watched = known_on(customer_days, as_of).where(F.col("order_date") <= F.lit(as_of - timedelta(days=REPEAT_DAYS)))
    is_repeated = F.datediff(F.col("next_order_date"), F.col("order_date")) <= REPEAT_DAYS
    nothing = F.lit(0).cast("bigint")
    return watched.groupBy("currency").agg(
        *(F.sum(_orders_of(name)).alias(f"{name}_watched_order_count") for name in _CLASSES),
        *(
            F.coalesce(F.sum(F.when(is_repeated, _orders_of(name))), nothing).alias(f"{name}_repeated_order_count")
            for name in _CLASSES
        ),
    )


def _orders_of(name: str) -> SparkColumn:
    """Orders of a class, of a row that counts all orders and the discounted ones."""
    discounted = F.col("discounted_order_count")
    return discounted if name == DISCOUNTED else F.col("order_count") - discounted


def _by_class(measured: DataFrame) -> DataFrame:
    """A row a class of each row: (currency, order_class, measures)."""
    classes = (
        F.struct(F.lit(name).alias("order_class"), *(F.col(f"{name}_{one}").alias(one) for one in _MEASURES))
        for name in _CLASSES
    )
    return measured.select("currency", F.explode(F.array(*classes)).alias("of_class")).select("currency", "of_class.*")
