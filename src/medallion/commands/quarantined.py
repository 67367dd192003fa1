"""Rows in quarantine as people deal with them: what was delivered, why it was refused, and what helps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from medallion.errors import UsageError
from medallion.ingest.csv_rejects import NUL_BYTE, RAGGED, UNDECODABLE, WITHHELD
from medallion.warehouse import control, quarantine

if TYPE_CHECKING:
    from datetime import datetime

    from medallion.data_product import DataProduct, Step
    from medallion.warehouse.base import Session
    from medallion.warehouse.quarantine import Chosen
    from medallion.warehouse.records import RejectedRow, Version

GATE_REASONS = frozenset((RAGGED, UNDECODABLE, NUL_BYTE, WITHHELD))
_UNKNOWN = "not stated"


@dataclass(frozen=True)
class Quarantined:
    """A row in quarantine. `is_superseded`: a later delivery of the same row was accepted; this one is history."""

    row: RejectedRow
    is_superseded: bool = False

    @property
    def place(self) -> tuple[str, str, int]:
        """What identifies the record behind the row: table, delivery, number in the file."""
        return self.row.table_name, self.row.batch_id, self.row.row_number

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in (self.row.reasons or "").split(",") if part.strip()) or (_UNKNOWN,)

    @property
    def is_kept_out(self) -> bool:
        """Whether the gate refused the record: then it is there as delivered, and its columns are not known."""
        return not GATE_REASONS.isdisjoint(self.reasons)

    @property
    def is_withheld(self) -> bool:
        """Whether the record's text was not kept, because personal data in it could not be told from the rest."""
        return WITHHELD in self.reasons

    @cached_property
    def record(self) -> dict[str, str]:
        """What the row delivered, by column; empty where its columns are not known."""
        try:
            found = {} if self.is_kept_out else json.loads(self.row.raw_text or "{}")
        except ValueError:
            return {}
        return {name: str(value) for name, value in found.items()} if isinstance(found, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Group:
    """The rows of one table with one reason; a row with two reasons is in both groups. `newest_at` is in UTC.

    `is_waiting`: what the rows wait for may still come. `is_withheld`: their text was not kept. `database_table` is
    where the rows are kept that no file delivered.
    """

    table: str
    reason: str
    rows: int
    superseded: int
    files: int
    newest_file: str
    newest_at: datetime
    is_waiting: bool = False
    is_withheld: bool = False
    database_table: str = ""

    @property
    def remedy(self) -> str:
        """What to do about such rows."""
        if self.superseded == self.rows:
            return "none needed: later deliveries of these rows were accepted"
        if self.is_waiting:
            return "accepted by itself once what it belongs to arrives; if that is in quarantine too, correct it there"
        if self.database_table:
            return f"correct the row in {self.database_table}, then run; or correct the rule, then replay"
        if self.is_withheld:
            return "correct the record in the file that was delivered, deliver that again"
        if self.reason in GATE_REASONS:
            return "export, correct, deliver"
        return "correct the rule, then replay; or export, correct, deliver"


def source_step(product: DataProduct, table: str) -> Step:
    """The step of a table that rows are delivered for. Raises UsageError where it is none."""
    delivered = {step.table.name: step for step in product.steps if step.table.source}
    if table not in delivered:
        raise UsageError(f"--table {table}: has no delivered rows; choose one of: {', '.join(delivered)}")
    return delivered[table]


def identity_columns(product: DataProduct, step: Step) -> tuple[str, ...]:
    """The delivered columns by which a later delivery takes the place of a row."""
    source = product.source(str(step.table.source))
    return source.set_columns or tuple(name for name in step.table.grain if name in source.column_names)


def quarantined(session: Session, product: DataProduct, chosen: Chosen, limit: int | None = None) -> list[Quarantined]:
    """The chosen rows, by table and as they were delivered."""
    published = control.published_versions(session, product.name)
    found: list[Quarantined] = []
    by_table: dict[str, list[Quarantined]] = {}
    for row in quarantine.rows_of(session, product.name, chosen, limit):
        by_table.setdefault(row.table_name, []).append(Quarantined(row))
    for table, rows in by_table.items():
        step = next((one for one in product.steps if one.table.name == table), None)
        found += _judged(session, product, step, published.get(table), rows) if step else rows
    return found


def groups_of(product: DataProduct, rows: Sequence[Quarantined]) -> list[Group]:
    """The rows by table and reason."""
    waiting = {step.table.name: step.table.waiting for step in product.steps}
    of = {one.name: str(one.table) for one in product.table_sources}
    tables = {step.table.name: of[step.table.source] for step in product.steps if step.table.source in of}
    members: dict[tuple[str, str], list[Quarantined]] = {}
    for one in rows:
        for reason in one.reasons:
            members.setdefault((one.row.table_name, reason), []).append(one)
    return [
        Group(
            table=table,
            reason=reason,
            rows=len(group),
            superseded=sum(one.is_superseded for one in group),
            files=len({one.row.source_file for one in group}),
            newest_file=max(group, key=lambda one: one.row.batch_id).row.source_file,
            newest_at=max(one.row.rejected_at for one in group),
            is_waiting=reason in waiting.get(table, ()),
            database_table=tables.get(table, ""),
            is_withheld=all(one.is_withheld for one in group),
        )
        for (table, reason), group in sorted(members.items())
    ]


def _judged(
    session: Session, product: DataProduct, step: Step, version: Version | None, rows: Sequence[Quarantined]
) -> list[Quarantined]:
    """The rows of one table, those that a later accepted delivery replaced marked so."""
    columns = identity_columns(product, step) if step.table.source else ()
    if version is None or not step.key or not columns:
        return list(rows)
    newest = quarantine.newest_accepted(session, product.name, step.table.name, version.relation, step.key, columns)

    def is_superseded(one: Quarantined) -> bool:
        identity = tuple(one.record.get(name, "") for name in columns)
        return bool(one.record) and newest.get(identity, "") > one.row.batch_id

    return [Quarantined(one.row, is_superseded(one)) for one in rows]
