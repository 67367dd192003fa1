"""The data product Marketing Customer 360, made of what three other products publish."""

from __future__ import annotations

from medallion.data_product import DataProduct, Step
from medallion.products.marketing_360 import activity_days, customer_activity
from medallion.products.marketing_360.governance import GOVERNANCE
from medallion.products.marketing_360.inputs import INPUTS
from medallion.products.marketing_360.probes import PROBES
from medallion.products.marketing_360.rules import Marketing360Rules

PRODUCT = DataProduct(
    name="marketing_360",
    title="Marketing Customer 360",
    description="A consolidated view of customer activity, combining customer profiles, order history, and shipment "
    "status for marketing analysis.",
    inputs=INPUTS,
    steps=(
        Step(table=activity_days.TABLE, build=activity_days.build),
        Step(table=customer_activity.TABLE, build=customer_activity.build),
    ),
    rules=Marketing360Rules,
    as_of=("activity_days", "activity_date"),
    probes=PROBES,
    governance=GOVERNANCE,
)
