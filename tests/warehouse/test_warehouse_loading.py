"""Loading Parquet files into a table, and writing a query's result as Parquet files."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from contract_files import arrow_table
from pyarrow.fs import FileSystem
from shop import ORDERS, SALES

from medallion.errors import StorageError
from medallion.warehouse.ddl import create_schema, create_table

ROW = ("EUR", Decimal("1.10"))


@pytest.fixture
def warehouse(opened):
    """One without control tables, which nothing here needs."""
    return opened.warehouse


@pytest.fixture
def loaded(warehouse):
    """The warehouse with empty tables `s.orders` and `s.sales`."""
    with warehouse.write() as session:
        session.execute(create_schema("s"))
        for table in (ORDERS, SALES):
            session.execute(create_table(f"s.{table.name}", table, session.dialect))
    return warehouse


def load_and_read(warehouse, table, files):
    relation = f"s.{table.name}"
    with warehouse.write() as session:
        session.copy_in(relation, table, files)
        return session.rows(f"SELECT {', '.join(table.column_names)} FROM {relation} ORDER BY 1")


def damage(file):
    """Cut the file's end off, as a copy that was interrupted does."""
    system, path = FileSystem.from_uri(file)
    with system.open_input_stream(path) as stream:
        content = stream.read()
    with system.open_output_stream(path) as stream:
        stream.write(content[:-4])


def test_columns_load_by_name_whatever_their_order(loaded, parquet):
    columns = arrow_table(SALES, [ROW]).select(["net_amount", "currency"])
    assert load_and_read(loaded, SALES, parquet(columns)) == [ROW]


@pytest.mark.parametrize("place", [0, 2], ids=["before", "behind"])
def test_columns_that_the_contract_does_not_have_are_ignored(loaded, parquet, place):
    columns = arrow_table(SALES, [ROW]).add_column(place, "_disposition", pa.array(["accepted"]))
    assert load_and_read(loaded, SALES, parquet(columns)) == [ROW]


def test_several_files_load_together_and_the_number_of_rows_is_returned(loaded, stage):
    files = stage(SALES, ROW) + stage(SALES) + stage(SALES, ("GBP", None), ("USD", Decimal("2.00")))
    with loaded.write() as session:
        assert session.copy_in("s.sales", SALES, files) == 3


def test_files_with_their_columns_in_different_orders_load_together(loaded, stage, parquet):
    files = stage(SALES, ROW) + parquet(arrow_table(SALES, [("USD", None)]).select(["net_amount", "currency"]))
    assert load_and_read(loaded, SALES, files) == [ROW, ("USD", None)]


def test_loading_adds_to_what_is_there(loaded, stage):
    load_and_read(loaded, SALES, stage(SALES, ROW))
    assert load_and_read(loaded, SALES, stage(SALES, ROW)) == [ROW, ROW]


def test_no_files_are_no_rows(loaded):
    with loaded.write() as session:
        assert session.copy_in("s.sales", SALES, ()) == 0


@pytest.mark.parametrize(
    ("name", "neighbour"),
    [("a*", "ab"), ("a?", "ab"), ("[a]b", "ab"), ("{a,b}", "a"), ("it's ä", "its"), ("net_amount=7", "net_amount=8")],
)
def test_a_folder_s_name_is_taken_to_the_letter(loaded, folder, name, neighbour):
    system, path = FileSystem.from_uri(folder)
    for place, rows in ((name, [ROW]), (neighbour, [("USD", None)])):
        system.create_dir(f"{path}/{place}")
        pq.write_table(arrow_table(SALES, rows), f"{path}/{place}/1.parquet", filesystem=system)
    assert load_and_read(loaded, SALES, [f"{folder}/{name}/1.parquet"]) == [ROW]


@pytest.mark.parametrize("form", [{}, {"use_deprecated_int96_timestamps": True}, {"coerce_timestamps": "ms"}])
def test_instants_load_as_utc_wall_time_however_parquet_holds_them(loaded, parquet, form):
    new_york = datetime(2024, 7, 1, 20, 30, 0, 120_000, tzinfo=timezone(timedelta(hours=-4)))
    files = parquet(arrow_table(ORDERS, [("a", new_york)]), **form)
    assert load_and_read(loaded, ORDERS, files)[0][1] == datetime(2024, 7, 2, 0, 30, 0, 120_000)  # noqa: DTZ001


def test_a_file_without_a_column_of_the_contract_is_refused_by_name(loaded, parquet):
    with pytest.raises(StorageError, match=r"staged-0.parquet: cannot be loaded into s.sales .*net_amount.*run again"):
        load_and_read(loaded, SALES, parquet({"currency": ["EUR"]}))


def unfit_file(reason, stage):
    """A file that cannot be loaded into `sales`, and why."""
    if reason == "null where a value must be":
        return stage(SALES, (None, Decimal(1)))
    (file,) = stage(SALES, ROW)
    if reason == "missing":
        return (f"{file}.gone",)
    damage(file)
    return (file,)


@pytest.mark.parametrize("reason", ["null where a value must be", "damaged", "missing"])
@pytest.mark.parametrize("together", [True, False], ids=["in one load", "in the load after"])
def test_what_cannot_be_loaded_leaves_nothing_of_its_transaction(loaded, stage, reason, together):
    good, bad = stage(SALES, ROW), unfit_file(reason, stage)

    def publish():
        with loaded.write() as session:
            session.execute("CREATE TABLE s.other (a INTEGER)")
            for files in [good + bad] if together else [good, bad]:
                session.copy_in("s.sales", SALES, files)

    with pytest.raises(StorageError, match=r"\.parquet.*: cannot be loaded into s\.sales"):
        publish()

    with loaded.read() as session:
        assert session.rows("SELECT count(*) FROM s.sales") == [(0,)]
        assert session.rows("SELECT 1 FROM information_schema.tables WHERE table_name = 'other'") == []


def test_copied_out_times_are_marked_as_utc_so_that_engines_read_instants(loaded, folder):
    with loaded.read() as session:
        files = session.copy_out("SELECT ordered_at FROM s.orders", f"{folder}/out")
    assert {pq.read_schema(file).field("ordered_at").type for file in files} == {pa.timestamp("us", "UTC")}


def test_copying_out_replaces_what_the_folder_held(loaded, folder):
    system, path = FileSystem.from_uri(folder)
    system.create_dir(f"{path}/out")
    pq.write_table(pa.table({"a": [0]}), f"{path}/out/of-another-run.parquet", filesystem=system)
    with loaded.read() as session:
        session.copy_out("SELECT 1 AS a", f"{folder}/out")
        files = session.copy_out("SELECT 2 AS a", f"{folder}/out")
    assert pq.read_table(f"{folder}/out").to_pydict() == {"a": [2]}
    assert [pq.read_table(file).to_pydict() for file in files] == [{"a": [2]}]


def test_a_query_without_rows_is_a_file_without_rows(loaded, folder):
    with loaded.read() as session:
        files = session.copy_out("SELECT * FROM s.sales", f"{folder}/out")
    assert [(t.num_rows, t.column_names) for t in map(pq.read_table, files)] == [(0, ["currency", "net_amount"])]


def test_uncommitted_rows_are_copied_out_by_the_session_that_added_them(loaded, stage, folder):
    with loaded.write() as session:
        session.copy_in("s.sales", SALES, stage(SALES, ROW))
        files = session.copy_out("SELECT * FROM s.sales", f"{folder}/out")
    assert pq.read_table(files[0]).to_pylist() == [{"currency": "EUR", "net_amount": Decimal("1.10")}]
