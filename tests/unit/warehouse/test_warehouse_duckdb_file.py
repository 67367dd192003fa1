"""The one file of the local warehouse among processes: taking turns, being killed, full disks, wrong files."""

from __future__ import annotations

import errno
import os
import signal
import time

import pytest
from duckdb_files import content, process

from medallion.contracts import Column, Layer, Table
from medallion.errors import BusyError, StorageError
from medallion.warehouse.duckdb import DuckDbWarehouse

HOLD = "with warehouse.write() as session:\n say('ready'); time.sleep({seconds})"


@pytest.mark.parametrize("mode", ["write", "read"])
def test_a_file_in_use_by_another_process_names_it_and_the_remedy(file, mode):
    holder = process(file, HOLD.format(seconds=30))
    try:
        with pytest.raises(BusyError) as caught, getattr(DuckDbWarehouse(file, wait_seconds=0.2), mode)():
            pass
    finally:
        holder.kill()
        holder.wait()
    assert f"{file}: in use by process {holder.pid} (python" in str(caught.value)
    assert "wait until it is done or end it" in str(caught.value)


def test_a_file_that_is_released_in_time_is_waited_for(file):
    holder = process(file, HOLD.format(seconds=0.5))
    assert content(file) == [(1,)]
    holder.wait()


def test_another_process_can_read_between_two_blocks(file):
    warehouse = DuckDbWarehouse(file)
    with warehouse.write() as session:
        session.execute("INSERT INTO t VALUES (2)")
    reader = process(file, "say('ready')\nwith warehouse.read() as session: say(session.rows('SELECT sum(a) FROM t'))")
    assert reader.communicate(timeout=10)[0] == "[(3,)]\n"


def test_readers_do_not_shut_each_other_out(file):
    program = "with warehouse.read() as session:\n say('ready'); time.sleep(30)"
    other = process(file, program)
    try:
        assert content(file) == [(1,)]
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("row_count", [1, 2_000_000])
def test_a_process_killed_before_its_commit_leaves_the_last_commit(file, row_count):
    killed = process(
        file,
        "with warehouse.write() as session:\n"
        f" session.execute('INSERT INTO t SELECT range FROM range({row_count})')\n"
        " session.execute('CREATE TABLE other AS SELECT * FROM t')\n"
        " say('ready'); os.kill(os.getpid(), signal.SIGKILL)",
    )
    assert killed.wait(10) == -signal.SIGKILL
    assert content(file) == [(1,)]


def test_a_process_killed_after_its_commit_has_committed(file):
    killed = process(
        file,
        "with warehouse.write() as keeps_the_file_open:\n"
        " with warehouse.write() as session:\n"
        "  session.execute('CREATE TABLE fresh AS SELECT range + 1 AS a FROM range(3)')\n"
        "  session.execute('DROP TABLE t; ALTER TABLE fresh RENAME TO t')\n"
        " say('ready'); os.kill(os.getpid(), signal.SIGKILL)",
    )
    assert killed.wait(10) == -signal.SIGKILL
    assert content(file) == [(1,), (2,), (3,)]


def test_a_process_killed_at_any_moment_leaves_whole_commits_only(file):
    """Each commit replaces the table by n rows of n: whichever is the last, count and content agree."""
    for delay in (0.0, 0.003, 0.011, 0.02, 0.05):
        killed = process(
            file,
            "say('ready')\n"
            "for n in range(100000, 200000, 1000):\n"
            " with warehouse.write() as session:\n"
            "  session.execute(f'CREATE TABLE fresh AS SELECT {n} AS a FROM range({n})')\n"
            "  session.execute('DROP TABLE t; ALTER TABLE fresh RENAME TO t')\n",
        )
        time.sleep(delay)
        killed.send_signal(signal.SIGKILL)
        killed.wait(10)
        with DuckDbWarehouse(file).read() as session:
            ((count, lowest, highest),) = session.rows("SELECT count(*), min(a), max(a) FROM t")
        assert lowest == highest == count


def test_a_full_disk_is_one_clear_line_and_the_last_commit_stays(file):
    # A limit on the file's size is the full disk that a test can have: the write fails in the same place.
    limited = process(
        file,
        "import resource\n"
        "size = os.path.getsize(sys.argv[1]) + 1_000_000\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); say('ready')\n"
        "try:\n"
        " with warehouse.write() as session:\n"
        "  session.execute('INSERT INTO t SELECT hash(range) % 1e9::INT FROM range(5_000_000)')\n"
        "except MedallionError as error: say(f'{type(error).__name__} {error}')",
    )
    message = limited.communicate(timeout=20)[0]
    assert (
        message
        == f"StorageError {file}: no space left on the disk; free some and run again (the last commit is intact)\n"
    )
    assert content(file) == [(1,)]


@pytest.mark.parametrize("folder", ["data", "workspace"])
def test_a_staged_file_that_is_gone_is_no_full_disk_whatever_its_folder_is_called(tmp_path, folder):
    (tmp_path / folder).mkdir()
    columns = (Column("a", "integer", "A."),)
    table = Table(name="t", layer=Layer.SILVER, grain=("a",), description="d", columns=columns)
    with DuckDbWarehouse(tmp_path / folder / "warehouse.duckdb").write() as session:
        session.execute("CREATE TABLE t (a INTEGER)")
        with pytest.raises(StorageError, match=r"gone\.parquet: cannot be loaded into t .*run again to write it anew"):
            session.copy_in("t", table, [str(tmp_path / folder / "gone.parquet")])


def test_a_disk_that_fills_while_a_staged_file_is_loaded_is_named_as_such(file):
    limited = process(
        file,
        "import resource\n"
        "from medallion.contracts import Column, Layer, Table\n"
        "columns = (Column('a', 'bigint', 'A.'),)\n"
        "table = Table(name='b', layer=Layer.SILVER, grain=('a',), description='d', columns=columns)\n"
        "staged = str(Path(sys.argv[1]).parent / 'staged.parquet')\n"
        "with warehouse.write() as session:\n"
        " session.execute('CREATE TABLE b (a BIGINT)')\n"
        " rows = 'SELECT hash(range)::INT128 % 1_000_000_000 AS a FROM range(5_000_000)'\n"
        " session.execute(f\"COPY ({rows}) TO '{staged}'\")\n"
        "size = os.path.getsize(sys.argv[1]) + 1_000_000\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); say('ready')\n"
        "try:\n"
        " with warehouse.write() as session: session.copy_in('b', table, [staged])\n"
        "except MedallionError as error: say(f'{type(error).__name__} {error}')",
    )
    message = limited.communicate(timeout=20)[0]
    assert message.startswith(f"StorageError {file}: no space left on the disk; ")


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 1000)
    with pytest.raises(StorageError, match=r"notes.txt: not a DuckDB file"), DuckDbWarehouse(path).write():
        pass


def test_a_folder_that_does_not_exist_is_named(tmp_path):
    path = tmp_path / "missing" / "warehouse.duckdb"
    with pytest.raises(StorageError, match=f"{path}: no such file or folder"), DuckDbWarehouse(path).write():
        pass


def test_a_disk_without_hard_links_is_told_and_no_part_of_a_file_is_left(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))  # what Linux says of FAT

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "warehouse.duckdb"
    with pytest.raises(StorageError) as caught, DuckDbWarehouse(path).write():
        pass
    assert str(caught.value) == f"{path}: cannot be created (Operation not permitted); check the folder"
    assert list(tmp_path.iterdir()) == []


def test_reading_where_there_is_no_warehouse_yet_says_so_and_creates_none(tmp_path):
    warehouse = DuckDbWarehouse(tmp_path / "warehouse.duckdb")
    with pytest.raises(StorageError, match="there is no warehouse yet"), warehouse.read():
        pass
    assert not warehouse.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="no permission"), DuckDbWarehouse(tmp_path / "w.duckdb").write():
        pass


def test_processes_that_create_the_warehouse_at_once_all_get_their_rows_in(tmp_path):
    path = tmp_path / "warehouse.duckdb"
    program = (
        "say('ready')\n"
        "with warehouse.write() as session:\n"
        " session.execute('CREATE TABLE IF NOT EXISTS t (a INTEGER)')\n"
        " session.execute('INSERT INTO t VALUES (1)')"
    )
    for other in [process(path, program) for _ in range(3)]:
        assert other.wait(10) == 0
    assert content(path) == [(1,)] * 3
    assert [entry.name for entry in tmp_path.iterdir()] == ["warehouse.duckdb"]
