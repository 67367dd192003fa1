"""Do members of the loyalty programme order more often, and spend more, than other customers and guests?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, count_where, ratio
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.spark import DataFrame, F, Window

MEMBER, NON_MEMBER, GUEST = "member", "non_member", "guest"

TABLE = Table(
    name="loyalty_program_impact",
    layer=Layer.GOLD,
    grain=("member_status", "currency"),
    description="One row a status and currency with orders. Members chose to join and mostly are the keener customers "
    "anyway: a difference is not the programme's effect.",
    columns=(
        Column(
            "member_status",
            "varchar(10)",
            "`member`: customers with any loyalty order in the currency; `non_member`: other customers; `guest`: "
            "orders without a customer.",
            nullable=False,
            accepted=(MEMBER, NON_MEMBER, GUEST),
        ),
        shared.CURRENCY,
        shared.AS_OF,
        Column(
            "customer_count",
            "bigint",
            "Customers of the status; NULL for guests.",
            "count",
            formula="count(customers of member_status)",
        ),
        Column(
            "order_count",
            "bigint",
            "Orders of the status.",
            "count",
            False,
            minimum=1,
            formula="count(orders of member_status)",
        ),
        shared.NET_AMOUNT,
        Column(
            "order_share",
            "double",
            "Share of the currency's orders, guests' included.",
            "rate",
            False,
            minimum=0,
            maximum=1,
            formula="order_count / sum(order_count) over currency",
        ),
        Column(
            "net_amount_share",
            "double",
            "Share of the currency's net amount, guests' included.",
            "rate",
            formula="net_amount / sum(net_amount) over currency",
        ),
        shared.AVERAGE_ORDER_VALUE,
        Column(
            "orders_per_customer",
            "double",
            "order_count / customer_count; NULL for guests.",
            "count",
            formula="order_count / customer_count",
        ),
        Column(
            "repeat_customer_rate",
            "double",
            "Share of the customers with two orders or more; NULL for guests.",
            "rate",
            minimum=0,
            maximum=1,
            formula="count(customers with order_count >= 2) / customer_count",
        ),
        Column(
            "average_customer_lifetime_value",
            "double",
            "Mean net amount of a customer; NULL for guests.",
            "currency",
            formula="net_amount / customer_count",
        ),
    ),
    exclusions="Orders after as_of.",
)


def build(customers: DataFrame, location_days: DataFrame, *, as_of: date) -> DataFrame:
    """Customers by membership, and guests. Grain: (member_status, currency)."""
    status = F.when(F.col("loyalty_order_count") > 0, F.lit(MEMBER)).otherwise(F.lit(NON_MEMBER))
    of_status = customers.groupBy(status.alias("member_status"), "currency").agg(
        F.count(F.lit(1)).alias("customer_count"),
        F.sum("order_count").alias("order_count"),
        F.sum("net_amount").cast(MONEY).alias("net_amount"),
        count_where(F.col("order_count") >= 2).alias("repeat_customer_count"),
    )
    nobody = F.lit(None).cast("bigint")
    guests = (
        up_to(location_days, as_of)
        .where("guest_order_count > 0")
        .groupBy(F.lit(GUEST).alias("member_status"), "currency")
        .agg(F.sum("guest_order_count").alias("order_count"), F.sum("guest_net_amount").cast(MONEY).alias("net_amount"))
        .withColumns({"customer_count": nobody, "repeat_customer_count": nobody})
    )
    in_currency = Window.partitionBy("currency")
    return TABLE.conform(
        of_status.unionByName(guests).select(
            "*",
            F.lit(as_of).alias("as_of"),
            ratio("order_count", F.sum("order_count").over(in_currency)).alias("order_share"),
            ratio("net_amount", F.sum("net_amount").over(in_currency)).alias("net_amount_share"),
            ratio("net_amount", "order_count").alias("average_order_value"),
            ratio("order_count", "customer_count").alias("orders_per_customer"),
            ratio("repeat_customer_count", "customer_count").alias("repeat_customer_rate"),
            # A customer's lifetime value is the net amount of the customer's orders.
            ratio("net_amount", "customer_count").alias("average_customer_lifetime_value"),
        )
    )
