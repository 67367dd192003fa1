"""UNLOAD of a query as Parquet files, brought to what engines read: instants in UTC, and a file where no row is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from medallion.warehouse.ddl import literal

if TYPE_CHECKING:
    import pyarrow as pa

    from medallion.warehouse.redshift_storage import ObjectStore

_DECIMAL = 1700
_TIMESTAMP = 1114
_EMPTY = "empty.parquet"


def unload_statement(query: str, folder: str, role: str) -> str:
    """Write a query's rows into a folder, in place of what it held."""
    # Within the literal, Redshift takes a backslash for an escape.
    text = literal(query.replace("\\", "\\\\"))
    return f"UNLOAD ({text}) TO {literal(f'{folder}/')} IAM_ROLE {literal(role)} FORMAT AS PARQUET CLEANPATH"


def completed(store: ObjectStore, folder: str, columns: Sequence[dict[str, Any]]) -> list[str]:
    """The unloaded files, all with the times marked; an empty one where there is none. `columns` as the driver says."""
    import pyarrow.parquet as pq

    files = store.files(folder)
    if not files:
        empty = f"{folder}/{_EMPTY}"
        with store.writing(empty) as stream:
            pq.write_table(_schema(columns).empty_table(), stream)
        return [empty]
    times = [_name(column) for column in columns if column["type_oid"] == _TIMESTAMP]
    return sorted(_with_instants(store, file, times) for file in files) if times else files


def _with_instants(store: ObjectStore, file: str, times: Sequence[str]) -> str:
    """The file, rewritten where it holds times without a mark that they are UTC: readers would take them as local."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with store.reading(file) as stream:
        parquet = pq.ParquetFile(stream, coerce_int96_timestamp_unit="us")
        schema = parquet.schema_arrow
        if all(_is_instant(parquet, schema, name) for name in times):
            return file
        utc = pa.timestamp("us", "UTC")
        marked = pa.schema([field.with_type(utc) if field.name in times else field for field in schema])
        target = f"{file.removesuffix('.parquet')}.utc.parquet"
        with store.writing(target) as output, pq.ParquetWriter(output, marked) as writer:
            for group in range(parquet.num_row_groups):
                rows = parquet.read_row_group(group)
                columns = [
                    column.cast(pa.timestamp("us")).cast(utc) if field.name in times else column
                    for field, column in zip(schema, rows.columns, strict=True)
                ]
                writer.write_table(pa.Table.from_arrays(columns, schema=marked))
    store.delete([file])
    return target


def _is_instant(parquet: Any, schema: pa.Schema, name: str) -> bool:
    """Whether engines read the column as instants: marked as UTC, or in the form that never had a mark."""
    place = schema.get_field_index(name)
    return schema.field(place).type.tz is not None or parquet.schema.column(place).physical_type == "INT96"


def _schema(columns: Sequence[dict[str, Any]]) -> pa.Schema:
    import pyarrow as pa

    return pa.schema([(_name(column), _arrow_type(column)) for column in columns])


def _arrow_type(column: dict[str, Any]) -> pa.DataType:
    import pyarrow as pa

    number, modifier = int(column["type_oid"]), int(column["type_modifier"])
    if number == _DECIMAL:
        size = modifier - 4
        return pa.decimal128(size >> 16, size & 0xFFFF) if modifier >= 0 else pa.decimal128(38, 0)
    return {
        16: pa.bool_(),
        20: pa.int64(),
        21: pa.int16(),
        23: pa.int32(),
        700: pa.float32(),
        701: pa.float64(),
        1082: pa.date32(),
        _TIMESTAMP: pa.timestamp("us", "UTC"),
    }.get(number, pa.string())


def _name(column: dict[str, Any]) -> str:
    label = column["label"]
    return label.decode() if isinstance(label, bytes) else str(label)
