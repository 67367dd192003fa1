"""Publishing silver: one table in place, replaced as a whole or by key, all of the layer in one transaction.

A table that readers were granted is never dropped while its contract still fits: it gains columns, its rows are
replaced.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from medallion.contracts import Layer, Table
from medallion.warehouse import control, ddl, increments, quarantine
from medallion.warehouse.contract_shape import contract_breaks
from medallion.warehouse.records import Version, replace_records
from medallion.warehouse.versions import Publication, Staged, load, version_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Session

_COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ?"


def publish_silver(
    session: Session, product: DataProduct, staged: Iterable[Staged], publication: Publication
) -> list[Version]:
    """Put the staged tables, or the staged rows of their keys, in place of what is published, and their rejects too."""
    number = control.next_version(session, product.name, Layer.SILVER)
    before = control.newest_versions(session, product.name)
    loaded: dict[tuple[str, tuple[str, ...]], tuple[str, str]] = {}
    # Asked once, not for each table: a catalogue of kept versions takes its time to look through.
    present: defaultdict[str, set[str]] = defaultdict(set)
    for table_name, column in session.rows(_COLUMNS, [product.schema(Layer.SILVER)]):
        present[table_name].add(column)
    published = []
    for stage in staged:
        relation = f"{product.schema(Layer.SILVER)}.{stage.table.name}"
        keys = _keys(session, stage, loaded)
        if keys:
            row_count = increments.merge(session, relation, _stored(stage.table), keys, stage.files)
        else:
            row_count = _replace(session, relation, stage, before, present[stage.table.name])
        if stage.table.source:
            quarantine.replace_rejected(session, product.name, stage, publication, keys)
        published.append(version_of(product, stage, publication, relation, number, row_count))
        session.execute(
            "DELETE FROM control.version WHERE product = ? AND layer = ? AND table_name = ?",
            (product.name, Layer.SILVER.value, stage.table.name),
        )
    replace_records(session, published)
    return published


def _keys(
    session: Session, stage: Staged, loaded: dict[tuple[str, tuple[str, ...]], tuple[str, str]]
) -> tuple[str, str] | None:
    """(column, relation of its values) of a table that is kept up to date by key; values are loaded once a session."""
    if stage.keys is None:
        return None
    if stage.keys not in loaded:
        column, files = stage.keys
        name = f"affected{len(loaded)}"
        loaded[stage.keys] = (column, increments.load_keys(session, stage.table.column(column), files, name))
    return loaded[stage.keys]


def _replace(
    session: Session, relation: str, stage: Staged, before: Mapping[str, Version], present: Collection[str]
) -> int:
    """Replace all rows of a table, which is created where it is missing or its contract has broken."""
    version = before.get(stage.table.name)
    table = _stored(stage.table)
    if not present or not version or not version.contract or contract_breaks(version.contract, stage.table):
        session.execute(f"DROP TABLE IF EXISTS {ddl.quote_relation(relation)}")
        row_count = load(session, relation, stage)
        session.execute(";\n".join(ddl.comments(relation, table, session.dialect)))
        return row_count
    session.execute(f"DELETE FROM {ddl.quote_relation(relation)}")
    new = [column for column in table.columns if column.name not in present]
    for column in new:
        session.execute(ddl.add_column(relation, column, session.dialect))
    if new:
        session.execute(";\n".join(ddl.comments(relation, table, session.dialect)))
    return session.copy_in(relation, table, stage.files)


def _stored(table: Table) -> Table:
    """The table as it lies in the warehouse: with the origin of its rows."""
    return replace(table, columns=table.stored_columns, source=None)
