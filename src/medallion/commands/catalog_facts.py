"""What the catalogue's site shows of the warehouse, gathered in one reading session."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from medallion.commands.catalog import document_of
from medallion.commands.recorded import on_record
from medallion.commands.standing import Standing, standing_in
from medallion.contracts import Layer
from medallion.documentation.site.facts import (
    AccessFacts,
    CheckFacts,
    InputFacts,
    ProductFacts,
    RunFacts,
    TableFacts,
)
from medallion.pipeline.audit import KEYS
from medallion.warehouse import access, control
from medallion.warehouse.ddl import column_list, quote_relation
from medallion.warehouse.input_versions import InputVersion
from medallion.warehouse.records import Checkpoint, CheckpointStatus, QualityResult, select_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from medallion.contracts import Table
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session, Warehouse
    from medallion.warehouse.records import Run, Version

_SAMPLE_ROWS = 10
_COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"
_WITHHELD = "the keys of these rows are personal data and not shown"


def facts_of(warehouse: Warehouse, products: Sequence[DataProduct], now: datetime) -> tuple[ProductFacts, ...]:
    """How the products stand at a moment; the contracts alone where nothing ever ran."""
    with on_record(warehouse) as session:
        if session is not None:
            return tuple(_product(session, one, now) for one in products)
    return tuple(ProductFacts(product=one, entry=document_of(Standing(product=one), now)) for one in products)


def brief_facts(session: Session, standing: Standing, now: datetime) -> ProductFacts:
    """A product's entry, tables and checks, without what readers of the marts may not see: rows of silver, accesses.

    Tables are those on record, as not everybody's catalogue lists those of silver.
    """
    product = standing.product
    there, recorded = control.relations(session), control.newest_versions(session, product.name)
    built = _last_built(session, product)
    tables = {
        name: _with_rows(_facts_of_version(version), built.get(name))
        for name in (step.table.name for step in product.steps)
        if (version := recorded.get(name)) and (version.relation in there or version.layer == Layer.SILVER.value)
    }
    return ProductFacts(
        product=product,
        entry=document_of(standing, now),
        newest=standing.newest,
        tables=tables,
        checks=tuple(_checks(session, product)),
    )


def _product(session: Session, product: DataProduct, now: datetime) -> ProductFacts:
    published = control.published_versions(session, product.name)
    standing = standing_in(session, product, published)
    return ProductFacts(
        product=product,
        entry=document_of(standing, now),
        last_run=_run(standing.last) if standing.last else None,
        newest=standing.newest,
        tables=_tables(session, product, published),
        checks=tuple(_checks(session, product)),
        inputs=_inputs(session, product),
        access=tuple(_access(session, product, now)),
    )


def _access(session: Session, product: DataProduct, now: datetime) -> Iterator[AccessFacts]:
    """Who asked for the product's ports, and what became of it."""
    for one in access.current(access.accesses(session, [product], now)):
        if one.request.product == product.name:
            yield AccessFacts(
                port=one.request.port,
                consumer=str(one.consumer),
                state=one.state.value.replace("_", " "),
                until=one.request.until,
            )


def _run(run: Run) -> RunFacts:
    return RunFacts(
        run_id=run.run_id,
        status=run.status.value,
        as_of=run.as_of,
        started_at=run.started_at,
        finished_at=run.finished_at,
    )


def _tables(session: Session, product: DataProduct, published: dict[str, Version]) -> dict[str, TableFacts]:
    built = _last_built(session, product)
    found = {}
    for step in product.steps:
        version = published.get(step.table.name)
        if version is not None:
            facts = _table(session, step.table, version)
            found[step.table.name] = _with_rows(facts, built.get(step.table.name))
    return found


def _table(session: Session, table: Table, version: Version) -> TableFacts:
    """The published version with its first rows; columns that it does not have yet are left out."""
    there = {name for (name,) in session.rows(_COLUMNS, version.relation.split(".", 1))}
    columns = tuple(name for name in table.column_names if name in there)
    order = [name for name in dict.fromkeys((*table.sort, *table.grain)) if name in there]
    relation = quote_relation(version.relation)
    sorting = f" ORDER BY {column_list(order)}" if order else ""
    rows = session.rows(f"SELECT {column_list(columns)} FROM {relation}{sorting} LIMIT {_SAMPLE_ROWS}")
    return replace(_facts_of_version(version), sample_columns=columns, sample=tuple(rows))


def _facts_of_version(version: Version) -> TableFacts:
    return TableFacts(
        version=version.version,
        relation=version.relation,
        as_of=version.as_of,
        published_at=version.published_at,
        row_count=version.row_count,
    )


def _with_rows(facts: TableFacts, built: Checkpoint | None) -> TableFacts:
    if built is None:
        return facts
    return replace(facts, rows_in=built.rows_in, rows_rejected=built.rows_rejected, rows_duplicate=built.rows_duplicate)


def _last_built(session: Session, product: DataProduct) -> dict[str, Checkpoint]:
    """The checkpoint with which each table was published last; a run that found it up to date is none."""
    where = "product = ? AND status = ? ORDER BY finished_at, run_id"
    found = select_records(session, Checkpoint, where, (product.name, CheckpointStatus.PUBLISHED.value))
    return {one.table_name: one for one in found}


def _checks(session: Session, product: DataProduct) -> list[CheckFacts]:
    """The results of each table's last audit, in the order of the product's tables."""
    results = select_records(session, QualityResult, "product = ? ORDER BY checked_at, run_id", (product.name,))
    last = {one.table_name: one.run_id for one in results}
    order = {step.table.name: place for place, step in enumerate(product.steps)}
    current = [one for one in results if one.run_id == last[one.table_name]]
    current.sort(key=lambda one: (order.get(one.table_name, len(order)), one.table_name, one.check_name))
    return [
        CheckFacts(
            table=one.table_name,
            name=one.check_name,
            severity=one.severity,
            passed=one.passed,
            failed_count=one.failed_count,
            detail=_shown_detail(product, one),
            description=one.description or "",
        )
        for one in current
    ]


def _shown_detail(product: DataProduct, result: QualityResult) -> str:
    """What was found; keys of rows only where the contract marks none of the key's columns as personal data."""
    detail = result.detail or ""
    if not detail.startswith(KEYS):
        return detail
    table = next((step.table for step in product.steps if step.table.name == result.table_name), None)
    is_personal = table is None or any(table.column(name).pii for name in table.grain)
    return _WITHHELD if is_personal else detail


def _inputs(session: Session, product: DataProduct) -> dict[str, InputFacts]:
    """The version of each input that was read last."""
    found = select_records(session, InputVersion, "product = ? ORDER BY read_at, run_id", (product.name,))
    return {
        f"{one.input_product}.{one.input_table}": InputFacts(version=one.version, read_at=one.read_at) for one in found
    }
