"""Output ports as they are named on the command line: PRODUCT.PORT."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medallion import catalog
from medallion.commands.recorded import on_record
from medallion.errors import UsageError
from medallion.warehouse.access import is_recorded, offers
from medallion.warehouse.agreement import output_port

if TYPE_CHECKING:
    from medallion.warehouse.agreement import Agreement
    from medallion.warehouse.base import Warehouse

_ON_RECORD = "SELECT 1 FROM control.access_request WHERE product = ? AND port = ? LIMIT 1"


@dataclass(frozen=True)
class FoundPort:
    """A port; one that is no more in the catalogue, but on record, offers nothing and is owned by nobody."""

    product: str
    port: str
    owner: str = ""
    description: str = ""
    offered: Agreement | None = None


def found_port(text: str, warehouse: Warehouse | None = None) -> FoundPort:
    """The port called `product.port`; with a warehouse also one that somebody once asked for.

    Raises UsageError that names those there are.
    """
    product, dot, port = text.strip().partition(".")
    if not dot or not product or not port:
        known = [one for one in catalog.PRODUCTS if one.name == product]
        ports = ", ".join(
            f"{one.name}.{own.name}" for one in known or catalog.PRODUCTS for own in one.governance.output_ports
        )
        raise UsageError(f"port '{text}': is not PRODUCT.PORT; choose one of: {ports}")
    try:
        known_product = catalog.product(product)
        agreed, own = known_product.governance, output_port(known_product, port)
    except UsageError:
        if warehouse and _is_on_record(warehouse, product, port):
            return FoundPort(product, port)
        raise
    offered = offers([known_product]).get((product, port))
    return FoundPort(product, port, agreed.owner, own.description, offered)


def _is_on_record(warehouse: Warehouse, product: str, port: str) -> bool:
    with on_record(warehouse, is_recorded) as session:
        return session is not None and bool(session.rows(_ON_RECORD, (product, port)))
