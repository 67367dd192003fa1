"""What a session of any warehouse does: transactions, loading, unloading."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shop import ORDERS, SALES

from medallion.errors import BusyError, StorageError, UsageError
from medallion.warehouse.ddl import create_schema, create_table

SALES_COLUMNS = {"currency": ["EUR"], "net_amount": [Decimal("1.10")]}


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


def test_what_a_block_did_is_there_for_the_next_one(loaded):
    with loaded.write() as session:
        session.execute("INSERT INTO s.sales VALUES (?, ?)", ("EUR", Decimal("9.99")))

    with loaded.read() as session:
        assert session.rows("SELECT * FROM s.sales") == [("EUR", Decimal("9.99"))]


def test_a_block_that_raises_leaves_nothing_behind(loaded):
    def fail_halfway():
        with loaded.write() as session:
            session.execute("INSERT INTO s.sales VALUES ('EUR', 1)")
            session.execute("CREATE TABLE s.other (a INTEGER)")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail_halfway()

    with loaded.read() as session:
        found = session.rows("SELECT count(*) FROM s.sales")
        assert found == [(0,)]
        assert session.rows("SELECT 1 FROM information_schema.tables WHERE table_name = 'other'") == []


def test_a_reader_cannot_change_data_and_is_told_so_in_one_line(loaded):
    with pytest.raises(UsageError, match="only queries are possible here") as caught, loaded.read() as session:
        session.rows("DELETE FROM s.sales")
    assert "\n" not in str(caught.value)


def test_a_query_on_an_unknown_table_is_a_usage_error(loaded):
    with pytest.raises(UsageError, match="does not exist"), loaded.read() as session:
        session.rows("SELECT * FROM s.nothing")


def test_files_load_by_column_name_whatever_their_order_and_further_columns(loaded, parquet):
    files = parquet({"_disposition": ["accepted"], **dict(reversed(SALES_COLUMNS.items()))})
    assert load_and_read(loaded, SALES, files) == [("EUR", Decimal("1.10"))]


def test_loading_returns_the_number_of_rows_over_all_files(loaded, parquet):
    files = parquet(SALES_COLUMNS) + parquet({"currency": ["USD", "GBP"], "net_amount": [None, Decimal("2.00")]})
    with loaded.write() as session:
        assert session.copy_in("s.sales", SALES, files) == 3


def test_no_files_are_no_rows(loaded):
    assert load_and_read(loaded, SALES, ()) == []


def test_every_type_keeps_its_extreme_values(loaded, parquet):
    longest = "é" * 16  # 32 bytes
    moment = datetime(2024, 2, 29, 23, 59, 59, 999999)  # noqa: DTZ001 - UTC wall time is what is stored
    largest = Decimal("9999999999999999.99")
    files = parquet(
        {
            "order_id": ["a", longest],
            "ordered_at": pa.array([None, moment], pa.timestamp("us", "UTC")),
            "order_date": pa.array([None, date(9999, 12, 31)]),
            "net_amount": pa.array([-largest, largest], pa.decimal128(18, 2)),
            "item_quantity": pa.array([-(2**63), 2**63 - 1], pa.int64()),
            "is_loyalty": pa.array([None, True]),
            "discount_rate": pa.array([None, 1e-308]),
        }
    )
    assert load_and_read(loaded, ORDERS, files) == [
        ("a", None, None, -largest, -(2**63), None, None),
        (longest, moment, date(9999, 12, 31), largest, 2**63 - 1, True, 1e-308),
    ]


@pytest.mark.parametrize("form", [{}, {"use_deprecated_int96_timestamps": True}, {"coerce_timestamps": "ms"}])
def test_instants_load_as_utc_wall_time_however_parquet_holds_them(loaded, parquet, form):
    new_york = datetime(2024, 7, 1, 20, 30, 0, 120_000, tzinfo=timezone(timedelta(hours=-4)))
    columns = {name: pa.nulls(1) for name in ORDERS.column_names}
    files = parquet(
        columns | {"order_id": ["a"], "ordered_at": pa.array([new_york], pa.timestamp("us", "UTC"))}, **form
    )
    assert load_and_read(loaded, ORDERS, files)[0][1] == datetime(2024, 7, 2, 0, 30, 0, 120_000)  # noqa: DTZ001


def test_a_file_without_a_column_of_the_contract_is_refused_by_name(loaded, parquet):
    with pytest.raises(StorageError, match=r"staged-0.parquet: cannot be loaded into s.sales .*net_amount.*run again"):
        load_and_read(loaded, SALES, parquet({"currency": ["EUR"]}))


def test_a_value_missing_where_the_contract_wants_one_is_refused(loaded, parquet):
    with pytest.raises(StorageError, match="NOT NULL"):
        load_and_read(loaded, SALES, parquet(SALES_COLUMNS | {"currency": pa.nulls(1, pa.string())}))


def test_a_damaged_file_is_refused_and_nothing_of_the_block_stays(loaded, parquet):
    good, bad = parquet(SALES_COLUMNS), parquet(SALES_COLUMNS)
    Path(bad[0]).write_bytes(Path(bad[0]).read_bytes()[:-4])

    def publish():
        with loaded.write() as session:
            session.copy_in("s.sales", SALES, good)
            session.copy_in("s.sales", SALES, bad)

    with pytest.raises(StorageError, match=r"staged-1\.parquet: cannot be loaded"):
        publish()

    with loaded.read() as session:
        assert session.rows("SELECT count(*) FROM s.sales") == [(0,)]


def test_a_missing_file_is_refused_by_name(loaded, tmp_path):
    with pytest.raises(StorageError, match=r"gone\.parquet: cannot be loaded"):
        load_and_read(loaded, SALES, (str(tmp_path / "gone.parquet"),))


def test_what_is_copied_out_can_be_copied_in_again(loaded, parquet, tmp_path):
    columns = {name: pa.nulls(1) for name in ORDERS.column_names} | {"order_id": ["a"]}
    columns["ordered_at"] = pa.array([datetime(2024, 7, 1, 8, 30)], pa.timestamp("us", "UTC"))  # noqa: DTZ001
    before = load_and_read(loaded, ORDERS, parquet(columns))
    with loaded.write() as session:
        files = session.copy_out("SELECT * FROM s.orders", str(tmp_path / "out"))
        session.execute("DELETE FROM s.orders")
    assert load_and_read(loaded, ORDERS, files) == before


def test_copied_out_times_are_marked_as_utc_so_that_engines_read_instants(loaded, tmp_path):
    with loaded.read() as session:
        (file,) = session.copy_out("SELECT ordered_at FROM s.orders", str(tmp_path / "out"))
    assert pq.read_schema(file).field("ordered_at").type == pa.timestamp("us", "UTC")


def test_copying_out_replaces_what_the_folder_held(loaded, tmp_path):
    with loaded.read() as session:
        session.copy_out("SELECT 1 AS a", str(tmp_path / "out"))
        files = session.copy_out("SELECT 2 AS a", str(tmp_path / "out"))
    assert [pq.read_table(file).to_pydict() for file in files] == [{"a": [2]}]


def test_a_thread_can_commit_while_another_has_a_long_transaction_open(loaded):
    def heartbeat():
        with loaded.write() as session:
            session.execute("INSERT INTO s.sales VALUES ('USD', 2)")

    with loaded.write() as publishing:
        publishing.execute("INSERT INTO s.orders (order_id) VALUES ('a')")
        thread = threading.Thread(target=heartbeat)
        thread.start()
        thread.join(timeout=5)
        assert not thread.is_alive()

    with loaded.read() as session:
        assert session.rows("SELECT (SELECT count(*) FROM s.sales), (SELECT count(*) FROM s.orders)") == [(1, 1)]


def test_a_reader_sees_one_state_while_a_writer_of_its_process_commits(loaded):
    with loaded.write() as writer, loaded.read() as reader:
        writer.execute("INSERT INTO s.sales VALUES ('USD', 2)")
        assert reader.rows("SELECT count(*) FROM s.sales") == [(0,)]


def test_two_sessions_that_change_one_row_do_not_both_win(loaded):
    with loaded.write() as session:
        session.execute("INSERT INTO s.sales VALUES ('EUR', 0)")

    with loaded.write() as first:
        first.execute("UPDATE s.sales SET net_amount = 1")
        with pytest.raises(BusyError, match="another session changed the same rows"), loaded.write() as second:
            second.execute("UPDATE s.sales SET net_amount = 2")

    with loaded.read() as session:
        assert session.rows("SELECT net_amount FROM s.sales") == [(Decimal("1.00"),)]


def test_a_lock_lets_one_session_pass_at_a_time(loaded):
    passed = threading.Event()

    def second():
        with loaded.write() as session:
            session.lock("s.sales")
            passed.set()

    thread = threading.Thread(target=second)
    with loaded.write() as session:
        session.lock("s.sales")
        thread.start()
        assert not passed.wait(0.2)
    assert passed.wait(2)
    thread.join()
