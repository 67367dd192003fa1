"""The data product Sales CRM: customers, straight from the CRM's table."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from medallion.data_product import DataProduct, Key, Step
from medallion.products.sales_crm import crm_customers, customers
from medallion.products.sales_crm.governance import GOVERNANCE


class SalesCrmRules(BaseModel):
    """There is nothing to choose: customers are published as they are."""

    model_config = ConfigDict(frozen=True, extra="forbid")


PRODUCT = DataProduct(
    name="sales_crm",
    title="Sales CRM Customers",
    description="Provides a clean, trusted view of customer account information, sourced directly from our CRM.",
    sources=(crm_customers.SOURCE,),
    steps=(
        Step(table=crm_customers.TABLE, build=crm_customers.build, key="id"),
        Step(table=customers.TABLE, build=customers.build),
    ),
    keys=(Key("id", of=("bronze_crm_customers",)),),
    rules=SalesCrmRules,
    as_of=("crm_customers", "signup_day"),
    governance=GOVERNANCE,
)
