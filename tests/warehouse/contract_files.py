"""Parquet files with exactly the types of a contract, as engines stage them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medallion.contracts import Table
    from medallion.data_types import DataType

_ARROW = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "varchar": pa.string(),
}


def arrow_type(data_type: DataType) -> pa.DataType:
    """What holds the type in a staged file."""
    if data_type.name == "decimal":
        return pa.decimal128(data_type.length, data_type.scale)
    return _ARROW[data_type.name]


def arrow_table(table: Table, rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Rows of the published table; a row that ends early has NULL in its last columns."""
    width = len(table.stored_columns)
    filled = [(*row, *[None] * (width - len(row))) for row in rows]
    return pa.table(
        {
            column.name: pa.array([row[place] for row in filled], arrow_type(column.data_type))
            for place, column in enumerate(table.stored_columns)
        }
    )
