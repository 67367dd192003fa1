"""Who answers for Logistics WMS, and on which terms it may be used."""

from datetime import timedelta

from medallion import domains
from medallion.governance import Governance, Lifecycle, OutputPort, ProductType

GOVERNANCE = Governance(
    domain=domains.LOGISTICS,
    owner="Warehouse systems team",
    type=ProductType.SOURCE_ALIGNED,
    lifecycle=Lifecycle.READY,
    concepts=(domains.SHIPMENTS, domains.ORDERS),
    output_ports=(OutputPort(name="shipments", description="Shipments and where they stand.", tables=("shipments",)),),
    tags=("shipment", "delivery", "wms"),
    terms_of_use="For analysis within the company. A status is the one of the last look at the warehouse system, and "
    "no promise to a customer.",
    freshness=timedelta(hours=24),
)
