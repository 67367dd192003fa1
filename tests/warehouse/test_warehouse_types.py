"""The edges of every type: loaded, read, copied out and loaded again without a change."""

from __future__ import annotations

import math
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow.parquet as pq
import pytest
from contract_files import arrow_table, arrow_type

from medallion.contracts import Column, Layer, Table
from medallion.errors import StorageError
from medallion.warehouse.ddl import create_schema, create_table

# Each type with its edges; NULL is added to all of them.
EDGES = {
    "smallint": [-(2**15), -1, 0, 2**15 - 1],
    "integer": [-(2**31), 0, 2**31 - 1],
    "bigint": [-(2**63), 0, 2**53 + 1, 2**63 - 1],
    "boolean": [False, True],
    "decimal(18,2)": [Decimal(f"{sign}9999999999999999.99") for sign in "+-"] + [Decimal("0.01"), Decimal("-0.01")],
    "decimal(38,0)": [Decimal(f"{sign}{'9' * 38}") for sign in "+-"] + [Decimal(0)],
    "decimal(38,37)": [Decimal(f"{sign}9.{'9' * 37}") for sign in "+-"],
    "double": [0.0, -0.0, 0.1, 5e-324, -sys.float_info.max, sys.float_info.max, math.inf, -math.inf, math.nan],
    "date": [date(1, 1, 1), date(1582, 10, 10), date(1969, 12, 31), date(2024, 2, 29), date(9999, 12, 31)],
    "timestamp": [datetime(2024, 2, 29, 23, 59, 59, fraction, UTC) for fraction in (0, 100_000, 120_000, 123_000)]
    + [datetime(2024, 3, 31, 2, 30, 0, fraction, UTC) for fraction in (123_400, 123_450, 123_456)]
    + [datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC), datetime(1900, 1, 1, 0, 0, 0, 1, UTC)]
    + [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)],
    "varchar(12)": [
        # As many bytes as the contract allows: of one to four a character, joined and combined characters among them.
        *("a" * 12, "é" * 6, "日本語字", "😀😀😀", "👩\u200d🍳a", "e\u0301" * 4, "\u200f\ufeff\u00a0é12"),
        *("", " ", " a ", "\ta\r\nb\n", 'it\'s "a"', "\\n\\\\N", "\\N", "NULL", "%s ? $1 :a", "a;--b", "{},|~^"),
    ],
    "varchar(65535)": ["é" * 32_767 + "a", "x" * 65_535],
}
TOO_LARGE = {
    "smallint": ("integer", 2**15),
    "integer": ("bigint", -(2**31) - 1),
    "decimal(18,2)": ("decimal(38,2)", Decimal("10000000000000000.00")),
    "decimal(8,2)": ("decimal(18,2)", Decimal("-1000000.00")),
    "decimal(38,0)": ("double", 1e38),
}
each_type = pytest.mark.parametrize("column_type", EDGES)


def table_of(column_type):
    """A table with one column of the type, its rows numbered."""
    columns = (Column("place", "integer", "Number of the row.", nullable=False), Column("value", column_type, "Value."))
    return Table(name="edges", layer=Layer.SILVER, grain=("place",), description="Edges of a type.", columns=columns)


def edges_of(column_type):
    """The numbered edges of a type, and NULL."""
    return list(enumerate([*EDGES[column_type], None]))


def stored(value):
    """As sessions return it, and so that it equals nothing but itself: no -0.0 for 0.0, and NaN for NaN."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.replace(tzinfo=None)
    return value if value is None or isinstance(value, datetime | date | Decimal) else repr(value)


@pytest.fixture
def warehouse(opened):
    """One without control tables, which nothing here needs."""
    return opened.warehouse


@pytest.fixture
def create(session):
    def create_tables(table, *names):
        session.execute(create_schema("s"))
        for name in names or ("edges",):
            session.execute(create_table(f"s.{name}", table, session.dialect))

    return create_tables


@pytest.fixture
def content(session):
    """The values of a table in the order of their numbers."""

    def values(relation="s.edges"):
        return [stored(value) for (value,) in session.rows(f"SELECT value FROM {relation} ORDER BY place")]

    return values


@each_type
def test_a_loaded_value_is_read_as_it_was(session, create, content, stage, column_type):
    table = table_of(column_type)
    create(table)
    session.copy_in("s.edges", table, stage(table, *edges_of(column_type)))
    assert content() == [stored(value) for _, value in edges_of(column_type)]


@each_type
def test_a_value_that_a_statement_is_given_is_read_as_it_was(session, create, content, column_type):
    create(table_of(column_type))
    for place, value in edges_of(column_type):
        given = value.replace(tzinfo=None) if isinstance(value, datetime) else value
        session.execute("INSERT INTO s.edges (place, value) VALUES (?, ?)", (place, given))
    assert content() == [stored(value) for _, value in edges_of(column_type)]


@each_type
def test_a_value_that_is_inserted_with_others_is_read_as_it_was(session, create, content, column_type):
    table = table_of(column_type)
    create(table)
    rows = [
        (place, value.replace(tzinfo=None) if isinstance(value, datetime) else value)
        for place, value in edges_of(column_type)
    ]
    session.insert("s.edges", table, rows)
    assert content() == [stored(value) for _, value in edges_of(column_type)]


@each_type
def test_rows_without_any_value_are_inserted_as_nulls(session, create, content, column_type):
    table = table_of(column_type)
    create(table)
    session.insert("s.edges", table, [(1, None), (2, None)])
    assert content() == [None, None]


@each_type
def test_a_value_that_is_copied_out_and_in_again_is_as_it_was(session, create, content, stage, folder, column_type):
    table = table_of(column_type)
    create(table, "edges", "again")
    session.copy_in("s.edges", table, stage(table, *edges_of(column_type)))
    files = session.copy_out("SELECT * FROM s.edges", f"{folder}/out")
    session.copy_in("s.again", table, files)
    assert content("s.again") == [stored(value) for _, value in edges_of(column_type)]


@each_type
def test_engines_find_the_same_values_and_types_in_what_is_copied_out(session, create, stage, folder, column_type):
    table = table_of(column_type)
    create(table)
    session.copy_in("s.edges", table, stage(table, *edges_of(column_type)))
    (file,) = session.copy_out("SELECT * FROM s.edges ORDER BY place", f"{folder}/out")
    found, expected = pq.read_table(file), arrow_table(table, edges_of(column_type))
    assert found.schema.types == expected.schema.types
    assert [stored(v) for v in found["value"].to_pylist()] == [stored(v) for v in expected["value"].to_pylist()]


@each_type
@pytest.mark.parametrize("has_file", [True, False], ids=["a file without rows", "no file"])
def test_an_empty_table_keeps_its_types(session, create, content, stage, folder, column_type, has_file):
    table = table_of(column_type)
    create(table)
    session.copy_in("s.edges", table, stage(table) if has_file else ())
    (file,) = session.copy_out("SELECT * FROM s.edges", f"{folder}/out")
    assert pq.read_schema(file).field("value").type == arrow_type(table.column("value").data_type)
    assert session.copy_in("s.edges", table, [file]) == 0


@pytest.mark.parametrize("column_type", TOO_LARGE)
def test_a_number_too_large_for_its_column_is_refused(session, create, stage, column_type):
    wider_type, value = TOO_LARGE[column_type]
    table, files = table_of(column_type), stage(table_of(wider_type), (0, value))
    create(table)
    with pytest.raises(StorageError, match=r"staged-0\.parquet: cannot be loaded into s\.edges"):
        session.copy_in("s.edges", table, files)


def test_the_empty_text_is_not_null(session, create, stage):
    table = table_of("varchar(12)")
    create(table)
    session.copy_in("s.edges", table, stage(table, (1, ""), (2, None)))
    assert session.rows("SELECT place FROM s.edges WHERE value IS NULL") == [(2,)]


def test_texts_that_only_look_alike_stay_different(session, create, stage):
    table = table_of("varchar(12)")
    create(table)
    session.copy_in("s.edges", table, stage(table, (1, "é"), (2, "e\u0301"), (3, "É"), (4, "e")))
    assert session.rows("SELECT count(DISTINCT value) FROM s.edges") == [(4,)]


def test_money_is_added_exactly(session, create, stage):
    table = table_of("decimal(18,2)")
    create(table)
    session.copy_in("s.edges", table, stage(table, *[(n, Decimal("0.10")) for n in range(1000)]))
    assert session.rows("SELECT sum(value) FROM s.edges") == [(Decimal("100.00"),)]


def test_times_keep_their_order_and_distance_across_1970(session, create, stage):
    table = table_of("timestamp")
    create(table)
    moments = [datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n) for n in (-1, 0, 1)]
    session.copy_in("s.edges", table, stage(table, *enumerate(moments)))
    assert session.rows("SELECT place FROM s.edges ORDER BY value") == [(0,), (1,), (2,)]
