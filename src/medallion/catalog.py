"""All data products there are. A product exists because it is named here."""

from __future__ import annotations

from collections.abc import Sequence

from medallion.data_product import DataProduct
from medallion.errors import UsageError
from medallion.products.card_payments.product import PRODUCT as CARD_PAYMENTS
from medallion.products.logistics_wms.product import PRODUCT as LOGISTICS_WMS
from medallion.products.marketing_360.product import PRODUCT as MARKETING_360
from medallion.products.restaurant.product import PRODUCT as RESTAURANT
from medallion.products.sales_crm.product import PRODUCT as SALES_CRM
from medallion.products.sales_erp.product import PRODUCT as SALES_ERP

# A product stands after those that it reads.
PRODUCTS: tuple[DataProduct, ...] = (
    RESTAURANT,
    CARD_PAYMENTS,
    SALES_CRM,
    SALES_ERP,
    LOGISTICS_WMS,
    MARKETING_360,
)
EVERY = "all"


def products(names: Sequence[str]) -> tuple[DataProduct, ...]:
    """The products of these names, or `all`, each once, and each after those it reads. Raises UsageError."""
    chosen = {one.name for one in PRODUCTS} if EVERY in names else {product(name).name for name in names}
    return tuple(one for one in PRODUCTS if one.name in chosen)


def product(name: str) -> DataProduct:
    """The product called `name`; raises UsageError that lists the known ones."""
    for known in PRODUCTS:
        if known.name == name:
            return known
    raise UsageError(f"product '{name}' is unknown; choose one of: {', '.join(known.name for known in PRODUCTS)}")
