"""Promises of a contract that Parquet files prove by their footers, so that no engine need look at their rows.

A footer has for each column of each row group the number of NULLs and bounds of the values. Bounds may be wide, never
narrow: where they keep a promise, so do the rows; where they do not, or say nothing, the rows are asked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow.parquet as pq

    from medallion.contracts import Column, Table

GRAIN = "grain_is_unique"


def proven_checks(table: Table, footers: Sequence[pq.FileMetaData]) -> frozenset[str]:
    """The names of the table's checks that hold for all rows of its files."""
    row_count = sum(footer.num_rows for footer in footers)
    if row_count == 0:
        return frozenset([GRAIN, *(check.name for check in table.row_checks)])
    proven = {GRAIN} if row_count == 1 else set()
    statistics: dict[str, list[pq.Statistics | None]] = {column.name: [] for column in table.columns}
    for name, found in _statistics(footers):
        if name in statistics:
            statistics[name].append(found)
    for column in table.columns:
        proven |= {f"{column.name}.{rule}" for rule in _kept(column, statistics[column.name])}
    return frozenset(proven)


def _statistics(footers: Sequence[pq.FileMetaData]) -> Iterator[tuple[str, pq.Statistics | None]]:
    for footer in footers:
        for number in range(footer.num_row_groups):
            group = footer.row_group(number)
            for place in range(group.num_columns if group.num_rows else 0):
                column = group.column(place)
                yield column.path_in_schema, column.statistics


def _kept(column: Column, found: Sequence[pq.Statistics | None]) -> Iterator[str]:
    """The rules of a column that every row group keeps."""
    known = [one for one in found if one is not None and one.has_null_count]
    if not found or len(known) < len(found):
        return
    if not column.nullable and not any(one.null_count for one in known):
        yield "not_null"
    filled = [one for one in known if one.num_values]
    if not all(one.has_min_max for one in filled):
        return
    if column.minimum is not None and all(_is_number(one.min) and one.min >= column.minimum for one in filled):
        yield "minimum"
    # Bounds leave NaN out, which is more than any number.
    has_bound = column.maximum is not None and column.data_type.name != "double"
    if has_bound and all(_is_number(one.max) and one.max <= column.maximum for one in filled):
        yield "maximum"


def _is_number(bound: Any) -> bool:
    return not (isinstance(bound, float) and math.isnan(bound))
