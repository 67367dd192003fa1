"""The lineage of a product's tables: each build is called on empty inputs, and its plan is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from medallion.column_lineage.origins import ROWS, UNKNOWN, ColumnRef, Origin, Relation, merged
from medallion.column_lineage.relations import INPUT, relation_of
from medallion.contracts import BRONZE_PREFIX

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pyspark.sql import SparkSession

    from medallion.contracts import Table
    from medallion.data_product import DataProduct, Step

# A day for builds that ask for one; no row is looked at.
_ANY_DAY = date(2024, 1, 1)


@dataclass(frozen=True)
class TableLineage:
    """Of each column what it is computed from, and the columns by which the rows are chosen, matched and grouped."""

    columns: Mapping[str, Origin]
    chosen_by: Origin = field(default_factory=Origin)


def product_lineage(spark: SparkSession, product: DataProduct, rules: BaseModel) -> dict[str, TableLineage]:
    """The lineage of each published table, by its name.

    References name the inputs as builds do (`bronze_<source>` for what a source delivers); intermediate results are
    looked through. Where a build cannot be called without rows, no column of its table is known. `spark` is a session
    of Spark Connect: other ones have no plan to be read.
    """
    inner: dict[str, TableLineage] = {}
    found: dict[str, TableLineage] = {}
    for step in (*_in_order(product), *product.steps):
        lineage = _through(_of_step(spark, product, step, rules), inner)
        (inner if step in product.intermediates else found)[step.table.name] = lineage
    return found


def _in_order(product: DataProduct) -> list[Step]:
    """The intermediate steps, each after those that it reads."""
    found: list[Step] = []
    waiting = list(product.intermediates)
    while waiting:
        names = {step.table.name for step in waiting}
        ready = [step for step in waiting if not names & {*step.inputs}]
        found += ready
        waiting = [step for step in waiting if step not in ready]
    return found


def empty_input(spark: SparkSession, name: str, table: Table) -> Any:
    """The table without rows, so marked that a plan says where it reads it."""
    schema = ", ".join(f"`{column.name}` {column.data_type.spark}" for column in table.columns)
    return spark.createDataFrame([], schema).alias(INPUT + name)


def relation_behind(spark: Any, built: Any) -> Relation:
    """Where the columns of a DataFrame come from, read from its unresolved plan, as the client would send it."""
    return relation_of(built._plan.to_proto(spark.client).root)


def _of_step(spark: SparkSession, product: DataProduct, step: Step, rules: BaseModel) -> TableLineage:
    given: Mapping[str, Any] = {"as_of": _ANY_DAY, "cutoff": _ANY_DAY, "rules": rules}
    inputs = []
    for name in step.inputs:
        rows = empty_input(spark, name, _contract(product, name))
        inputs.append(rows.select(*step.reads[name]) if name in step.reads else rows)
    try:
        built = step.build(*inputs, **{name: given[name] for name in step.parameters})
        relation = relation_behind(spark, built)
    except Exception:  # whatever a build does that cannot be done without rows: its lineage is not known, no more
        relation = Relation(chosen_by=UNKNOWN, is_open=True)
    columns = {name: relation.origin(name) for name in step.table.column_names}
    return TableLineage(columns, relation.chosen_by)


def _contract(product: DataProduct, name: str) -> Table:
    if name.startswith(BRONZE_PREFIX):
        return product.source(name.removeprefix(BRONZE_PREFIX)).bronze
    return product.table(name)


def _through(lineage: TableLineage, inner: Mapping[str, TableLineage]) -> TableLineage:
    """The same with the columns of intermediate results replaced by what these are computed from."""
    columns = {name: _resolved(origin, inner) for name, origin in lineage.columns.items()}
    read = {ref.table for ref in lineage.chosen_by.all} | {r.table for o in lineage.columns.values() for r in o.all}
    chosen = merged([_resolved(lineage.chosen_by, inner), *(inner[name].chosen_by for name in read if name in inner)])
    return TableLineage(columns, chosen)


def _resolved(origin: Origin, inner: Mapping[str, TableLineage]) -> Origin:
    values = merged(_behind(ref, inner) for ref in origin.values)
    decided = merged(_behind(ref, inner) for ref in origin.decided).deciding()
    return merged([values, decided, Origin(is_known=origin.is_known)])


def _behind(ref: ColumnRef, inner: Mapping[str, TableLineage]) -> Origin:
    if ref.table not in inner:
        return Origin(frozenset({ref}))
    if ref.column != ROWS:
        return inner[ref.table].columns.get(ref.column, UNKNOWN)
    tables = {one.table for origin in inner[ref.table].columns.values() for one in origin.all}
    return Origin(frozenset(ColumnRef(table, ROWS) for table in tables))
