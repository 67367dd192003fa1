"""What was ordered? The output port of Sales ERP."""

from __future__ import annotations

from medallion.contracts import Layer, Table
from medallion.products.sales_erp.erp_orders import CUSTOMER_ID, ORDER_DATE, ORDER_ID, TOTAL_AMOUNT
from medallion.spark import DataFrame

TABLE = Table(
    name="orders",
    layer=Layer.GOLD,
    grain=("order_id",),
    description="One row an order, as the ERP has it; its customer may be gone by now.",
    columns=(ORDER_ID, CUSTOMER_ID, ORDER_DATE, TOTAL_AMOUNT),
    sort=("order_date",),
    exclusions="Rows that are gone at the source.",
)


def build(erp_orders: DataFrame) -> DataFrame:
    """The accepted orders. Grain: order_id."""
    return TABLE.conform(erp_orders)
