"""Tables kept up to date by key: the rows of the given values are read or replaced, all others left as they are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from medallion.contracts import Column, Layer, Table
from medallion.errors import StorageError
from medallion.warehouse.ddl import create_schema, create_table
from medallion.warehouse.increments import delete_keys, load_keys, merge, unload_rows

LINES = Table(
    name="lines",
    layer=Layer.SILVER,
    grain=("order_id", "line"),
    description="Lines of orders.",
    columns=(Column("order_id", "varchar(32)", "Order, where it is known."), Column("line", "integer", "Line.")),
)
BEFORE = [("a", 1), ("a", 2), ("b", 1), ("c", 1), (None, 1)]


@pytest.fixture
def warehouse(opened):
    """One without control tables, which nothing here needs."""
    return opened.warehouse


@pytest.fixture
def lines(warehouse, stage):
    """The warehouse with the table `s.lines`: orders a (two lines), b, c, and a line of no order."""
    with warehouse.write() as session:
        session.execute(create_schema("s"))
        session.execute(create_table("s.lines", LINES, session.dialect))
        session.copy_in("s.lines", LINES, stage(LINES, *BEFORE))
    return warehouse


@pytest.fixture
def key_files(parquet):
    """Writes values of `order_id` to a Parquet file."""

    def write(*order_ids):
        return parquet({"order_id": pa.array(order_ids, pa.string())})

    return write


@pytest.fixture
def merged(lines, key_files, stage):
    """All rows after a merge of these rows by these keys, and the number that it returned."""

    def merge_rows(keys, rows):
        with lines.write() as session:
            affected = load_keys(session, LINES.column("order_id"), key_files(*keys))
            count = merge(session, "s.lines", LINES, ("order_id", affected), stage(LINES, *rows))
        with lines.read() as session:
            found = session.rows("SELECT order_id, line FROM s.lines ORDER BY order_id NULLS LAST, line")
        assert count == len(found)
        return found

    return merge_rows


def test_rows_of_affected_keys_are_replaced_and_others_untouched(merged):
    found = merged(["a", "b"], [("a", 7), ("b", 8), ("b", 9)])
    assert found == [("a", 7), ("b", 8), ("b", 9), ("c", 1), (None, 1)]


def test_keys_without_new_rows_disappear(merged):
    assert merged(["a", "b"], [("b", 1)]) == [("b", 1), ("c", 1), (None, 1)]


def test_new_keys_appear(merged):
    assert merged(["d"], [("d", 1), ("d", 2)]) == [*BEFORE[:4], ("d", 1), ("d", 2), (None, 1)]


def test_keys_that_are_nowhere_change_nothing(merged):
    assert merged(["x"], []) == BEFORE


def test_no_keys_change_nothing(merged):
    assert merged([], []) == BEFORE


def test_a_key_that_is_given_twice_counts_once(merged):
    assert merged(["c", "c"], [("c", 5)]) == [*BEFORE[:3], ("c", 5), (None, 1)]


@pytest.mark.parametrize("keys", [["b", None], [None]])
def test_rows_without_a_key_are_left_alone_even_where_a_key_is_missing(merged, keys):
    assert merged(keys, []) == [row for row in BEFORE if row[0] not in keys or row[0] is None]


def test_keys_that_only_look_alike_are_different_keys(merged):
    assert merged(["A", " a", "á", "ａ"], []) == BEFORE


def test_merging_the_same_again_changes_nothing(merged):
    once = merged(["a"], [("a", 7)])
    assert merged(["a"], [("a", 7)]) == once


def test_a_merge_that_is_rolled_back_changes_nothing(lines, key_files, stage, read):
    def merge_and_fail():
        with lines.write() as session:
            affected = load_keys(session, LINES.column("order_id"), key_files("a"))
            merge(session, "s.lines", LINES, ("order_id", affected), stage(LINES, ("a", 7)))
            raise RuntimeError("after the merge")

    with pytest.raises(RuntimeError, match="after the merge"):
        merge_and_fail()
    assert read("SELECT order_id, line FROM s.lines ORDER BY order_id NULLS LAST, line") == BEFORE


def test_a_merge_of_rows_that_cannot_be_loaded_changes_nothing(lines, key_files, read):
    def merge_files_without_lines():
        with lines.write() as session:
            affected = load_keys(session, LINES.column("order_id"), key_files("a"))
            merge(session, "s.lines", LINES, ("order_id", affected), key_files("a"))

    with pytest.raises(StorageError, match=r"cannot be loaded into s\.lines"):
        merge_files_without_lines()
    assert read("SELECT count(*) FROM s.lines") == [(5,)]


def test_keys_can_be_deleted_alone(lines, key_files, read):
    with lines.write() as session:
        delete_keys(session, "s.lines", ("order_id", load_keys(session, LINES.column("order_id"), key_files("a", "z"))))
    assert read("SELECT order_id FROM s.lines ORDER BY 1 NULLS LAST") == [("b",), ("c",), (None,)]


def test_two_sets_of_keys_serve_one_session(lines, key_files, read):
    with lines.write() as session:
        for name, order_id in (("first", "a"), ("second", "b")):
            keys = load_keys(session, LINES.column("order_id"), key_files(order_id), name)
            delete_keys(session, "s.lines", ("order_id", keys))
    assert read("SELECT order_id FROM s.lines ORDER BY 1 NULLS LAST") == [("c",), (None,)]


def test_keys_of_one_session_are_not_seen_by_the_next(lines, key_files):
    for order_ids in (("a", "b"), ("c",)):
        with lines.write() as session:
            keys = load_keys(session, LINES.column("order_id"), key_files(*order_ids))
            assert session.rows(f"SELECT count(*) FROM {keys}") == [(len(order_ids),)]


def test_keys_loaded_again_replace_those_before(lines, key_files):
    with lines.write() as session:
        load_keys(session, LINES.column("order_id"), key_files("a", "b"))
        keys = load_keys(session, LINES.column("order_id"), key_files("c"))
        assert session.rows(f"SELECT order_id FROM {keys}") == [("c",)]


@pytest.mark.parametrize(
    ("within", "without", "expected"),
    [
        (["a", "b"], None, [("a", 1), ("a", 2), ("b", 1)]),
        (None, ["a", "b"], [("c", 1), (None, 1)]),
        (["a", "b"], ["b", "c"], [("a", 1), ("a", 2)]),
        ([None, "c"], None, [("c", 1)]),
        (None, [None, "a"], [("b", 1), ("c", 1), (None, 1)]),
        ([], None, []),
        (None, [], BEFORE),
        (None, None, BEFORE),
    ],
)
def test_rows_are_unloaded_within_or_without_keys(lines, key_files, folder, within, without, expected):
    with lines.write() as session:
        column = LINES.column("order_id")
        inside = None if within is None else ("order_id", load_keys(session, column, key_files(*within), "inside"))
        outside = None if without is None else ("order_id", load_keys(session, column, key_files(*without), "outside"))
        files = unload_rows(session, "s.lines", LINES.columns, f"{folder}/out", within=inside, without=outside)
    found = [(row["order_id"], row["line"]) for file in files for row in pq.read_table(file).to_pylist()]
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    ("column_type", "arrow", "values"),
    [
        ("bigint", pa.int64(), [1, 2**63 - 1]),
        ("date", pa.date32(), [date(2025, 1, 1), date(1, 1, 1)]),
        ("timestamp", pa.timestamp("us", "UTC"), [datetime(2025, 1, 1, 0, 0, 0, n, UTC) for n in (0, 1)]),
        ("decimal(18,2)", pa.decimal128(18, 2), [Decimal("0.01"), Decimal("0.02")]),
        ("varchar(32)", pa.string(), ["", "it's 😀"]),
    ],
)
def test_keys_may_be_of_any_type_and_name(warehouse, stage, parquet, column_type, arrow, values):
    key = Column('order "key"', column_type, "Key.", nullable=False)
    table = Table(name="keyed", layer=Layer.SILVER, grain=(key.name,), description="Rows by key.", columns=(key,))
    with warehouse.write() as session:
        session.execute(create_schema("s"))
        session.execute(create_table("s.keyed", table, session.dialect))
        session.copy_in("s.keyed", table, stage(table, *[(value,) for value in values]))
        keys = load_keys(session, key, parquet({key.name: pa.array(values[:1], arrow)}))
        assert merge(session, "s.keyed", table, (key.name, keys), ()) == 1
