"""What Parquet files prove by their footers, and what the rows must be asked for."""

from __future__ import annotations

import io
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medallion.contracts import Column, Layer, Table
from medallion.pipeline.footers import proven_checks

TABLE = Table(
    name="sales",
    layer=Layer.GOLD,
    grain=("day",),
    description="Sales of a day.",
    columns=(
        Column("day", "integer", "Day.", nullable=False, minimum=1, maximum=31),
        Column("amount", "decimal(18,2)", "Money.", minimum=0),
        Column("share", "double", "Part.", minimum=0, maximum=1),
        Column("kind", "varchar(9)", "Kind.", accepted=("a", "b")),
    ),
)
TYPES = {"day": pa.int32(), "amount": pa.decimal128(18, 2), "share": pa.float64(), "kind": pa.string()}
GOOD = {"day": [1, 31], "amount": [Decimal("0.00"), None], "share": [0.0, 1.0], "kind": ["a", "b"]}
ALL = {"day.not_null", "day.minimum", "day.maximum", "amount.minimum", "share.minimum"}


def footer(*, row_group_size: int = 100, statistics: bool = True, **columns: list[object]) -> pq.FileMetaData:
    given = {**GOOD, **columns}
    arrays = {name: pa.array(values, TYPES[name]) for name, values in given.items()}
    stream = io.BytesIO()
    pq.write_table(pa.table(arrays), stream, row_group_size=row_group_size, write_statistics=statistics)
    return pq.read_metadata(stream)


def test_bounds_and_filled_columns_are_proven() -> None:
    assert proven_checks(TABLE, [footer()]) == ALL


@pytest.mark.parametrize(
    ("broken", "unproven"),
    [
        ({"day": [1, None]}, {"day.not_null"}),
        ({"day": [0, 1]}, {"day.minimum"}),
        ({"day": [1, 32]}, {"day.maximum"}),
        ({"amount": [Decimal("-0.01"), Decimal(1)]}, {"amount.minimum"}),
        ({"share": [-0.1, 1.0]}, {"share.minimum"}),
    ],
)
def test_what_rows_break_is_not_proven(broken: dict[str, list[object]], unproven: set[str]) -> None:
    assert proven_checks(TABLE, [footer(**broken)]) == ALL - unproven
    assert proven_checks(TABLE, [footer(), footer(**broken)]) == ALL - unproven
    assert proven_checks(TABLE, [footer(row_group_size=1, **broken)]) == ALL - unproven


def test_bounds_leave_out_nan_so_they_do_not_prove_that_it_is_not_there() -> None:
    assert "share.maximum" not in proven_checks(TABLE, [footer(share=[0.5, float("nan")])])


def test_a_column_of_nulls_alone_breaks_no_bound() -> None:
    assert "amount.minimum" in proven_checks(TABLE, [footer(amount=[None, None])])


def test_without_statistics_nothing_is_proven() -> None:
    assert proven_checks(TABLE, [footer(statistics=False)]) == set()
    assert proven_checks(TABLE, [footer(), footer(statistics=False)]) == set()


def test_no_rows_prove_everything_and_one_row_the_grain() -> None:
    checks = {check.name for check in TABLE.row_checks}
    none: dict[str, list[object]] = {name: [] for name in TYPES}
    one = {name: values[:1] for name, values in GOOD.items()}

    assert proven_checks(TABLE, []) == {"grain_is_unique", *checks}
    assert proven_checks(TABLE, [footer(**none)]) == {"grain_is_unique", *checks}
    assert proven_checks(TABLE, [footer(**none), footer(**one)]) == {"grain_is_unique", *ALL}


@given(st.lists(st.one_of(st.none(), st.integers(-2, 34)), min_size=1, max_size=8), st.integers(1, 3))
def test_nothing_is_proven_that_rows_break(days: list[int | None], row_group_size: int) -> None:
    columns = {name: [values[0]] * len(days) for name, values in GOOD.items()}

    proven = proven_checks(TABLE, [footer(row_group_size=row_group_size, **{**columns, "day": days})])

    filled = [day for day in days if day is not None]
    assert ("day.not_null" in proven) == (len(filled) == len(days))
    assert ("day.minimum" in proven) == all(day >= 1 for day in filled)
    assert ("day.maximum" in proven) == all(day <= 31 for day in filled)
