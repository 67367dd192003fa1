"""Looks through Parquet files before they are loaded: COPY's own error names neither row nor value, and comes late.

What must hold of a file is found out first from its schema and statistics; only columns for which these say too little
are read, a batch of rows at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medallion.errors import StorageError
from medallion.lineage import RAW_TEXT
from medallion.warehouse.redshift_fit import Doubt, doubts_of

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from medallion.contracts import Column, Table
    from medallion.warehouse.redshift_storage import ObjectStore

_ROWS_AT_A_TIME = 65_536
_LONGEST_SHOWN = 60
_HIDDEN = (RAW_TEXT, RAW_TEXT.lstrip("_"))  # whole delivered records: personal data may be anywhere in them


@dataclass(frozen=True)
class StagedFile:
    """A file that fits: its address, bytes, rows, and columns in their order, each with its Arrow type."""

    address: str
    size: int
    row_count: int
    columns: tuple[tuple[str, pa.DataType], ...]


def examined(store: ObjectStore, relation: str, table: Table, file: str) -> StagedFile:
    """A file that holds what the table's contract says.

    Raises StorageError that names file, column, the row's key and the value that does not fit, of personal data no
    value.
    """
    import pyarrow as pa

    try:
        with store.reading(file) as stream:
            return _examined(_Examination(file, relation, table), stream)
    except pa.ArrowException as error:
        reason = str(error).partition("\n")[0]
        raise StorageError(
            f"{file}: cannot be loaded into {relation} ({reason}); run again to write it anew"
        ) from error
    except StorageError as error:
        if "cannot be loaded" in str(error):
            raise
        reason = str(error).removeprefix(f"{file}: ")
        raise StorageError(f"{file}: cannot be loaded into {relation} ({reason})") from error


@dataclass(frozen=True)
class _Examination:
    file: str
    relation: str
    table: Table

    def refusal(self, what: str, remedy: str = "correct the build, or widen the contract") -> StorageError:
        return StorageError(f"{self.file}: cannot be loaded into {self.relation} ({what}); {remedy}, and run again")


def _examined(case: _Examination, stream: Any) -> StagedFile:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stream, coerce_int96_timestamp_unit="us")
    schema = file.schema_arrow
    missing = [name for name in case.table.column_names if name not in schema.names]
    if missing:
        raise case.refusal(f"column '{missing[0]}' is missing (found: {', '.join(schema.names)})", "write it anew")
    doubts: list[Doubt] = []
    for column in case.table.columns:
        found = doubts_of(column, schema.field(column.name).type, file)
        if isinstance(found, str):
            raise case.refusal(f"column '{column.name}' {found}")
        doubts += found
    if doubts:
        _refuse_first(case, file, doubts)
    columns = tuple((name, schema.field(name).type) for name in schema.names)
    return StagedFile(case.file, int(stream.size()), file.metadata.num_rows, columns)


def _refuse_first(case: _Examination, file: pq.ParquetFile, doubts: Sequence[Doubt]) -> None:
    """Read the columns in doubt. Raises StorageError about the first row of which one does not fit."""
    names = list(dict.fromkeys(doubt.column.name for doubt in doubts))
    for number, batch in enumerate(file.iter_batches(_ROWS_AT_A_TIME, columns=names)):
        for doubt in doubts:
            values = batch.column(batch.schema.get_field_index(doubt.column.name))
            place = doubt.first_misfit(values)
            if place is not None:
                value = _value(values, place)
                raise case.refusal(
                    f"column '{doubt.column.name}' {doubt.complaint(value)}{_shown(doubt.column, value)},"
                    f" row {_key(case, file, number, place)}"
                )


def _value(values: pa.Array, place: int) -> object:
    """The value at a place; as text where it is beyond what Python's own types hold."""
    import pyarrow as pa

    try:
        return values[place].as_py()
    except (OverflowError, ValueError):
        return values.slice(place, 1).cast(pa.string())[0].as_py()


def _shown(column: Column, value: object) -> str:
    if value is None:
        return ""
    if column.pii or column.name in _HIDDEN:
        return ": the value is personal data and not shown"
    text = repr(value) if isinstance(value, str) else str(value)
    return f": {text[:_LONGEST_SHOWN]}{'…' if len(text) > _LONGEST_SHOWN else ''}"


def _key(case: _Examination, file: pq.ParquetFile, number: int, place: int) -> str:
    """The key of a row, by its place in a batch of that number."""
    grain = [name for name in case.table.grain if name in file.schema_arrow.names]
    batches: Iterator[pa.RecordBatch] = file.iter_batches(_ROWS_AT_A_TIME, columns=grain)
    batch = next(one for at, one in enumerate(batches) if at == number)
    columns = (case.table.column(name) for name in grain)
    values = (
        "(personal data)" if column.pii else str(batch.column(batch.schema.get_field_index(column.name))[place])
        for column in columns
    )
    return ", ".join(f"{name} {value[:_LONGEST_SHOWN]}" for name, value in zip(grain, values, strict=True))
