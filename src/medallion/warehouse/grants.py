"""Access as GRANT and REVOKE, rendered for Redshift from the control tables; DuckDB has no users to grant anything to.

The statements say what must hold, whatever was granted before: applying them twice changes nothing. They concern those
consumers alone that an access was ever approved for; what somebody granted by hand to others stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.warehouse import control
from medallion.warehouse.access import AccessState, accesses, is_recorded
from medallion.warehouse.consumer import Consumer
from medallion.warehouse.ddl import quote, quote_relation
from medallion.warehouse.versions import versions_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from medallion.data_product import DataProduct
    from medallion.warehouse.access import Access
    from medallion.warehouse.base import Session

_EVER_APPROVED = "SELECT DISTINCT request_number FROM control.access_event WHERE product = ? AND action = ?"


@dataclass(frozen=True)
class Grant:
    """A statement, and the consumer it is about: whoever applies it looks first whether the warehouse has that one."""

    consumer: Consumer
    sql: str


@dataclass(frozen=True)
class ProductGrants:
    """What must hold in a product's schema. `waiting` are tables that are given, but were never published."""

    product: str
    grants: tuple[Grant, ...]
    waiting: tuple[str, ...] = ()


def product_grants(session: Session, product: str, products: Sequence[DataProduct], now: datetime) -> ProductGrants:
    """The grants of a product's ports: revoked first, then given, by consumer and table.

    `products` are those of the catalogue, or the one alone; of a product that is none of them all is revoked. To be
    applied in the transaction that publishes the product, after its views are in place and on record.
    """
    if not is_recorded(session):
        return ProductGrants(product, ())
    numbers = {number for (number,) in session.rows(_EVER_APPROVED, (product, AccessState.APPROVED.value))}
    found = [one for one in accesses(session, products, now) if one.request.number in numbers]
    there = control.newest_versions(session, product)
    published = {name for name, version in there.items() if version.layer == Layer.GOLD.value}
    return rendered(product, found, published)


def rendered(product: str, found: Sequence[Access], published: set[str]) -> ProductGrants:
    """The statements for accesses that were approved at some time; views that are not there cannot be named."""
    given: dict[Consumer, set[str]] = {}
    known: dict[Consumer, set[str]] = {}
    for one in found:
        tables = set(one.gives.tables) if one.is_granted and one.consumer.is_safe else set()
        given.setdefault(one.consumer, set()).update(tables)
        known.setdefault(one.consumer, set()).update(tables, one.request.agreed.tables)
    waiting = {table for tables in given.values() for table in tables} - published
    order = sorted(known, key=lambda consumer: (consumer.kind, consumer.name))
    revokes = [
        statement
        for consumer in order
        for statement in _revoked(
            product, consumer, sorted((known[consumer] & published) - given[consumer]), not given[consumer] & published
        )
    ]
    grants = [
        statement
        for consumer in order
        for statement in _granted(product, consumer, sorted(given[consumer] & published))
    ]
    # Without any view of it there is no schema either.
    return ProductGrants(product, tuple(revokes + grants) if published else (), tuple(sorted(waiting)))


def _schemas(product: str) -> tuple[str, ...]:
    """What a reader of marts has to have USAGE on: theirs, and that of the tables which Redshift's views of no schema
    binding look up by name when they are read. It gives no right to any table."""
    return (product, versions_schema(product))


def _revoked(product: str, consumer: Consumer, tables: Sequence[str], is_all: bool) -> Iterator[Grant]:
    for table in tables:
        yield Grant(consumer, f"REVOKE SELECT ON {quote_relation(f'{product}.{table}')} FROM {consumer.principal};")
    if is_all:
        for schema in _schemas(product):
            yield Grant(consumer, f"REVOKE USAGE ON SCHEMA {quote(schema)} FROM {consumer.principal};")


def _granted(product: str, consumer: Consumer, tables: Sequence[str]) -> Iterator[Grant]:
    for schema in _schemas(product) if tables else ():
        yield Grant(consumer, f"GRANT USAGE ON SCHEMA {quote(schema)} TO {consumer.principal};")
    for table in tables:
        yield Grant(consumer, f"GRANT SELECT ON {quote_relation(f'{product}.{table}')} TO {consumer.principal};")
