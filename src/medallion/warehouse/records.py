"""Rows of the `control` and `quarantine` schemas as dataclasses, and how they are read, added and replaced.

Times go in and come out as datetimes in UTC. A row is replaced by delete and insert, which both dialects have.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from medallion.warehouse import control_tables
from medallion.warehouse.ddl import column_list, quote, quote_relation
from medallion.warehouse.status import BatchStatus as BatchStatus
from medallion.warehouse.status import CheckpointStatus as CheckpointStatus
from medallion.warehouse.status import RunStatus as RunStatus
from medallion.warehouse.status import status_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medallion.contracts import Table
    from medallion.warehouse.base import Session

_ROWS_A_STATEMENT = 200  # Redshift's driver takes 32,767 parameters a statement


@dataclass(frozen=True, kw_only=True)
class Run:
    """A row of `control.run`."""

    table: ClassVar[Table] = control_tables.RUN
    run_id: str
    product: str
    number: int | None = None
    status: RunStatus = RunStatus.RUNNING
    as_of: date | None = None
    engine: str | None = None
    source: str | None = None
    parameters: str | None = None
    started_at: datetime
    finished_at: datetime | None = None
    attempt: int = 1
    error: str | None = None
    failure: str | None = None
    host: str | None = None
    pid: int | None = None


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A row of `control.checkpoint`."""

    table: ClassVar[Table] = control_tables.CHECKPOINT
    run_id: str
    product: str
    table_name: str
    layer: str
    status: CheckpointStatus
    fingerprint: str | None = None
    attempt: int = 1
    rows_in: int | None = None
    rows_out: int | None = None
    rows_rejected: int | None = None
    rows_duplicate: int | None = None
    seconds: float | None = None
    error: str | None = None
    started_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """A row of `control.batch`."""

    table: ClassVar[Table] = control_tables.BATCH
    product: str
    source: str
    batch_id: str
    file_name: str
    file_path: str | None = None
    byte_count: int | None = None
    modified_ns: int | None = None
    sha256: str | None = None
    status: BatchStatus = BatchStatus.REGISTERED
    replay_of: str | None = None
    run_id: str | None = None
    record_count: int | None = None
    accepted_count: int | None = None
    rejected_count: int | None = None
    published_count: int | None = None
    refused_count: int | None = None
    duplicate_count: int | None = None
    deleted_count: int | None = None
    first_row_id: int | None = None
    last_row_id: int | None = None
    registered_at: datetime
    loaded_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class QualityResult:
    """A row of `control.quality`."""

    table: ClassVar[Table] = control_tables.QUALITY
    run_id: str
    product: str
    table_name: str
    check_name: str
    severity: str
    passed: bool
    failed_count: int | None = None
    detail: str | None = None
    description: str | None = None
    checked_at: datetime


@dataclass(frozen=True, kw_only=True)
class Version:
    """A row of `control.version`: the physical table that a published version of a table is."""

    table: ClassVar[Table] = control_tables.VERSION
    product: str
    version: int
    layer: str
    run_id: str
    table_name: str
    relation: str
    fingerprint: str | None = None
    definition: str | None = None
    inputs: str | None = None
    contract: str | None = None
    as_of: date | None = None
    row_count: int | None = None
    published_at: datetime

    @property
    def is_end(self) -> bool:
        """Whether the table ends with this version."""
        return not self.relation


@dataclass(frozen=True, kw_only=True)
class RejectedRow:
    """A row of `quarantine.rejected_row`."""

    table: ClassVar[Table] = control_tables.REJECTED_ROW
    product: str
    table_name: str
    source_file: str
    row_number: int
    batch_id: str
    row_key: str | None = None
    reasons: str | None = None
    raw_text: str | None = None
    run_id: str
    rejected_at: datetime


_STATUSES: dict[type, type[StrEnum]] = {Run: RunStatus, Checkpoint: CheckpointStatus, Batch: BatchStatus}


class Record(Protocol):
    """A dataclass whose fields are the columns of `table`, in order."""

    table: ClassVar[Table]
    __dataclass_fields__: ClassVar[dict[str, Any]]


RecordT = TypeVar("RecordT", bound=Record)


def select_records(
    session: Session, kind: type[RecordT], where: str, parameters: Sequence[object] = ()
) -> list[RecordT]:
    """The rows for which `where` holds (it may go on with ORDER BY and LIMIT)."""
    names = kind.table.column_names
    rows = session.rows(f"SELECT {column_list(names)} FROM {_relation(kind)} WHERE {where}", parameters)
    return [kind(**_values(kind, dict(zip(names, map(_from_warehouse, row), strict=True)))) for row in rows]


def _values(kind: type[Record], row: dict[str, Any]) -> dict[str, Any]:
    """The row with its status as the enumeration that the kind has for it."""
    status = _STATUSES.get(kind)
    return {**row, "status": status_of(status, _relation_name(kind), row, kind.table.grain)} if status else row


def insert_records(session: Session, records: Sequence[Record]) -> None:
    """Add rows of one kind."""
    if records:
        kind = type(records[0])
        names = kind.table.column_names
        rows = [tuple(to_parameter(getattr(record, name)) for name in names) for record in records]
        session.insert(_relation_name(kind), kind.table, rows)


def replace_records(session: Session, records: Sequence[Record]) -> None:
    """Add rows of one kind in place of those that have the same grain."""
    delete_records(session, records)
    insert_records(session, records)


def delete_records(session: Session, records: Sequence[Record]) -> None:
    """Remove the rows of one kind that have the same grain as one of the records."""
    for chunk in _chunks(records):
        keys = [{name: to_parameter(getattr(record, name)) for name in record.table.grain} for record in chunk]
        condition, parameters = _is_one_of(keys)
        session.execute(f"DELETE FROM {_relation(type(chunk[0]))} WHERE {condition}", parameters)


def _is_one_of(keys: Sequence[Mapping[str, object]]) -> tuple[str, list[object]]:
    """The condition that a row has one of the keys: what several have in common is said once, which is quicker."""
    name, *others = keys[0]
    if not others:
        return f"{quote(name)} IN ({', '.join('?' for _ in keys)})", [key[name] for key in keys]
    by_value: dict[object, list[Mapping[str, object]]] = {}
    for key in keys:
        by_value.setdefault(key[name], []).append({other: key[other] for other in others})
    conditions, parameters = [], []
    for value, rest in by_value.items():
        condition, more = _is_one_of(rest)
        conditions.append(f"({quote(name)} = ? AND {condition})")
        parameters += [value, *more]
    return f"({' OR '.join(conditions)})", parameters


def to_parameter(value: object) -> object:
    """A value as both drivers take it: times as UTC without zone, enumerations as text."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    return str(value) if isinstance(value, StrEnum) else value


def _from_warehouse(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _relation(kind: type[Record]) -> str:
    return quote_relation(_relation_name(kind))


def _relation_name(kind: type[Record]) -> str:
    return next(f"{schema}.{table.name}" for schema, table in control_tables.TABLES if table is kind.table)


def _chunks(records: Sequence[Record]) -> Iterator[Sequence[Record]]:
    return (records[start : start + _ROWS_A_STATEMENT] for start in range(0, len(records), _ROWS_A_STATEMENT))
