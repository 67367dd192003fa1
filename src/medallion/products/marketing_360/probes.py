"""What in other products' data the activity of customers leaves out or has to choose from; counted, not refused."""

from __future__ import annotations

from medallion.checks import Probe
from medallion.products.marketing_360.rules import Marketing360Rules
from medallion.spark import DataFrame, F, SparkColumn


def orders_of_nobody(orders: DataFrame, customers: DataFrame, *, rules: Marketing360Rules) -> DataFrame:
    """How many orders name no customer, or one that is not there (any more). One row: failed_count, detail."""
    # Many to one: id is the grain of customers.
    lost = orders.join(customers, F.col("customer_id") == F.col("id"), how="left_anti")
    return _explained(lost, " orders are of no known customer: they are in no row", "every order's customer is known")


def orders_with_several_shipments_under_way(shipments: DataFrame, *, rules: Marketing360Rules) -> DataFrame:
    """How many orders have more than one shipment that has not arrived. One row: failed_count, detail."""
    under_way = shipments.where(F.col("delivery_status") != F.lit(rules.arrived_status))
    several = under_way.groupBy("order_ref").agg(F.count(F.lit(1)).alias("shipments")).where("shipments > 1")
    return _explained(
        several, " orders have several shipments under way: the one shipped last counts", "no order has two under way"
    )


def _explained(found: DataFrame, sentence: str, otherwise: str) -> DataFrame:
    counted = found.agg(F.count(F.lit(1)).alias("failed_count"))
    count: SparkColumn = F.col("failed_count")
    detail = F.when(count > 0, F.concat(F.format_number(count, 0), F.lit(sentence))).otherwise(F.lit(otherwise))
    return counted.select("failed_count", detail.alias("detail"))


PROBES = (
    Probe(
        name="orders_have_customers",
        description="every order is of a customer that Sales CRM has",
        measure=orders_of_nobody,
    ),
    Probe(
        name="orders_have_one_shipment_under_way",
        description="no order has two shipments that have not arrived",
        measure=orders_with_several_shipments_under_way,
    ),
)
