"""What has each customer ordered, and where does each order stand?

The target table of seed 001 to the letter; its model SQL has other columns, see docs/decisions/0013.
"""

from __future__ import annotations

from datetime import date

from medallion.contracts import Column, Layer, Table
from medallion.spark import DataFrame, F, Window

TABLE = Table(
    name="customer_activity",
    layer=Layer.GOLD,
    grain=("customer_id", "order_id"),
    description="One row an order with its latest shipment, and one for each customer without orders; as of the run's "
    "date: later sign-ups, orders and shipments are left out.",
    columns=(
        Column("customer_id", "integer", "Unique identifier for the customer.", nullable=False, pii="customer id"),
        Column("customer_name", "varchar(101)", "Full name of the customer.", pii="name"),
        Column("customer_email", "varchar(100)", "Customer's email address.", pii="e-mail address"),
        Column(
            "account_age_days",
            "integer",
            "Number of days since the customer signed up.",
            "days",
            False,
            minimum=0,
            formula="as_of - signup_date",
        ),
        Column("order_id", "integer", "The unique ID of the order; NULL for a customer without orders."),
        Column(
            "order_total",
            "decimal(10,2)",
            "The total value of the order.",
            "currency",
            formula="total_amount of the order",
        ),
        Column(
            "days_from_order_to_ship",
            "integer",
            "The number of days between placing the order and shipment, by the calendar; NULL: not shipped.",
            "days",
            formula="shipped_date - order_date, by the calendar",
        ),
        Column("delivery_status", "varchar(20)", "The latest known delivery status of the order; NULL: no shipment."),
    ),
    sort=("customer_id",),
    exclusions="Orders of customers that the CRM does not know, and shipments that are not an order's latest.",
)


def build(customers: DataFrame, orders: DataFrame, shipments: DataFrame, *, as_of: date) -> DataFrame:
    """Customers with their orders. Grain: (customer_id, order_id), order_id NULL where there is none."""
    # Of an order's shipments the one shipped last counts; of several at that moment the one with the highest id.
    latest_first = Window.partitionBy("order_ref").orderBy(F.desc_nulls_last("shipped_date"), F.desc("shipment_id"))
    shipped = shipments.where(F.col("shipped_date").isNull() | (F.col("shipped_date").cast("date") <= F.lit(as_of)))
    latest = shipped.withColumn("place", F.row_number().over(latest_first)).where("place = 1").drop("place")
    # At most one match: order_ref is the grain of latest.
    placed = orders.where(F.col("order_date").cast("date") <= F.lit(as_of)).join(
        latest, F.col("order_id") == F.col("order_ref"), how="left"
    )
    # One to many: id is the grain of customers. An order whose customer is gone is in no row.
    signed_up = customers.where(F.col("signup_date").cast("date") <= F.lit(as_of))
    activity = signed_up.join(placed, F.col("id") == F.col("customer_id"), how="left")
    return TABLE.conform(
        activity.select(
            F.col("id").alias("customer_id"),
            F.nullif(F.concat_ws(" ", "first_name", "last_name"), F.lit("")).alias("customer_name"),
            F.col("email").alias("customer_email"),
            F.datediff(F.lit(as_of), F.col("signup_date").cast("date")).alias("account_age_days"),
            "order_id",
            F.col("total_amount").alias("order_total"),
            F.datediff(F.col("shipped_date").cast("date"), F.col("order_date").cast("date")).alias(
                "days_from_order_to_ship"
            ),
            "delivery_status",
        )
    )
