"""The data product Sales ERP: orders, straight from the ERP's table."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from medallion.checks import Reconciliation, Total
from medallion.data_product import DataProduct, Key, Step
from medallion.products.sales_erp import erp_orders, orders
from medallion.products.sales_erp.governance import GOVERNANCE


class SalesErpRules(BaseModel):
    """There is nothing to choose: orders are published as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")


PRODUCT = DataProduct(
    name="sales_erp",
    title="Sales ERP Orders",
    description="Provides order data from our ERP system, as of the last run.",
    sources=(erp_orders.SOURCE,),
    steps=(
        Step(table=erp_orders.TABLE, build=erp_orders.build, key="order_id"),
        Step(table=orders.TABLE, build=orders.build),
    ),
    keys=(Key("order_id", of=("bronze_erp_orders",)),),
    rules=SalesErpRules,
    as_of=("erp_orders", "order_day"),
    reconciliations=(
        Reconciliation(
            name="orders_add_up",
            left=Total(table="erp_orders", column="total_amount", by=()),
            right=Total(table="orders", column="total_amount", by=()),
            description="orders are worth as much as what the ERP has of them",
        ),
    ),
    governance=GOVERNANCE,
)
