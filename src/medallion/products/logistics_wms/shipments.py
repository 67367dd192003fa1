"""What was shipped, and has it arrived? The output port of Logistics WMS."""

from __future__ import annotations

from medallion.contracts import Layer, Table
from medallion.products.logistics_wms.wms_shipments import DELIVERY_STATUS, ORDER_REF, SHIPMENT_ID, SHIPPED_DATE
from medallion.spark import DataFrame

TABLE = Table(
    name="shipments",
    layer=Layer.GOLD,
    grain=("shipment_id",),
    description="One row a shipment, as the warehouse system has it; an order may have several.",
    columns=(SHIPMENT_ID, ORDER_REF, SHIPPED_DATE, DELIVERY_STATUS),
    sort=("shipped_date",),
    exclusions="Rows that are gone at the source.",
)


def build(wms_shipments: DataFrame) -> DataFrame:
    """The accepted shipments. Grain: shipment_id."""
    return TABLE.conform(wms_shipments)
