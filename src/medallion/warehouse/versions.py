"""Versions of the marts: staged files become tables that readers see, all of them in the session's one transaction.

A physical table a version in `<product>_versions`, behind a view of the mart's name in the product's schema.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from medallion.contracts import Layer, Table
from medallion.data_product import DataProduct
from medallion.errors import UsageError
from medallion.warehouse import control, ddl
from medallion.warehouse.base import REDSHIFT
from medallion.warehouse.contract_shape import contract_shape
from medallion.warehouse.records import Version, replace_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from medallion.warehouse.base import Session

# Of views as well, which Redshift's information_schema leaves out where they are bound late.
_SHAPE = (
    "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale FROM svv_columns"
    " WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position"
)
_AS_PUBLISHED = "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A table's Parquet files, and what they were built from.

    With `keys`, (column, files of its values), the files hold the rows of these values only. `refused` are files of the
    rows that the build rejected, `kept_out` those of records that the gate did, of the deliveries that are new here.
    """

    table: Table
    files: tuple[str, ...]
    fingerprint: str | None = None
    definition: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    keys: tuple[str, tuple[str, ...]] | None = None
    refused: tuple[str, ...] = ()
    kept_out: tuple[str, ...] = ()
    key_column: str | None = None


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What is the same for all tables of one publish: who, seen from which date, and when (UTC)."""

    run_id: str
    as_of: date | None
    published_at: datetime


def publish_gold(
    session: Session,
    product: DataProduct,
    staged: Iterable[Staged],
    publication: Publication,
    keep: int = 3,
    *,
    ends_removed: bool = False,
) -> list[Version]:
    """Load the staged marts as the product's next version, point the views at them, keep `keep` versions.

    With `ends_removed`, marts that the product has no more end with this version: their views go, versions before it
    still have them.
    """
    number = control.next_version(session, product.name, Layer.GOLD)
    session.execute(ddl.create_schema(product.schema(Layer.GOLD)))
    published = []
    for stage in staged:
        relation = f"{versions_schema(product.name)}.{stage.table.name}__{number:06d}"
        row_count = load(session, relation, stage)
        _point_view(session, f"{product.schema(Layer.GOLD)}.{stage.table.name}", relation, stage.table)
        published.append(version_of(product, stage, publication, relation, number, row_count))
    replace_records(session, published)
    if ends_removed and published:
        _end_removed(session, product, published[0])
    prune(session, product, keep)
    return published


def _end_removed(session: Session, product: DataProduct, of: Version) -> None:
    """Take away the views of marts that the product has no more, and record that they end with a version."""
    marts = {step.table.name for step in product.layer(Layer.GOLD)}
    current = _resolve(control.versions(session, product.name), of.version)
    removed = [row for name, row in current.items() if name not in marts]
    for row in removed:
        session.execute(f"DROP VIEW IF EXISTS {ddl.quote_relation(f'{product.schema(Layer.GOLD)}.{row.table_name}')}")
    blank = replace(of, relation="", fingerprint=None, definition=None, inputs=None, contract=None, row_count=None)
    replace_records(session, [replace(blank, table_name=row.table_name) for row in removed])


def rollback(session: Session, product: DataProduct, version: int, publication: Publication) -> list[Version]:
    """Publish again, as the next version, what the product's marts were in `version`.

    A mart that the product has no more is left as it is: no contract says what its view is to show. Raises UsageError
    where the version is gone, or holds no other marts.
    """
    history = control.versions(session, product.name)
    if version not in {row.version for row in history}:
        known = ", ".join(str(number) for number in sorted({row.version for row in history})) or "none"
        raise UsageError(f"{product.name}: version {version} is not kept (kept: {known}); choose one of these")
    marts = {step.table.name: step.table for step in product.layer(Layer.GOLD)}
    rows = [row for name, row in _resolve(history, version).items() if name in marts]
    if not rows:
        raise UsageError(f"{product.name}: version {version} has no mart that the product still has; choose another")
    gone = next((row for row in rows if not session.rows(_AS_PUBLISHED, row.relation.partition(".")[::2])), None)
    if gone:
        raise UsageError(
            f"{product.name}: version {version} cannot be shown: its {gone.table_name} is {gone.relation}, which is not"
            f" there any more; choose another version, or build the marts with: medallion run {product.name}"
        )
    number = control.next_version(session, product.name, Layer.GOLD)
    restored = []
    for row in rows:
        point_view(session, f"{product.schema(Layer.GOLD)}.{row.table_name}", row.relation, marts[row.table_name])
        restored.append(replace(row, version=number, run_id=publication.run_id, published_at=publication.published_at))
    replace_records(session, restored)
    return restored


def point_view(session: Session, view: str, relation: str, table: Table) -> None:
    """Show `relation` under the name `view`: those of its columns that the contract has, in the contract's order."""
    present = {name for (name,) in session.rows(_AS_PUBLISHED, relation.split(".", 1))}
    columns = tuple(column for column in table.columns if column.name in present)
    session.execute(ddl.create_schema(view.split(".", 1)[0]))
    _point_view(session, view, relation, replace(table, columns=columns, grain=(), sort=()))


def _point_view(session: Session, view: str, relation: str, shown: Table) -> None:
    if session.dialect == REDSHIFT and _has_other_columns(session, view, relation, shown):
        # Redshift replaces a view by one of the same columns only. Grants are given anew at the end of the publish.
        session.execute(f"DROP VIEW {ddl.quote_relation(view)}")
    session.execute(ddl.create_view(view, relation, shown.column_names, session.dialect))
    session.execute(";\n".join(ddl.comments(view, shown, session.dialect, is_view=True)))


def _has_other_columns(session: Session, view: str, relation: str, shown: Table) -> bool:
    """Whether a view is there and has other columns or types than it is to show."""
    before, below = (session.rows(_SHAPE, name.split(".", 1)) for name in (view, relation))
    types = {row[0]: row for row in below}
    return bool(before) and before != [types[name] for name in shown.column_names]


def prune(session: Session, product: DataProduct, keep: int) -> list[str]:
    """Forget all but the newest `keep` versions of the product, drop the tables none of them shows; returns these.

    A mart that the newest version is compared with stays, too: the same day built again compares with the same one.
    """
    history = control.versions(session, product.name)
    kept = sorted({row.version for row in history if not row.is_end}, reverse=True)[: max(keep, 1)]
    needed = {row for number in kept for row in _resolve(history, number).values()} | _compared(product, history)
    shown = {row.relation for row in needed}
    # An end is needed as long as there is something before it.
    before = {(row.table_name, row.version) for row in needed}
    needed |= {one for one in history if one.is_end and any(n == one.table_name and v < one.version for n, v in before)}
    dropped = sorted({row.relation for row in history if not row.is_end} - shown)
    for relation in dropped:
        session.execute(f"DROP TABLE IF EXISTS {ddl.quote_relation(relation)}")
    for row in history:
        if row not in needed:
            session.execute(
                "DELETE FROM control.version WHERE product = ? AND layer = ? AND version = ? AND table_name = ?",
                (product.name, Layer.GOLD.value, row.version, row.table_name),
            )
    return dropped


def _compared(product: DataProduct, history: Sequence[Version]) -> set[Version]:
    """The marts that the newest ones are compared with: of each the last one of a day before theirs."""
    found = set()
    for one in product.earlier:
        own = (row for row in history if row.table_name == one.table and not row.is_end)
        rows = sorted(own, key=lambda row: -row.version)
        day = rows[0].as_of if rows else None
        found |= set([row for row in rows if day and row.as_of and row.as_of < day][:1])
    return found


def versions_schema(product: str) -> str:
    """The schema of the physical tables behind the marts of the product of that name."""
    return f"{product}_versions"


def load(session: Session, relation: str, stage: Staged) -> int:
    """Create a table and load the staged files into it; returns its rows."""
    stored = replace(stage.table, columns=stage.table.stored_columns, source=None)
    session.execute(ddl.create_schema(relation.split(".", 1)[0]))
    session.execute(ddl.create_table(relation, stored, session.dialect))
    return session.copy_in(relation, stored, stage.files)


def _resolve(history: Sequence[Version], version: int) -> dict[str, Version]:
    """Which row each table was in a version of the product: the newest up to it. Not those that had ended."""
    found: dict[str, Version] = {}
    for row in sorted(history, key=lambda row: row.version):
        if row.version <= version:
            found[row.table_name] = row
    return {name: row for name, row in found.items() if not row.is_end}


def version_of(
    product: DataProduct, stage: Staged, publication: Publication, relation: str, number: int, row_count: int
) -> Version:
    """The record of a table as published."""
    return Version(
        product=product.name,
        version=number,
        layer=stage.table.layer.value,
        run_id=publication.run_id,
        table_name=stage.table.name,
        relation=relation,
        fingerprint=stage.fingerprint,
        definition=stage.definition,
        inputs=json.dumps(dict(stage.inputs), sort_keys=True),
        contract=contract_shape(stage.table),
        as_of=publication.as_of,
        row_count=row_count,
        published_at=publication.published_at,
    )
