"""Functions of rows as arrays, for what column expressions cannot say or engines plan for long: fitting a model, say.

A function runs where the engine's rows are, in any process. That of groups is called once a group, whatever the
partitions. The order of the rows within a group is the engine's affair: a function must not depend on it. Sums that are
taken in another order differ in their last digits, so sort, take `math.fsum`, or round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from medallion.contracts import Column
from medallion.spark import DataFrame, F

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    Arrays = Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]
    Result = Mapping[str, Sequence[Any] | np.ndarray[Any, Any]]

_ROWS = "_rows"
_ARROW = {"varchar": "string", "double": "double", "bigint": "int64", "integer": "int32", "boolean": "bool"}


def by_group(
    rows: DataFrame,
    keys: Sequence[str],
    columns: Sequence[str],
    function: Callable[[Mapping[str, Any], Arrays], Result],
    result: Sequence[Column],
) -> DataFrame:
    """What a function makes of each group of rows: columns `result`, among which may be keys.

    `columns` are numbers, none of them NULL; the function is given them as arrays of float64, and the group's keys as
    values. It returns columns of one length, in which None (of an array, NaN) is NULL; keys it does not return are
    filled in.
    """
    groups = rows.groupBy(*keys).agg(F.collect_list(F.struct(*columns)).alias(_ROWS))
    return groups.mapInArrow(partial(_of_groups, function=function, types=_types(result)), _schema(result))


def by_row(
    rows: DataFrame, columns: Sequence[str], function: Callable[[Arrays], Result], result: Sequence[Column]
) -> DataFrame:
    """What a function makes of rows, each by itself: columns `result`, among which may be columns of the rows.

    `columns` are numbers, none of them NULL; the function is given them as arrays of float64, of any number of rows.
    It returns columns of that length, in which None (of an array, NaN) is NULL; the others of `result` are the rows'.
    """
    return rows.mapInArrow(partial(_of_rows, columns=columns, function=function, types=_types(result)), _schema(result))


def _schema(result: Sequence[Column]) -> str:
    return ", ".join(f"`{column.name}` {column.data_type.spark}" for column in result)


def _types(result: Sequence[Column]) -> Mapping[str, str]:
    return {column.name: _ARROW[column.data_type.name] for column in result}


def _of_rows(
    batches: Iterator[pa.RecordBatch],
    columns: Sequence[str],
    function: Callable[[Arrays], Result],
    types: Mapping[str, str],
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    from medallion.arrow_arrays import doubles, filled_array

    kinds = {name: pa.type_for_alias(kind) for name, kind in types.items()}
    for batch in batches:
        found = function({name: doubles(batch.column(name)) for name in columns})
        arrays = [
            filled_array(found[name], kind) if name in found else batch.column(name).cast(kind)
            for name, kind in kinds.items()
        ]
        yield pa.RecordBatch.from_arrays(arrays, names=list(kinds))


def _of_groups(
    batches: Iterator[pa.RecordBatch],
    function: Callable[[Mapping[str, Any], Arrays], Result],
    types: Mapping[str, str],
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    from medallion.arrow_arrays import doubles, filled_array

    kinds = {name: pa.type_for_alias(kind) for name, kind in types.items()}
    for batch in batches:
        for keys, group in zip(batch.drop_columns(_ROWS).to_pylist(), batch.column(_ROWS), strict=True):
            found = group.values
            result = function(keys, {field.name: doubles(found.field(field.name)) for field in found.type})
            count = len(next(iter(result.values())))
            given = {name: result[name] if name in result else [keys[name]] * count for name in kinds}
            arrays = [filled_array(values, kinds[name]) for name, values in given.items()]
            yield pa.RecordBatch.from_arrays(arrays, names=list(kinds))
