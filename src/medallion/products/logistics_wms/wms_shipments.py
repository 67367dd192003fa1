"""Shipments as the warehouse system has them: its table, typed; a row that is gone there is gone here."""

from __future__ import annotations

from medallion import parsing
from medallion.contracts import Column, Layer, Table
from medallion.data_source import Source, SourceTable
from medallion.dispositions import newest_not_deleted
from medallion.lineage import RAW_TEXT, REASONS
from medallion.products.logistics_wms.rules import LogisticsWmsRules
from medallion.spark import DataFrame, F

SHIPMENT_ID = Column("shipment_id", "integer", "Unique identifier for the shipment.", nullable=False)
ORDER_REF = Column("order_ref", "integer", "Order that is shipped; sales_erp.orders.order_id.", nullable=False)
SHIPPED_DATE = Column("shipped_date", "timestamp", "When the order was shipped from the warehouse; NULL: not yet.")
DELIVERY_STATUS = Column(
    "delivery_status", "varchar(20)", "Current status of the delivery; see rule delivery_statuses.", nullable=False
)

SOURCE = Source(
    name="wms_shipments",
    table=SourceTable(schema="sources", name="wms_shipments", key=("shipment_id",)),
    description="One row a shipment of the warehouse management system.",
    columns=(SHIPMENT_ID, ORDER_REF, SHIPPED_DATE, DELIVERY_STATUS),
)

TABLE = Table(
    name="wms_shipments",
    layer=Layer.SILVER,
    source=SOURCE.name,
    grain=("shipment_id",),
    description="One row a shipment that the warehouse system has, as it was last read.",
    columns=(
        SHIPMENT_ID,
        ORDER_REF,
        SHIPPED_DATE,
        DELIVERY_STATUS,
        Column("shipped_day", "date", "Day of shipped_date."),
    ),
    distribution="order_ref",
)


def build(bronze_wms_shipments: DataFrame, *, rules: LogisticsWmsRules) -> DataFrame:
    """Every pulled shipment, each with its disposition. Accepted rows have grain shipment_id."""
    names = SOURCE.column_names
    values = {
        "shipment_id": parsing.whole_number(F.col("raw_shipment_id"), "integer"),
        "order_ref": parsing.whole_number(F.col("raw_order_ref"), "integer"),
        "shipped_date": parsing.timestamp_utc(F.col("raw_shipped_date")),
    }
    typed = parsing.pulled(bronze_wms_shipments, names, values).withColumn(
        "shipped_day", F.col("shipped_date").cast("date")
    )
    is_known = F.coalesce(F.col("delivery_status").isin(*rules.delivery_statuses), F.lit(False))
    reasons = [
        parsing.number_reason("shipment_id"),
        parsing.number_reason("order_ref"),
        F.when(F.col("shipped_date").isNull() & F.col("raw_shipped_date").isNotNull(), F.lit("invalid_shipped_date")),
        F.when(~is_known, F.lit("unknown_status")),
        *parsing.too_long(TABLE, "delivery_status"),
    ]
    explained = typed.withColumns({REASONS: parsing.joined(reasons), RAW_TEXT: parsing.raw_text(names)})
    return TABLE.conform_delivered(newest_not_deleted(explained, "shipment_id"))
