"""The warehouse's file, kept open over several sessions: who gets in meanwhile, and what is done between them."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from duckdb_files import content, process

from medallion.errors import BusyError
from medallion.warehouse import duckdb as duckdb_warehouse
from medallion.warehouse.duckdb import DuckDbWarehouse


def test_a_file_kept_open_for_reading_gives_way_to_a_writer_of_its_own_process_at_once(file):
    warehouse = DuckDbWarehouse(file, wait_seconds=0)
    with warehouse.kept_open():
        with warehouse.read() as session:
            session.rows("SELECT a FROM t")
        with warehouse.write() as session:
            session.execute("INSERT INTO t VALUES (2)")
        with warehouse.read() as session:
            assert session.rows("SELECT a FROM t ORDER BY a") == [(1,), (2,)]


WRITE = """
say("ready")
with warehouse.write() as session:
    session.execute("INSERT INTO t VALUES (2)")
"""


def test_a_file_kept_open_for_reading_lets_a_writer_of_another_process_in_after_a_moment(file):
    warehouse = DuckDbWarehouse(file)
    with warehouse.kept_open():
        with warehouse.read() as session:
            session.rows("SELECT a FROM t")
        writer = process(file, WRITE)
        assert writer.wait(timeout=30) == 0
    assert content(file) == [(1,), (2,)]


def test_a_file_kept_open_waits_for_the_next_session_from_the_last_one_on(file, monkeypatch):
    monkeypatch.setattr(duckdb_warehouse, "_KEPT_SECONDS", 0.4)
    warehouse = DuckDbWarehouse(file)
    with warehouse.kept_open():
        for _ in range(2):
            with warehouse.read() as session:
                session.rows("SELECT a FROM t")
            time.sleep(0.25)
        with pytest.raises(BusyError), DuckDbWarehouse(file, wait_seconds=0).write():
            pass


def test_tidying_up_brings_what_was_committed_into_the_file(file):
    warehouse, log = DuckDbWarehouse(file), Path(f"{file}.wal")
    with warehouse.kept_open():
        with warehouse.write() as session:
            session.execute("INSERT INTO t VALUES (2)")
        before = log.exists()
        warehouse.tidy_up()
        assert (before, log.exists()) == (True, False)
    assert content(file) == [(1,), (2,)]


def test_tidying_up_leaves_alone_what_another_session_is_writing(file):
    warehouse = DuckDbWarehouse(file)
    with warehouse.write() as session:
        session.execute("INSERT INTO t VALUES (2)")
        warehouse.tidy_up()
    assert content(file) == [(1,), (2,)]


def test_tidying_up_waits_for_nobody_who_reads(file):
    warehouse = DuckDbWarehouse(file)
    with warehouse.read() as session:
        warehouse.tidy_up()
        assert session.rows("SELECT a FROM t") == [(1,)]
    with DuckDbWarehouse(file).read() as another:
        warehouse.tidy_up()
        assert another.rows("SELECT a FROM t") == [(1,)]


def test_a_file_is_closed_at_the_end_of_the_block_that_kept_it_open(file):
    warehouse = DuckDbWarehouse(file)
    with warehouse.kept_open(), warehouse.read() as session:
        session.rows("SELECT a FROM t")

    with DuckDbWarehouse(file, wait_seconds=0).write() as session:
        session.execute("INSERT INTO t VALUES (2)")

    assert content(file) == [(1,), (2,)]


def test_of_two_blocks_that_keep_a_file_open_the_last_one_to_end_closes_it(file):
    warehouse = DuckDbWarehouse(file)
    first = ExitStack()
    first.enter_context(warehouse.kept_open())
    with warehouse.kept_open():
        first.close()
        with warehouse.read() as session:
            session.rows("SELECT a FROM t")
        with pytest.raises(BusyError), DuckDbWarehouse(file, wait_seconds=0).write():
            pass

    with DuckDbWarehouse(file, wait_seconds=0).write() as session:
        session.execute("INSERT INTO t VALUES (2)")

    assert content(file) == [(1,), (2,)]
