"""Delivered files go into the source database exactly once, and what it refuses is said in one line."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pyarrow as pa
import pytest
from source_notes import NOTES, batch, product, rows

from medallion.embedded.postgres import EmbeddedPostgres
from medallion.errors import EngineError, InputError
from medallion.ingest.source_database import SourceDatabase
from medallion.ingest.source_rows import RowRange, key_ranges


def test_rows_get_ascending_ids_in_the_files_order(
    server: EmbeddedPostgres, database: SourceDatabase, name: str
) -> None:
    database.load(NOTES, "b1", iter([batch("b1", "one", "two"), batch("b1", "three", first=3)]))

    assert rows(server, f"SELECT row_id, _row_number FROM {name}.notes ORDER BY row_id") == [(1, 1), (2, 2), (3, 3)]


def test_a_load_returns_the_ids_of_its_rows(database: SourceDatabase) -> None:
    database.load(NOTES, "b1", [batch("b1", "one", "two")])

    assert database.load(NOTES, "b2", [batch("b2", "three", "four", "five")]) == RowRange(3, 5, 3)


def test_a_delivery_is_loaded_once_however_often_it_comes(database: SourceDatabase) -> None:
    loaded = database.load(NOTES, "b1", [batch("b1", "one", "two")])

    again = database.load(NOTES, "b1", [batch("b1", "one", "two")])

    assert (again, database.loaded(NOTES)) == (loaded, {"b1": loaded})


def test_a_file_that_fails_halfway_leaves_nothing(
    server: EmbeddedPostgres, database: SourceDatabase, name: str
) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield batch("b1", *["one"] * 50_000)
        raise InputError("notes.csv: breaks off")

    with pytest.raises(InputError, match=r"^notes.csv: breaks off$"):
        database.load(NOTES, "b1", broken())

    assert (rows(server, f"SELECT count(*) FROM {name}.notes"), database.loaded(NOTES)) == ([(0,)], {})


def test_a_file_that_failed_halfway_is_loaded_whole_the_next_time(database: SourceDatabase) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield batch("b1", "one", "two")
        raise InputError("notes.csv: breaks off")

    with pytest.raises(InputError):
        database.load(NOTES, "b1", broken())
    loaded = database.load(NOTES, "b1", [batch("b1", "one", "two")])

    assert (loaded.count, loaded.last - loaded.first) == (2, 1)


LOAD_AND_DIE = """
import os, sys
sys.path.insert(0, sys.argv[2])
from source_notes import NOTES, batch, product
from medallion.ingest.source_database import SourceDatabase

def dying():
    yield batch("b1", *["one"] * 50_000)
    os.kill(os.getpid(), 9)

SourceDatabase(os.environ["DSN"], product(sys.argv[1])).load(NOTES, "b1", dying())
"""


def test_a_load_cut_off_by_kill_9_leaves_nothing(server: EmbeddedPostgres, database: SourceDatabase, name: str) -> None:
    command = [sys.executable, "-c", LOAD_AND_DIE, name, Path(__file__).parent]
    died = subprocess.run(command, env={**os.environ, "DSN": server.dsn}, check=False)

    loaded = database.load(NOTES, "b1", [batch("b1", "one", "two")])

    assert (died.returncode, loaded.count) == (-signal.SIGKILL, 2)
    assert rows(server, f"SELECT count(*) FROM {name}.notes") == [(2,)]


def test_a_file_without_rows_is_remembered_with_an_empty_range(database: SourceDatabase) -> None:
    loaded = database.load(NOTES, "b1", [])

    assert (loaded.count, key_ranges(loaded, 4), database.loaded(NOTES)) == (0, [], {"b1": loaded})


def test_tables_can_be_ensured_again_without_losing_rows(database: SourceDatabase) -> None:
    loaded = database.load(NOTES, "b1", [batch("b1", "one")])

    database.ensure_tables()

    assert database.loaded(NOTES) == {"b1": loaded}


def test_text_that_postgresql_cannot_keep_is_refused_with_its_place(database: SourceDatabase) -> None:
    with pytest.raises(InputError, match=r"notes: .*0x00.*line 2.*; PostgreSQL cannot keep this text"):
        database.load(NOTES, "b1", [batch("b1", "fine", "nul \0 byte")])


def test_what_a_foreign_table_refuses_is_told_with_its_place_and_code(
    server: EmbeddedPostgres, database: SourceDatabase, name: str
) -> None:
    rows(server, f"ALTER TABLE {name}.notes ADD CONSTRAINT known CHECK (author <> 'Ann')")

    with pytest.raises(InputError) as refused:
        database.load(NOTES, "b1", [batch("b1", "one")])

    line = str(refused.value)
    assert line.startswith(f'table {name}.notes: new row for relation "notes" violates check constraint "known" (')
    assert line.endswith(
        f"(SQLSTATE 23514, database 127.0.0.1:{server.port}/postgres); correct the table or the file, then run again"
    )
    assert "\n" not in line


def test_missing_drivers_are_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, SourceDatabase.__module__)
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(EngineError) as refused:
        import_module(SourceDatabase.__module__)

    assert str(refused.value) == (
        "PostgreSQL drivers: psycopg is not installed; pip install 'medallion[postgres]', or use --source files"
    )


def test_a_server_that_does_not_answer_is_named_by_host_and_port(name: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    database = SourceDatabase(f"postgresql://etl:secret@127.0.0.1:{port}/sales", product(name))

    with pytest.raises(InputError, match=rf"^database 127.0.0.1:{port}/sales: .*refused.*; check") as raised:
        database.ensure_tables()
    assert "secret" not in str(raised.value)


def test_a_wrong_password_is_not_repeated(server: EmbeddedPostgres, name: str) -> None:
    database = SourceDatabase(f"postgresql://medallion:secret@127.0.0.1:{server.port}/postgres", product(name))

    with pytest.raises(InputError, match=r"password authentication failed.*; check") as raised:
        database.load(NOTES, "b1", [])
    assert "secret" not in str(raised.value)


def test_an_unreadable_connection_string_is_not_repeated(name: str) -> None:
    with pytest.raises(InputError, match="connection string cannot be read; write postgresql://") as raised:
        SourceDatabase("postgresql://etl:sec%ret@host/sales", product(name))
    assert "sec" not in str(raised.value).replace("percent-encoded", "")


def test_a_missing_column_of_a_foreign_table_is_named(server: EmbeddedPostgres, name: str) -> None:
    rows(server, f"CREATE SCHEMA {name}; CREATE TABLE {name}.notes (row_id bigint, author text)")

    with pytest.raises(InputError, match=r"column 'the \"text\" \{0\}' is missing \(found: row_id, author\); add it"):
        SourceDatabase(server.dsn, product(name)).ensure_tables()


def test_a_missing_right_to_load_is_named(reader_dsn: str, name: str) -> None:
    with pytest.raises(
        InputError, match=rf"^table {name}.notes: permission denied for table notes .*; grant this right"
    ):
        SourceDatabase(reader_dsn, product(name)).load(NOTES, "b1", [batch("b1", "one")])


def test_a_stopped_server_keeps_what_was_loaded(tmp_path: Path) -> None:
    with EmbeddedPostgres(tmp_path) as server:
        database = SourceDatabase(server.dsn, product("sales"))
        database.ensure_tables()
        loaded = database.load(NOTES, "b1", [batch("b1", "one")])

    with EmbeddedPostgres(tmp_path) as server:
        assert SourceDatabase(server.dsn, product("sales")).loaded(NOTES) == {"b1": loaded}
