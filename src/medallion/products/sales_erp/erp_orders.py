"""Orders as the ERP has them: its table, typed; a row that is gone there is gone here."""

from __future__ import annotations

from medallion import parsing
from medallion.contracts import Column, Layer, Table
from medallion.data_source import Source, SourceTable
from medallion.dispositions import newest_not_deleted
from medallion.lineage import RAW_TEXT, REASONS
from medallion.spark import DataFrame, F

ORDER_ID = Column("order_id", "integer", "Unique identifier for the order.", nullable=False)
CUSTOMER_ID = Column("customer_id", "integer", "Customer who ordered; sales_crm.customers.id.", pii="customer id")
ORDER_DATE = Column("order_date", "timestamp", "The date and time the order was placed.", nullable=False)
TOTAL_AMOUNT = Column(
    "total_amount",
    "decimal(10,2)",
    "The total value of the order.",
    "currency",
    False,
    formula="total_amount as the ERP has it",
)

SOURCE = Source(
    name="erp_orders",
    table=SourceTable(schema="sources", name="erp_orders", key=("order_id",)),
    description="One row an order of the ERP system; no column names a currency.",
    columns=(ORDER_ID, CUSTOMER_ID, ORDER_DATE, TOTAL_AMOUNT),
)

TABLE = Table(
    name="erp_orders",
    layer=Layer.SILVER,
    source=SOURCE.name,
    grain=("order_id",),
    description="One row an order that the ERP has, as it was last read.",
    columns=(
        ORDER_ID,
        CUSTOMER_ID,
        ORDER_DATE,
        TOTAL_AMOUNT,
        Column("order_day", "date", "Day of order_date.", nullable=False),
    ),
    distribution="order_id",
)


def build(bronze_erp_orders: DataFrame) -> DataFrame:
    """Every pulled order, each with its disposition. Accepted rows have grain order_id."""
    names = SOURCE.column_names
    values = {
        "order_id": parsing.whole_number(F.col("raw_order_id"), "integer"),
        "customer_id": parsing.whole_number(F.col("raw_customer_id"), "integer"),
        "order_date": parsing.timestamp_utc(F.col("raw_order_date")),
        "total_amount": parsing.decimal(F.col("raw_total_amount"), 10, 2),
    }
    typed = parsing.pulled(bronze_erp_orders, names, values).withColumn("order_day", F.col("order_date").cast("date"))
    reasons = [
        parsing.number_reason("order_id"),
        F.when(F.col("order_date").isNull(), F.lit("invalid_order_date")),
        parsing.number_reason("total_amount"),
    ]
    explained = typed.withColumns({REASONS: parsing.joined(reasons), RAW_TEXT: parsing.raw_text(names)})
    return TABLE.conform_delivered(newest_not_deleted(explained, "order_id"))
