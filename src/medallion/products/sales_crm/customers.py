"""Who are our customers? The output port of Sales CRM."""

from __future__ import annotations

from medallion.contracts import Layer, Table
from medallion.products.sales_crm.crm_customers import EMAIL, FIRST_NAME, ID, LAST_NAME, SIGNUP_DATE
from medallion.spark import DataFrame

TABLE = Table(
    name="customers",
    layer=Layer.GOLD,
    grain=("id",),
    description="One row a customer, as the CRM has it.",
    columns=(ID, FIRST_NAME, LAST_NAME, EMAIL, SIGNUP_DATE),
    sort=("id",),
    exclusions="Rows that are gone at the source.",
)


def build(crm_customers: DataFrame) -> DataFrame:
    """The accepted customers. Grain: id."""
    return TABLE.conform(crm_customers)
