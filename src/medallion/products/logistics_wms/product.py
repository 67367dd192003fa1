"""The data product Logistics WMS: shipments, straight from the warehouse system's table."""

from __future__ import annotations

from medallion.data_product import DataProduct, Key, Step
from medallion.products.logistics_wms import shipments, wms_shipments
from medallion.products.logistics_wms.governance import GOVERNANCE
from medallion.products.logistics_wms.rules import LogisticsWmsRules

PRODUCT = DataProduct(
    name="logistics_wms",
    title="Logistics WMS Shipments",
    description="Tracks order shipment and delivery status from the warehouse.",
    sources=(wms_shipments.SOURCE,),
    steps=(
        Step(table=wms_shipments.TABLE, build=wms_shipments.build, key="shipment_id"),
        Step(table=shipments.TABLE, build=shipments.build),
    ),
    keys=(Key("shipment_id", of=("bronze_wms_shipments",)),),
    rules=LogisticsWmsRules,
    as_of=("wms_shipments", "shipped_day"),
    governance=GOVERNANCE,
)
