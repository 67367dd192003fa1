"""Who answers for Marketing Customer 360, and on which terms it may be used."""

from datetime import timedelta

from medallion import domains
from medallion.governance import Governance, Lifecycle, OutputPort, ProductType

GOVERNANCE = Governance(
    domain=domains.MARKETING,
    owner="Campaign team",
    type=ProductType.CONSUMER_ALIGNED,
    lifecycle=Lifecycle.READY,
    concepts=(domains.CUSTOMERS, domains.ORDERS, domains.SHIPMENTS),
    output_ports=(
        OutputPort(
            name="customer_activity",
            description="Customers with their orders and how these were delivered.",
            tables=("customer_activity",),
        ),
    ),
    tags=("customer", "campaign", "personal data"),
    terms_of_use="For campaigns to customers who agreed to be contacted. The terms of the products it is made of hold "
    "for it as well.",
    freshness=timedelta(hours=24),
)
