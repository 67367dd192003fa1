"""Real PostgreSQL on one machine, out of a wheel: the stand-in for a managed source database."""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from medallion.embedded.postgres_binaries import Account, binaries, server_account
from medallion.embedded.postgres_server import HOST, PostgresServer, environment, reason
from medallion.errors import StorageError

USER = "medallion"
DATABASE = "postgres"

# What is committed survives `kill -9` of any process, the server's own included: a commit still hands its log to the
# operating system (`synchronous_commit` stays on), which keeps it. A crash of the operating system may damage the
# database; it stands in for a managed one and can be loaded again from the delivered files, so nothing waits for the
# disk. No socket file: its path could be too long. No parallel queries: containers give them too little shared memory.
SETTINGS = {
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgres:
    """A PostgreSQL server with its data in `folder`, on 127.0.0.1 and a free port, while a `with` block runs.

    The first use makes the database and a random password (`folder/password`, mode 0600). Several processes may use
    one folder at a time: the first starts the server, the last one stops it. A server left over by a killed process
    is taken over. `settings` are server settings on top of `SETTINGS`; they hold for a server that is started here.
    Raises EngineError (not installed) and StorageError (cannot be created or started).
    """

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder.absolute()
        self.port = 0
        self._data = self.folder / "data"
        self._settings = {**SETTINGS, **(settings or {})}
        self._password = ""
        self._server: PostgresServer | None = None
        self._users: IO[bytes] | None = None

    @property
    def dsn(self) -> str:
        """The connection string **with the password**: for drivers, never for output; `display` is for output."""
        return f"postgresql://{USER}:{self._password}@{HOST}:{self.port}/{DATABASE}?sslmode=disable"

    @property
    def display(self) -> str:
        return f"postgresql://{USER}@{HOST}:{self.port}/{DATABASE}"

    def __repr__(self) -> str:
        return f"EmbeddedPostgres({self.display})"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Make the database if there is none, and have its server running; does nothing when already started here."""
        if self._users is not None:
            return
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _exclusive(self.folder / "start.lock"):
                self._users = (self.folder / "users.lock").open("wb")
                fcntl.flock(self._users, fcntl.LOCK_SH)
                self._open()
        except OSError as error:
            self._leave()
            raise StorageError(
                f"{error.filename or self.folder}: {error.strerror}; PostgreSQL needs a folder that it can write to"
            ) from error
        except BaseException:
            self._leave()
            raise

    def stop(self) -> None:
        """Leave the server; it is stopped, open transactions rolled back, unless another process still uses it."""
        if self._users is None:
            return
        with _exclusive(self.folder / "start.lock"):
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self._server and (pid := self._server.pid()):
                    self._server.stop(pid)
            except BlockingIOError:
                pass  # another process still uses it and will stop it
            finally:
                self._leave()

    def _leave(self) -> None:
        if self._users is not None:
            self._users.close()
            self._users = None

    def _open(self) -> None:
        account = server_account(self._data)
        programs = binaries(account)
        self._password = self._stored_password(account)
        if not self._data.exists():
            self._initialise(programs, account)
        label = f"medallion-{hashlib.sha256(self._password.encode()).hexdigest()[:16]}"
        self._server = PostgresServer(self._data, self.folder / "log", label, account, programs, self._settings)
        self.port = self._server.running_port() or self._server.launch()

    def _stored_password(self, account: Account) -> str:
        path = self.folder / "password"
        if not path.exists():
            if self._data.exists():
                raise StorageError(
                    f"{path}: missing, and {self._data} cannot be opened without it; restore it, or delete the folder "
                    "to load the data again"
                )
            new = path.with_suffix(".new")
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
            if account.is_other:
                os.chown(new, account.uid, account.gid)
            new.rename(path)
        return path.read_text()

    def _initialise(self, programs: Path, account: Account) -> None:
        """Make the database under another name first: a folder called `data` is always whole."""
        new = self.folder / "data.new"
        if new.exists():
            shutil.rmtree(new)
        new.mkdir(mode=0o700)
        if account.is_other:
            os.chown(new, account.uid, account.gid)
        with (self.folder / "password").open("rb") as password:
            # As an open file, because another user could not look up its path; the same goes for the folder.
            command = [
                *(str(programs / "initdb"), "-D", "/proc/self/cwd" if account.is_other else str(new)),
                *("--username", USER, "--auth", "scram-sha-256", "--pwfile", f"/dev/fd/{password.fileno()}"),
                *("--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions"),
            ]
            result = subprocess.run(
                command, cwd=new, env=environment(programs), pass_fds=(password.fileno(),), capture_output=True,
                text=True, check=False, **account.popen,
            )  # fmt: skip
        if result.returncode:
            raise StorageError(
                f"{self._data}: cannot create the database ({reason(result.stderr)}); free space, or name another "
                "database with --source-dsn"
            )
        new.rename(self._data)


@contextmanager
def _exclusive(lock: Path) -> Iterator[None]:
    """Only one process at a time starts or stops the server; the system frees the lock of one that is killed."""
    with lock.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
