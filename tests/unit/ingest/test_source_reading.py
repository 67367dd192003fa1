"""Rows come out of the source database into bronze as the files had them, read inside the engine."""

import io
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_notes import NOON, NOTES, batch, product, rows

from medallion.embedded.postgres import EmbeddedPostgres
from medallion.errors import InputError
from medallion.ingest.bronze import load_file_through_database
from medallion.ingest.bronze import loaded as loaded_delivery
from medallion.ingest.csv_gate import CsvGate, Delivery
from medallion.ingest.source_database import SourceDatabase
from medallion.ingest.source_rows import DSN_VARIABLE, RowRange, key_ranges
from medallion.lake import Lake

NASTY = (
    *(
        "",
        " ",
        "it's",
        'say "hi"',
        "two\nlines",
        "cr\r\nlf",
        "back\\slash",
        "\\N",
        "\\.",
        "NULL",
        "a,b;c\td",
        "%s $1 {x}",
    ),
    *("naïve Ünïcode 日本語", "👩‍👩‍👧", "e\u0301", "\u200b", "\x01\x7f", "x" * 100_000),
)


@given(first=st.integers(1, 10**12), count=st.integers(0, 5000), parts=st.integers(1, 64))
def test_ranges_hold_every_id_once_and_in_order(first: int, count: int, parts: int) -> None:
    ranges = key_ranges(RowRange(first, first + count - 1, count), parts)

    ids = [number for low, high in ranges for number in range(low, high + 1)]

    assert ids == list(range(first, first + count))


@given(count=st.integers(1, 10**9), parts=st.integers(1, 64))
def test_ranges_are_as_many_as_asked_for_and_even(count: int, parts: int) -> None:
    lengths = [high - low + 1 for low, high in key_ranges(RowRange(1, count, count), parts)]

    assert (len(lengths), max(lengths) - min(lengths) <= 1) == (min(parts, count), True)


# Reading into bronze


def test_nasty_text_comes_back_as_it_was(spark: Any, database: SourceDatabase) -> None:
    loaded = database.load(NOTES, "b1", [batch("b1", *NASTY)])

    read = database.read_bronze(spark, NOTES, loaded, parts=3).toArrow().sort_by("_row_number")

    assert read.column(1).to_pylist() == list(NASTY)


def test_bronze_has_the_contracts_columns_and_the_rows_lineage(spark: Any, database: SourceDatabase) -> None:
    loaded = database.load(NOTES, "b1", [batch("b1", "one")])

    read = database.read_bronze(spark, NOTES, loaded, parts=1).toArrow()

    assert read.column_names == list(NOTES.bronze.column_names)
    assert read.select(list(NOTES.bronze.column_names[2:])).to_pylist() == [
        {"_source_file": "notes.csv", "_row_number": 1, "_batch_id": "b1", "_ingested_at": NOON}
    ]


def test_only_the_rows_of_the_range_are_read(spark: Any, database: SourceDatabase) -> None:
    database.load(NOTES, "b1", [batch("b1", "one", "two")])
    second = database.load(NOTES, "b2", [batch("b2", "three", "four", "five")])
    database.load(NOTES, "b3", [batch("b3", "six")])

    read = database.read_bronze(spark, NOTES, second, parts=2).toArrow()

    assert sorted(read.column(1).to_pylist()) == ["five", "four", "three"]


def test_an_empty_range_gives_the_columns_and_no_row(spark: Any, database: SourceDatabase) -> None:
    loaded = database.load(NOTES, "b1", [])

    read = database.read_bronze(spark, NOTES, loaded, parts=2)

    assert (read.columns, read.count()) == (list(NOTES.bronze.column_names), 0)


def test_a_gated_file_is_the_same_through_the_database(spark: Any, database: SourceDatabase) -> None:
    text = '\ufeffAuthor,"the ""text"" {0}"\r\nAnn,"two\nlines"\r\nBob,\r\nragged\r\n"\\N","it""s"\r\n'
    delivery = Delivery("notes.csv", "b1", NOON)
    gated = [list(CsvGate(io.BytesIO(text.encode()), NOTES, delivery, on_rejects=list).batches()) for _ in range(2)]

    loaded = database.load(NOTES, "b1", gated[0])
    read = database.read_bronze(spark, NOTES, loaded, parts=2).toArrow().sort_by("_row_number")

    assert read.to_pylist() == pa.Table.from_batches(gated[1]).to_pylist()


def test_the_plan_does_not_hold_the_password(
    spark: Any, database: SourceDatabase, server: EmbeddedPostgres, capsys: pytest.CaptureFixture[str]
) -> None:
    loaded = database.load(NOTES, "b1", [batch("b1", "one")])

    database.read_bronze(spark, NOTES, loaded, parts=1).explain(True)

    plan = capsys.readouterr().out
    assert ("Range" in plan, server.dsn.split(":")[2].split("@")[0] in plan) == (True, False)
    assert DSN_VARIABLE in os.environ


@pytest.mark.skipif(
    os.environ.get("MEDALLION_TEST_ENGINE") == "spark", reason="Spark brings the variable to its tasks by itself"
)
def test_tasks_where_the_connection_string_is_not_set_name_the_variable(
    spark: Any, database: SourceDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = database.load(NOTES, "b1", [batch("b1", "one")])
    monkeypatch.setenv("NOTES_DSN", "set here, and again by what follows")
    read = database.read_bronze(spark, NOTES, loaded, parts=1, dsn_variable="NOTES_DSN")
    monkeypatch.delenv("NOTES_DSN")

    with pytest.raises(Exception, match="NOTES_DSN: not set where the engine runs its tasks; set it there"):
        read.toArrow()


def test_rows_lost_in_the_database_before_bronze_had_them_are_told(
    spark: Any, database: SourceDatabase, server: EmbeddedPostgres, name: str, tmp_path: Path
) -> None:
    file = tmp_path / "notes.csv"
    file.write_text('author,"the ""text"" {0}"\nAnn,one\nBob,two\nCleo,three\n', encoding="utf-8")
    delivery, lake = Delivery("notes.csv", "b1", NOON), Lake(str(tmp_path / "lake"))
    load_file_through_database(lake, database, spark, product(name), NOTES, str(file), delivery)
    rows(server, f"DELETE FROM {name}.notes WHERE author = 'Bob'")

    with pytest.raises(InputError) as refused:
        load_file_through_database(lake, database, spark, product(name), NOTES, str(file), delivery)

    assert str(refused.value) == (
        f"notes.csv: 3 rows went into 127.0.0.1:{server.port}/postgres, 2 came out; somebody changed them there:"
        " restore the table, or deliver the file again"
    )
    assert loaded_delivery(lake, product(name), NOTES, "b1") is None


def test_values_of_a_foreign_table_become_text_and_nothing_becomes_empty(
    spark: Any, server: EmbeddedPostgres, name: str
) -> None:
    rows(
        server,
        f'CREATE SCHEMA {name}; CREATE TABLE {name}.notes (row_id serial, author integer, "the ""text"" {{0}}" date,'
        " _source_file text, _row_number integer, _batch_id varchar(9), _ingested_at timestamptz);"
        f" INSERT INTO {name}.notes VALUES (7, 42, NULL, 'n', 1, 'b1', '2025-03-30 14:00:00.123456+02')",
    )

    read = SourceDatabase(server.dsn, product(name)).read_bronze(spark, NOTES, RowRange(7, 7, 1), parts=1)

    assert [tuple(row.values()) for row in read.toArrow().to_pylist()] == [("42", "", "n", 1, "b1", NOON)]


def test_a_missing_table_of_a_foreign_database_is_named(spark: Any, server: EmbeddedPostgres, name: str) -> None:
    database = SourceDatabase(server.dsn, product(name))

    with pytest.raises(InputError, match=rf"^table {name}.notes: does not exist in database 127.0.0.1.*; create it"):
        database.read_bronze(spark, NOTES, RowRange(1, 1, 1), parts=1)


def test_a_missing_right_to_read_is_named(spark: Any, server: EmbeddedPostgres, reader_dsn: str, name: str) -> None:
    rows(server, f"REVOKE SELECT ON {name}.notes FROM reader")

    with pytest.raises(InputError, match="permission denied for table notes"):
        SourceDatabase(reader_dsn, product(name)).read_bronze(spark, NOTES, RowRange(1, 1, 1), parts=1)


def test_who_may_only_read_can_still_read(spark: Any, database: SourceDatabase, reader_dsn: str, name: str) -> None:
    loaded = database.load(NOTES, "b1", [batch("b1", "one")])
    reader = SourceDatabase(reader_dsn, product(name))

    reader.ensure_tables()

    assert reader.read_bronze(spark, NOTES, loaded, parts=1).count() == 1
