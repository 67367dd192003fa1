"""Who may read which output port: what is on record, and what it amounts to today and under the catalogue's terms.

That an access has expired, that its terms changed, or that its port is not offered any more is not written anywhere:
it follows from the record, the date and the catalogue whenever somebody looks, so nothing needs to be awake for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar

from medallion.warehouse import access_contracts
from medallion.warehouse.agreement import Agreement, agreement_of, is_offered
from medallion.warehouse.consumer import Consumer
from medallion.warehouse.records import select_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime

    from medallion.contracts import Table
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session

    Offers = Mapping[tuple[str, str], Agreement]

_IS_THERE = "SELECT 1 FROM information_schema.tables WHERE table_schema = 'control' AND table_name = 'access_request'"


class AccessState(StrEnum):
    """The last three are never on record: they are what an open or approved request amounts to."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    REPLACED = "replaced"
    EXPIRED = "expired"
    TERMS_CHANGED = "terms_changed"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, kw_only=True)
class AccessRequest:
    """A row of `control.access_request`."""

    table: ClassVar[Table] = access_contracts.ACCESS_REQUEST
    number: int
    product: str
    port: str
    consumer: str
    state: AccessState
    purpose: str | None = None
    until: date | None = None
    agreement: str | None = None
    agreement_hash: str | None = None
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        # A word that nobody knows must not open anything.
        known = self.state in list(AccessState)
        object.__setattr__(self, "state", AccessState(self.state) if known else AccessState.REVOKED)

    @property
    def agreed(self) -> Agreement:
        """What the consumer agreed to, and was or would be given."""
        return Agreement.recorded(self.agreement)


@dataclass(frozen=True, kw_only=True)
class AccessEvent:
    """A row of `control.access_event`."""

    table: ClassVar[Table] = access_contracts.ACCESS_EVENT
    number: int
    request_number: int
    product: str
    port: str
    consumer: str
    action: str
    actor: str
    account: str
    owner: str | None = None
    note: str | None = None
    until: date | None = None
    agreement_hash: str | None = None
    happened_at: datetime


@dataclass(frozen=True)
class Access:
    """A request as it stands: its state today, what is offered now, and what of that goes beyond what was agreed."""

    request: AccessRequest
    state: AccessState
    offered: Agreement | None
    changes: tuple[str, ...] = ()

    @property
    def consumer(self) -> Consumer:
        return Consumer.recorded(self.request.consumer)

    @property
    def port(self) -> str:
        """`product.port`."""
        return f"{self.request.product}.{self.request.port}"

    @property
    def is_granted(self) -> bool:
        """Whether the consumer may read now."""
        return self.state is AccessState.APPROVED

    @property
    def is_open(self) -> bool:
        """Whether somebody is to decide on it: asked for, and nothing happened since that makes that pointless."""
        return self.state is AccessState.REQUESTED and not self.changes

    @property
    def gives(self) -> Agreement:
        """What is given by it: what the port offers now, or did when it was asked for."""
        return self.offered or self.request.agreed


def standing(request: AccessRequest, offered: Agreement | None, now: datetime) -> Access:
    """What a request amounts to at a moment (UTC). The last day counts."""
    if request.state not in (AccessState.REQUESTED, AccessState.APPROVED):
        return Access(request, request.state, offered)
    if request.until and request.until < now.date():
        return Access(request, AccessState.EXPIRED, offered)
    if offered is None:
        return Access(request, AccessState.NOT_OFFERED, offered)
    changes = offered.changes_since(request.agreed)
    is_outdated = bool(changes) and request.state is AccessState.APPROVED
    return Access(request, AccessState.TERMS_CHANGED if is_outdated else request.state, offered, changes)


def offers(products: Sequence[DataProduct]) -> Offers:
    """What the ports of the products offer, by product and port; drafts offer nothing."""
    return {
        (product.name, port.name): agreement_of(product, port)
        for product in products
        if is_offered(product)
        for port in product.governance.output_ports
    }


def is_recorded(session: Session) -> bool:
    """Whether the warehouse has the tables for it; one that an older release made gains them with the next change."""
    return bool(session.rows(_IS_THERE))


def accesses(session: Session, products: Sequence[DataProduct], now: datetime) -> list[Access]:
    """All requests as they stand, by port and consumer, newest first; `products` are those of the catalogue."""
    if not is_recorded(session):
        return []
    known = offers(products)
    found = select_records(session, AccessRequest, "number > 0 ORDER BY product, port, consumer, number DESC")
    return [standing(one, known.get((one.product, one.port)), now) for one in found]


def current(found: Sequence[Access]) -> list[Access]:
    """Of each port and consumer the newest request, and before it the one that was approved, where that is another."""
    newest: dict[tuple[str, str, str], Access] = {}
    return [one for one in found if _is_newest(newest, one) or one.request.state is AccessState.APPROVED]


def approved(session: Session, product: DataProduct, now: datetime) -> list[Access]:
    """Who may read the product's ports now, by port and consumer."""
    found = accesses(session, [product], now)
    return [one for one in found if one.request.product == product.name and one.is_granted]


def events(session: Session, product: str, port: str | None = None, consumer: str | None = None) -> list[AccessEvent]:
    """What happened, oldest first."""
    if not is_recorded(session):
        return []
    given = {"product": product, "port": port, "consumer": consumer}
    named = {name: value for name, value in given.items() if value is not None}
    where = " AND ".join(f"{name} = ?" for name in named)
    return select_records(session, AccessEvent, f"{where} ORDER BY number", tuple(named.values()))


def reads_by_code(products: Sequence[DataProduct]) -> Iterator[tuple[str, str, str]]:
    """(reading product, product and port that it reads, table) of what products declare as their inputs."""
    for reader in products:
        for read in reader.inputs:
            ports = next(one for one in products if one.name == read.product).governance.output_ports
            port = next((one.name for one in ports if read.table in one.tables), "")
            yield reader.name, f"{read.product}.{port}".rstrip("."), read.table


def _is_newest(newest: dict[tuple[str, str, str], Access], one: Access) -> bool:
    key = (one.request.product, one.request.port, one.request.consumer)
    return newest.setdefault(key, one) is one
