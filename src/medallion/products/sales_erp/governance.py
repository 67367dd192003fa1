"""Who answers for Sales ERP, and on which terms it may be used."""

from datetime import timedelta

from medallion import domains
from medallion.governance import Governance, Lifecycle, OutputPort, ProductType

GOVERNANCE = Governance(
    domain=domains.SALES,
    owner="Sales ERP team",
    type=ProductType.SOURCE_ALIGNED,
    lifecycle=Lifecycle.READY,
    concepts=(domains.ORDERS, domains.CUSTOMERS),
    output_ports=(OutputPort(name="orders", description="Orders, as the ERP has them.", tables=("orders",)),),
    tags=("order", "erp"),
    terms_of_use="For analysis within the company. No column names a currency: totals are not to be added to those of "
    "other systems before that is settled.",
    freshness=timedelta(hours=24),
)
