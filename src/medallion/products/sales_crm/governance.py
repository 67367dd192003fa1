"""Who answers for Sales CRM, and on which terms it may be used."""

from datetime import timedelta

from medallion import domains
from medallion.governance import Governance, Lifecycle, OutputPort, ProductType

GOVERNANCE = Governance(
    domain=domains.SALES,
    owner="Sales CRM team",
    type=ProductType.SOURCE_ALIGNED,
    lifecycle=Lifecycle.READY,
    concepts=(domains.CUSTOMERS,),
    output_ports=(
        OutputPort(name="customers", description="Customer accounts, as the CRM has them.", tables=("customers",)),
    ),
    tags=("customer", "crm", "personal data"),
    terms_of_use="Names and e-mail addresses are personal data: for contact that the customer agreed to, within the "
    "company alone. Whoever keeps a copy deletes customers that are no longer in it.",
    freshness=timedelta(hours=24),
)
