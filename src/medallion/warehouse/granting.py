"""Grants applied: what readers may see is brought in line with the record, in the transaction that publishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.contracts import Layer
from medallion.warehouse import control, quarantine
from medallion.warehouse.base import REDSHIFT
from medallion.warehouse.consumer import Consumer, ConsumerKind
from medallion.warehouse.ddl import column_list, quote, quote_relation
from medallion.warehouse.grants import Grant, product_grants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session

_NAMES = {
    ConsumerKind.ROLE: "SELECT role_name FROM svv_roles WHERE role_name = ?",
    ConsumerKind.USER: "SELECT usename FROM pg_user WHERE usename = ?",
}
# What says what ran, what runs, and how fresh the marts are.
_RUNS = ("control.run", "control.checkpoint", "control.version", "control.batch", "control.quality", "control.lease")
# Rejected records may hold personal data: only what tells how many there are, of which table and why.
_COUNTED = ("product", "table_name", "reasons")


def apply_grants(session: Session, product: DataProduct, readers: str | None, now: datetime) -> tuple[str, ...]:
    """Give and take away what the record of access says, and let `readers` (a role or `user:NAME`) see all marts.

    Returns a note for each of them that the warehouse does not know: those are left out, as a GRANT to nobody would
    take the publish with it. Where the warehouse has no users there is nothing to do.
    """
    if session.dialect != REDSHIFT:
        return ()
    found = product_grants(session, product.name, [product], now).grants
    wanted = [*found, *(_of_readers(session, product, Consumer.parse(readers)) if readers else ())]
    known = _known(session, {grant.consumer for grant in wanted})
    for grant in wanted:
        if grant.consumer in known:
            session.execute(grant.sql)
    missing = sorted({str(grant.consumer) for grant in wanted if grant.consumer not in known})
    return tuple(
        f"{name}: is not known to the warehouse and was granted nothing; create it and run again" for name in missing
    )


def _of_readers(session: Session, product: DataProduct, readers: Consumer) -> Iterator[Grant]:
    there = control.newest_versions(session, product.name)
    marts = sorted(name for name, version in there.items() if version.layer == Layer.GOLD.value)
    # The kept versions too: who looks at several marts one after the other reads them in one version.
    views = [f"{product.schema(Layer.GOLD)}.{name}" for name in marts]
    if not marts:
        return
    relations = [*views, *control.kept_relations(session, product.name), *_RUNS]
    parts: dict[str, tuple[str, ...]] = {quarantine.RELATION: _COUNTED}
    dated = there.get(product.as_of[0])
    if dated and dated.layer == Layer.SILVER.value and dated.relation in control.relations(session):
        parts[dated.relation] = (product.as_of[1],)  # the newest day that there is data of
    for schema in sorted({relation.partition(".")[0] for relation in (*relations, *parts)}):
        yield Grant(readers, f"GRANT USAGE ON SCHEMA {quote(schema)} TO {readers.principal};")
    for relation in relations:
        yield Grant(readers, f"GRANT SELECT ON {quote_relation(relation)} TO {readers.principal};")
    for relation, columns in parts.items():
        some = f"SELECT ({column_list(columns)})"
        yield Grant(readers, f"GRANT {some} ON {quote_relation(relation)} TO {readers.principal};")


def _known(session: Session, consumers: Iterable[Consumer]) -> set[Consumer]:
    return {one for one in consumers if session.rows(_NAMES[one.kind], (one.name,))}
