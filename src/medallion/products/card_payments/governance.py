"""Who answers for card payments, and on which terms they may be used."""

from datetime import timedelta

from medallion import domains
from medallion.governance import Governance, Lifecycle, OutputPort, ProductType

GOVERNANCE = Governance(
    domain=domains.SALES,
    owner="Payments team",
    type=ProductType.AGGREGATE,
    lifecycle=Lifecycle.READY,
    concepts=(domains.PRODUCTS,),
    output_ports=(
        OutputPort(
            name="rankings",
            description="Which stores, products, kinds of business and devices take how much.",
            tables=("store_ranking", "product_ranking", "amount_by_typology_country", "device_type_share"),
        ),
        OutputPort(
            name="activation",
            description="How soon a store gets going.",
            tables=("store_activation", "store_activation_summary"),
        ),
    ),
    tags=("payment", "store", "card"),
    terms_of_use="For analysis within the company. No file names a currency: amounts of different countries are not to "
    "be added. Nothing here identifies a card or its holder, and nobody may try to.",
    freshness=timedelta(hours=24),
)
