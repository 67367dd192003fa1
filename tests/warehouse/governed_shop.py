"""The tests' shop as a product that is ready: who may have its marts, and on which terms. And steps taken in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shop import PRODUCT, SALES

from medallion.contracts import Column, Layer, Table
from medallion.data_product import DataProduct, Step
from medallion.domains import SALES as SALES_DOMAIN
from medallion.governance import Governance, Lifecycle, OutputPort
from medallion.warehouse.access import Access, AccessState, accesses, current, offers
from medallion.warehouse.access_steps import Actor, Case, approve, ask, reject, revoke, withdraw
from medallion.warehouse.base import Session, Warehouse
from medallion.warehouse.consumer import Consumer

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
OWNER = "Shop team"
PEOPLE = Table(
    name="people",
    layer=Layer.GOLD,
    grain=("user_id",),
    description="Customers by name.",
    columns=(
        Column("user_id", "varchar(32)", "Customer.", nullable=False),
        Column("name", "varchar(64)", "What they are called.", pii="name"),
    ),
)
FIGURES, EVERYBODY = "figures", "everybody"
GOVERNANCE = Governance(
    domain=SALES_DOMAIN,
    owner=OWNER,
    lifecycle=Lifecycle.READY,
    output_ports=(
        OutputPort(name=FIGURES, description="What is sold.", tables=("sales", "days")),
        OutputPort(name=EVERYBODY, description="Who buys, and what is sold.", tables=("people", "sales")),
    ),
    terms_of_use="For reports within the company.",
    freshness=timedelta(hours=24),
)
SHOP = replace(PRODUCT, steps=(*PRODUCT.steps, Step(table=PEOPLE, build=lambda orders: orders)), governance=GOVERNANCE)


def with_terms(terms: str, product: DataProduct = SHOP) -> DataProduct:
    """The product under other terms of use."""
    return replace(product, governance=replace(product.governance, terms_of_use=terms))


def with_port(name: str, *tables: str) -> DataProduct:
    """The shop with one port, of these tables."""
    port = OutputPort(name=name, description="What is offered.", tables=tables)
    return replace(SHOP, governance=replace(GOVERNANCE, output_ports=(port,)))


def with_personal_sales() -> DataProduct:
    """The shop after somebody noticed that a column of its sales says something about persons."""
    marked = replace(SALES, columns=tuple(replace(c, pii="whereabouts") for c in SALES.columns[:1]) + SALES.columns[1:])
    steps = tuple(replace(step, table=marked) if step.table.name == "sales" else step for step in SHOP.steps)
    return replace(SHOP, steps=steps)


def as_draft() -> DataProduct:
    return replace(SHOP, governance=replace(GOVERNANCE, lifecycle=Lifecycle.DRAFT))


@dataclass
class Office:
    """Where consumers ask and owners decide: each step in a transaction of its own, on a day and by the catalogue."""

    warehouse: Warehouse
    product: DataProduct = SHOP
    now: datetime = NOW

    def case(self, by: str, consumer: str = "tool", port: str = FIGURES) -> Case:
        return Case(
            product=self.product.name,
            port=port,
            consumer=Consumer.parse(consumer),
            offered=offers([self.product]).get((self.product.name, port)),
            owner=OWNER,
            actor=Actor(by, f"{by}@desk"),
            now=self.now,
        )

    def ask(self, *, purpose: str | None = "reports", until: date | None = None, **of: str) -> Access:
        with self.warehouse.write() as session:
            return ask(session, self.case("carl", **of), purpose, until)

    def approve(self, *, by: str = "ana", more: dict[str, Any] | None = None, **of: str) -> Access:
        with self.warehouse.write() as session:
            return approve(session, self.case(by, **of), **(more or {}))

    def reject(self, *, reason: str | None = "not needed", **of: str) -> Access:
        with self.warehouse.write() as session:
            return reject(session, self.case("ana", **of), reason)

    def withdraw(self, *, reason: str | None = None, **of: str) -> Access:
        with self.warehouse.write() as session:
            return withdraw(session, self.case("carl", **of), reason)

    def revoke(self, *, reason: str | None = "it ended", **of: str) -> Access:
        with self.warehouse.write() as session:
            return revoke(session, self.case("ana", **of), reason)

    def given(self, **of: str) -> None:
        """Access that was asked for and approved."""
        self.ask(**of)
        self.approve(**of)

    def states(self) -> list[AccessState]:
        """How things stand, by port, newest first."""
        with self.warehouse.read() as session:
            return [one.state for one in current(self.found(session))]

    def found(self, session: Session) -> list[Access]:
        return accesses(session, [self.product], self.now)

    def later(self, **passed: int) -> None:
        self.now += timedelta(**passed)
