"""Whether a column of a Parquet file fits the column of a contract, as far as types and statistics can say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from medallion.contracts import Column
    from medallion.data_types import DataType

_BITS = {"smallint": 16, "integer": 32, "bigint": 64}
_FIRST_DAY, _LAST_DAY = date(1, 1, 1), date(9999, 12, 31)
_FIRST, _LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)
Misfits = Callable[[Any], Any]  # an Arrow array to an array of booleans


@dataclass(frozen=True)
class Doubt:
    """Something that only the values of a column can tell: `misfits` marks those that do not fit."""

    column: Column
    problem: str
    misfits: Misfits

    def first_misfit(self, values: pa.Array) -> int | None:
        """The place of the first value that does not fit."""
        import pyarrow.compute as pc

        place = pc.index(pc.fill_null(self.misfits(values), False), True).as_py()
        return place if place >= 0 else None

    def complaint(self, value: object) -> str:
        if isinstance(value, str) and "{bytes}" in self.problem:
            return self.problem.format(bytes=len(value.encode()))
        return self.problem


def doubts_of(column: Column, found: pa.DataType, file: pq.ParquetFile) -> list[Doubt] | str:
    """What has to be looked for in the values; or, as text, why the column cannot fit whatever its values."""
    doubts: list[Doubt] = []
    if not column.nullable and _may_hold_null(column.name, file):
        import pyarrow.compute as pc

        doubts.append(Doubt(column, "must be filled and is NULL", pc.is_null))
    by_type = _of_type(column, found, file)
    return by_type if isinstance(by_type, str) else doubts + by_type


def _of_type(column: Column, found: pa.DataType, file: pq.ParquetFile) -> list[Doubt] | str:
    import pyarrow as pa

    wanted = column.data_type
    if wanted.name == "varchar":
        return _of_text(column, found)
    if wanted.name == "decimal" or wanted.name in _BITS:
        return _of_number(column, found)
    if wanted.name in ("date", "timestamp"):
        return _of_time(column, found, file)
    exact = {"double": pa.types.is_floating, "boolean": pa.types.is_boolean}[wanted.name]
    return [] if exact(found) else _other_type(wanted, found)


def _of_text(column: Column, found: pa.DataType) -> list[Doubt] | str:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(found) or pa.types.is_large_string(found)):
        return _other_type(column.data_type, found)
    length = column.data_type.length
    problem = f"takes {length} bytes and has {{bytes}}"
    return [
        Doubt(column, problem, lambda values: pc.greater(pc.binary_length(values), length)),
        Doubt(column, "holds a character NUL", lambda values: pc.match_substring(values, "\0")),
    ]


def _of_number(column: Column, found: pa.DataType) -> list[Doubt] | str:
    """Numbers of the contract's own type fit; of others those within its bounds that lose no digit."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = column.data_type
    target = pa.decimal128(wanted.length, wanted.scale) if wanted.name == "decimal" else _integer(_BITS[wanted.name])
    if found == target or (pa.types.is_signed_integer(found) and _is_integer_within(found, target)):
        return []
    problem = f"does not fit {column.type}"
    if pa.types.is_floating(found) and wanted.name == "decimal":
        bound = 10.0 ** ((wanted.length or 0) - (wanted.scale or 0))
        return [Doubt(column, problem, lambda values: pc.invert(pc.less(pc.abs(values), bound)))]
    if pa.types.is_decimal(found) or pa.types.is_signed_integer(found):
        return [Doubt(column, problem, lambda values: _loses(values, target))]
    return _other_type(wanted, found)


def _loses(values: pa.Array, target: pa.DataType) -> pa.Array:
    """Which numbers another exact type cannot hold as they are; one by one only where some cannot."""
    import pyarrow as pa

    try:
        values.cast(target)
    except pa.ArrowInvalid:
        return pa.array([value is not None and not _holds(value, target) for value in values.to_pylist()])
    return pa.array([False] * len(values))


def _holds(value: int | Decimal, target: pa.DataType) -> bool:
    import pyarrow as pa

    try:
        pa.array([Decimal(value)], pa.decimal128(38, max(-_exponent(value), 0))).cast(target)
    except pa.ArrowInvalid:
        return False
    return True


def _exponent(value: int | Decimal) -> int:
    return int(Decimal(value).as_tuple().exponent)


def _of_time(column: Column, found: pa.DataType, file: pq.ParquetFile) -> list[Doubt] | str:
    """Days and times of the years 1 to 9999; nanoseconds as pandas writes them are not read as what they are."""
    import pyarrow as pa

    if column.data_type.name == "date":
        if not pa.types.is_date32(found):
            return _other_type(column.data_type, found)
        first: Any = _FIRST_DAY
        last: Any = _LAST_DAY
    else:
        if not pa.types.is_timestamp(found) or found.unit == "ns":
            return _other_type(column.data_type, found)
        first, last = _FIRST, _LAST
    low, high = (_scalar(one, found) for one in (first, last))
    if _is_within(column.name, file, first, last):
        return []
    problem = "is not of the years 1 to 9999"
    return [Doubt(column, problem, lambda values: _outside(values, low, high))]


def _outside(values: pa.Array, low: int, high: int) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    whole = values.view(pa.int32() if pa.types.is_date32(values.type) else pa.int64())
    return pc.or_(pc.less(whole, low), pc.greater(whole, high))


def _scalar(moment: date | datetime, data_type: pa.DataType) -> int:
    """A day or time as the number that the type stores."""
    if not isinstance(moment, datetime):
        return (moment - date(1970, 1, 1)).days
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
    return int(microseconds // {"s": 1_000_000, "ms": 1_000, "us": 1}[data_type.unit])


_MICROSECOND = datetime.resolution


def _is_within(name: str, file: pq.ParquetFile, first: date | datetime, last: date | datetime) -> bool:
    """Whether the file's statistics say that all values lie between two; False where they say nothing."""
    try:
        for span in _statistics(name, file):
            if span is None or (not span.has_min_max and span.num_values):
                return False
            if span.has_min_max:
                least, most = (_zoned(one) if isinstance(first, datetime) else one for one in (span.min, span.max))
                if least < first or most > last:
                    return False
    except (ValueError, OverflowError, TypeError):  # beyond what Python's own types hold
        return False
    return True


def _zoned(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _may_hold_null(name: str, file: pq.ParquetFile) -> bool:
    return any(span is None or not span.has_null_count or span.null_count for span in _statistics(name, file))


def _statistics(name: str, file: pq.ParquetFile) -> list[Any]:
    """The statistics of a column, one a row group; None where there are none."""
    place = file.schema_arrow.get_field_index(name)  # a file of flat columns: the same place in Parquet's own schema
    groups = range(file.metadata.num_row_groups)
    return [file.metadata.row_group(group).column(place).statistics for group in groups]


def _integer(bits: int) -> pa.DataType:
    import pyarrow as pa

    return {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}[bits]


def _is_integer_within(found: pa.DataType, target: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(target) and found.bit_width <= target.bit_width)


def _other_type(wanted: DataType, found: pa.DataType) -> str:
    return f"is {found} in the file where {wanted.name} is expected"
