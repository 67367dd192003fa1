"""COPY and UNLOAD of Parquet over S3, as Redshift's documentation describes them, through a PostgreSQL session.

COPY goes by position, wants the same number of columns and the very types, and loads what a manifest lists, of the
lengths that it says. UNLOAD writes one file, and none for a result without rows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs
from redshift_wire import Backend, Column, RefusedError

_COPY = re.compile(
    r"\s*COPY\s+(?P<table>(?:\"(?:[^\"]|\"\")*\"|[\w.])+)\s+FROM\s+'s3://(?P<bucket>[^/']+)/(?P<key>(?:[^']|'')*)'\s+"
    r"IAM_ROLE\s+(?P<role>'[^']+'|default)\s+FORMAT\s+(?:AS\s+)?PARQUET\s+MANIFEST\s*",
    re.IGNORECASE,
)
_UNLOAD = re.compile(
    r"\s*UNLOAD\s*\(\s*'(?P<query>(?:[^']|'')*)'\s*\)\s+TO\s+'s3://(?P<bucket>[^/']+)/(?P<key>(?:[^']|'')*)'\s+"
    r"IAM_ROLE\s+(?P<role>'[^']+'|default)\s+FORMAT\s+(?:AS\s+)?PARQUET\s+(?P<options>[A-Z ]*)",
    re.IGNORECASE,
)
_COLUMNS = (
    "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
    " WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_UNESCAPED = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\b": "\b", "\\f": "\f", "\\v": "\v"}
_UNLOADED = {
    16: pa.bool_(), 20: pa.int64(), 21: pa.int16(), 23: pa.int32(), 700: pa.float32(), 701: pa.float64(),
    1082: pa.date32(), 1114: pa.timestamp("us"), 1184: pa.timestamp("us", "UTC"),
}  # fmt: skip
_DECIMAL = 1700


def copy_statement(sql: str) -> re.Match[str] | None:
    return _COPY.fullmatch(sql)


def unload_statement(sql: str) -> re.Match[str] | None:
    return _UNLOAD.fullmatch(sql)


def copy(match: re.Match[str], backend: Backend) -> int:
    """Load what the manifest lists; returns the rows."""
    system = _system(match["bucket"])
    entries = _listed(system, match["bucket"], match["key"].replace("''", "'"))
    columns = backend.rows(_COLUMNS.format(table=match["table"].replace("'", "''")))
    count = 0
    for entry in entries:
        path = entry["url"].removeprefix("s3://")
        try:
            with system.open_input_file(path) as stream:
                if stream.size() != entry["meta"]["content_length"]:
                    detail = f"{entry['url']}: file size does not match content_length"
                    raise RefusedError("Spectrum Scan Error", detail)
                rows = pq.ParquetFile(stream, coerce_int96_timestamp_unit="us").read()
        except FileNotFoundError as error:
            if entry.get("mandatory"):
                raise RefusedError("Mandatory url is not present in manifest", f"{entry['url']} is missing") from error
            continue
        _check(path, rows.schema, columns)
        backend.copy_in(match["table"], _lines(rows))
        count += rows.num_rows
    return count


def unload(match: re.Match[str], backend: Backend) -> None:
    """Write a query's result into a folder."""
    query, key = match["query"].replace("''", "'"), match["key"].replace("''", "'")
    system, folder = _system(match["bucket"]), f"{match['bucket']}/{key.rstrip('/')}"
    there = system.get_file_info(fs.FileSelector(folder, allow_not_found=True, recursive=True))
    old = [info.path for info in there if info.is_file]
    if old and "CLEANPATH" not in match["options"].upper():
        raise RefusedError(
            "Specified unload destination on S3 is not empty. Consider using a different bucket / prefix"
        )
    backend.rows(f"SELECT * FROM ({query}) AS unloaded LIMIT 0")
    columns = backend.columns
    lines = backend.copied_out(query).decode().splitlines(keepends=False)
    for path in old:
        system.delete_file(path)
    if lines:
        cells = [line.split("\t") for line in lines]
        arrays = [_array(column, [row[place] for row in cells]) for place, column in enumerate(columns)]
        names = [column.name for column in columns]
        pq.write_table(pa.table(arrays, names=names), f"{folder}/0000_part_00.parquet", filesystem=system)


@cache
def _system(bucket: str) -> fs.FileSystem:
    try:
        return fs.FileSystem.from_uri(f"s3://{bucket}")[0]
    except OSError as error:
        raise RefusedError(
            "S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket"
        ) from error


def _listed(system: fs.FileSystem, bucket: str, key: str) -> list[dict[str, Any]]:
    try:
        with system.open_input_stream(f"{bucket}/{key}") as stream:
            return list(json.loads(stream.read())["entries"])
    except FileNotFoundError as error:
        raise RefusedError(f"The specified S3 prefix '{key}' does not exist") from error


def _check(path: str, schema: pa.Schema, columns: Sequence[Sequence[str | None]]) -> None:
    if len(schema) != len(columns):
        found, wanted = len(schema), len(columns)
        raise RefusedError("Spectrum Scan Error", f"{path}: {found} columns in the file, {wanted} in the table")
    for field, (name, declared) in zip(schema, columns, strict=True):
        if not _fits(field.type, str(declared)):
            detail = f"{path}: column {name} of type {declared} has an incompatible Parquet schema: {field.type}"
            raise RefusedError("Spectrum Scan Error", detail)


def _fits(found: pa.DataType, declared: str) -> bool:
    if declared.startswith("character varying"):
        return bool(pa.types.is_string(found) or pa.types.is_large_string(found))
    if declared.startswith("numeric"):
        return declared == f"numeric({found.precision},{found.scale})" if pa.types.is_decimal(found) else False
    if declared.startswith("timestamp"):
        return bool(pa.types.is_timestamp(found))
    wanted = {
        "smallint": pa.int16(), "integer": pa.int32(), "bigint": pa.int64(), "real": pa.float32(),
        "double precision": pa.float64(), "boolean": pa.bool_(), "date": pa.date32(),
    }  # fmt: skip
    return wanted.get(declared) == found


def _lines(rows: pa.Table) -> Iterator[bytes]:
    columns = [column.cast(pa.timestamp("us")) if pa.types.is_timestamp(column.type) else column for column in rows]
    for batch in pa.table(columns, names=[str(place) for place in range(len(columns))]).to_batches(10_000):
        values = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        yield "".join("\t".join(map(_text, row)) + "\n" for row in values).encode()


def _text(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value.translate(_ESCAPED)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _array(column: Column, cells: Sequence[str]) -> pa.Array:
    if column.type_number == _DECIMAL:
        size = column.modifier - 4
        precision, scale = (size >> 16, size & 0xFFFF) if column.modifier >= 0 else (38, 10)
        return pa.array([None if c == "\\N" else Decimal(c) for c in cells], pa.decimal128(precision, scale))
    data_type = _UNLOADED.get(column.type_number, pa.string())
    return pa.array([None if cell == "\\N" else _value(cell, data_type) for cell in cells], data_type)


def _value(cell: str, data_type: pa.DataType) -> Any:
    if pa.types.is_boolean(data_type):
        return cell == "t"
    if pa.types.is_integer(data_type):
        return int(cell)
    if pa.types.is_floating(data_type):
        return float(cell)
    if pa.types.is_date(data_type):
        return date.fromisoformat(cell)
    if pa.types.is_timestamp(data_type):
        return datetime.fromisoformat(cell)
    return re.sub(r"\\(.)", lambda found: _UNESCAPED.get(found[0], found[1]), cell)
