"""Publishing: staged files become tables that readers see, all of a layer in the session's one transaction.

Gold: a physical table a version in `<product>_versions`, behind a view of the mart's name in the product's schema.
Silver: one table in place, replaced.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medallion.contracts import Column, Layer, Table
from medallion.data_product import DataProduct
from medallion.errors import UsageError
from medallion.lineage import RAW_TEXT, REASONS
from medallion.warehouse import control, ddl
from medallion.warehouse.control_tables import QUARANTINE, REJECTED_ROW
from medallion.warehouse.records import Version, replace_records, to_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from medallion.warehouse.base import Session

_REJECTED_RELATION = f"{QUARANTINE}.{REJECTED_ROW.name}"
# What a stage writes of rejected rows, under the names a build gives them.
REJECTED_FILE = Table(
    name="rejected_file",
    layer=Layer.CONTROL,
    grain=("_source_file", "_row_number", "_batch_id"),
    description="Rejected rows of one table as staged.",
    columns=tuple(
        replace(REJECTED_ROW.column(name.lstrip("_")), name=name)
        for name in ("_source_file", "_row_number", "_batch_id", REASONS, RAW_TEXT)
    ),
)
_AS_PUBLISHED = "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A table's Parquet files, those of its rejected rows, and the fingerprint of what they were built from."""

    table: Table
    files: tuple[str, ...]
    fingerprint: str | None = None
    rejected: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What is the same for all tables of one publish: who, seen from which date, and when (UTC)."""

    run_id: str
    as_of: date | None
    published_at: datetime


def publish_gold(
    session: Session, product: DataProduct, staged: Sequence[Staged], publication: Publication, keep: int = 3
) -> list[Version]:
    """Load the staged marts as the product's next version, point the views at them, keep `keep` versions."""
    number = control.next_version(session, product.name, Layer.GOLD)
    published = []
    for stage in staged:
        relation = f"{versions_schema(product)}.{stage.table.name}__{number:06d}"
        row_count = _load(session, relation, stage)
        point_view(session, f"{product.schema(Layer.GOLD)}.{stage.table.name}", relation, stage.table)
        published.append(_version(product, stage, publication, relation, number, row_count))
    replace_records(session, published)
    prune(session, product, keep)
    return published


def publish_silver(
    session: Session, product: DataProduct, staged: Sequence[Staged], publication: Publication
) -> list[Version]:
    """Replace the staged tables, each as a whole, and their rows in quarantine."""
    number = control.next_version(session, product.name, Layer.SILVER)
    published = []
    for stage in staged:
        relation = f"{product.schema(Layer.SILVER)}.{stage.table.name}"
        # Loaded beside the old table: on Redshift readers then wait for the swap only, not for the load.
        fresh = f"{relation}__new"
        row_count = _load(session, fresh, stage)
        session.execute(f"DROP TABLE IF EXISTS {ddl.quote_relation(relation)}")
        session.execute(f"ALTER TABLE {ddl.quote_relation(fresh)} RENAME TO {ddl.quote(stage.table.name)}")
        session.execute(";\n".join(ddl.comments(relation, stage.table, session.dialect)))
        published.append(_version(product, stage, publication, relation, number, row_count))
        if stage.table.source:
            replace_rejected(session, product.name, stage.table.name, stage.rejected, publication)
        session.execute(
            "DELETE FROM control.version WHERE product = ? AND layer = ? AND table_name = ?",
            (product.name, Layer.SILVER.value, stage.table.name),
        )
    replace_records(session, published)
    return published


def replace_rejected(
    session: Session, product: str, table_name: str, files: Sequence[str], publication: Publication
) -> int:
    """Put the staged rejected rows in place of all that quarantine holds for the table; returns how many."""
    session.execute(
        f"DELETE FROM {ddl.quote_relation(_REJECTED_RELATION)} WHERE product = ? AND table_name = ?",
        (product, table_name),
    )
    if not files:
        return 0
    fresh = f"{_REJECTED_RELATION}__new"
    quoted = ddl.quote_relation(fresh)
    session.execute(ddl.create_table(fresh, REJECTED_FILE, session.dialect))
    row_count = session.copy_in(fresh, REJECTED_FILE, files)
    targets = [name.lstrip("_") for name in REJECTED_FILE.column_names]
    session.execute(
        f"INSERT INTO {ddl.quote_relation(_REJECTED_RELATION)} "
        f"({ddl.column_list(['product', 'table_name', *targets, 'run_id', 'rejected_at'])}) "
        f"SELECT ?, ?, {ddl.column_list(REJECTED_FILE.column_names)}, ?, CAST(? AS TIMESTAMP) FROM {quoted}",
        (product, table_name, publication.run_id, to_parameter(publication.published_at)),
    )
    session.execute(f"DROP TABLE {quoted}")
    return row_count


def rollback(session: Session, product: DataProduct, version: int, publication: Publication) -> list[Version]:
    """Publish again, as the next version, what the marts were in `version`. Raises UsageError where that is gone."""
    history = control.versions(session, product.name)
    if version not in {row.version for row in history}:
        known = ", ".join(str(number) for number in sorted({row.version for row in history})) or "none"
        raise UsageError(f"{product.name}: version {version} is not kept (kept: {known}); choose one of these")
    number = control.next_version(session, product.name, Layer.GOLD)
    restored = []
    for row in _resolve(history, version).values():
        table = product.step(row.table_name).table
        point_view(session, f"{product.schema(Layer.GOLD)}.{row.table_name}", row.relation, table)
        restored.append(replace(row, version=number, run_id=publication.run_id, published_at=publication.published_at))
    replace_records(session, restored)
    return restored


def point_view(session: Session, view: str, relation: str, table: Table) -> None:
    """Show `relation` under the name `view`: those of its columns that the contract has, in the contract's order."""
    present = {name for (name,) in session.rows(_AS_PUBLISHED, relation.split(".", 1))}
    shown = replace(
        table, columns=tuple(column for column in table.columns if column.name in present), grain=(), sort=()
    )
    session.execute(ddl.create_schema(view.split(".", 1)[0]))
    session.execute(ddl.create_view(view, relation, shown.column_names, session.dialect))
    session.execute(";\n".join(ddl.comments(view, shown, session.dialect, is_view=True)))


def prune(session: Session, product: DataProduct, keep: int) -> list[str]:
    """Forget all but the newest `keep` versions of the product, drop the tables none of them shows; returns these."""
    history = control.versions(session, product.name)
    kept = sorted({row.version for row in history}, reverse=True)[: max(keep, 1)]
    needed = {row for number in kept for row in _resolve(history, number).values()}
    shown = {row.relation for row in needed}
    dropped = sorted({row.relation for row in history} - shown)
    for relation in dropped:
        session.execute(f"DROP TABLE IF EXISTS {ddl.quote_relation(relation)}")
    for row in history:
        if row not in needed:
            session.execute(
                "DELETE FROM control.version WHERE product = ? AND layer = ? AND version = ? AND table_name = ?",
                (product.name, Layer.GOLD.value, row.version, row.table_name),
            )
    return dropped


def unload(session: Session, relation: str, folder: str, columns: Sequence[Column] = ()) -> list[str]:
    """Write a published table as Parquet files (all its columns, or those given); returns the files."""
    select = ddl.column_list([column.name for column in columns]) or "*"
    return session.copy_out(f"SELECT {select} FROM {ddl.quote_relation(relation)}", folder)


def versions_schema(product: DataProduct) -> str:
    """The schema of the physical tables behind the marts."""
    return f"{product.name}_versions"


def _load(session: Session, relation: str, stage: Staged) -> int:
    session.execute(ddl.create_schema(relation.split(".", 1)[0]))
    session.execute(ddl.create_table(relation, stage.table, session.dialect))
    return session.copy_in(relation, stage.table, stage.files)


def _resolve(history: Sequence[Version], version: int) -> dict[str, Version]:
    """Which row each table was in a version of the product: the newest up to it."""
    found: dict[str, Version] = {}
    for row in sorted(history, key=lambda row: row.version):
        if row.version <= version:
            found[row.table_name] = row
    return found


def _version(
    product: DataProduct, stage: Staged, publication: Publication, relation: str, number: int, row_count: int
) -> Version:
    return Version(
        product=product.name,
        version=number,
        layer=stage.table.layer.value,
        run_id=publication.run_id,
        table_name=stage.table.name,
        relation=relation,
        fingerprint=stage.fingerprint,
        as_of=publication.as_of,
        row_count=row_count,
        published_at=publication.published_at,
    )
