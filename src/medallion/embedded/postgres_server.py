"""The PostgreSQL server process over one data folder: found, started, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from medallion.embedded.postgres_binaries import Account
from medallion.errors import StorageError

HOST = "127.0.0.1"
START_SECONDS = 120.0  # what recovery after a crash may take: it replays at most `max_wal_size`
STOP_SECONDS = 30.0
LAUNCH_SECONDS = 20.0  # how long to go on trying while a port is taken or the old server's last processes end
TRANSIENT = ("Address already in use", "could not create any TCP/IP sockets", "pre-existing shared memory block")
ALREADY_RUNS = 'lock file "postmaster.pid" already exists'
PID_FILE_PORT, PID_FILE_STATE = 3, 7  # line numbers, from 0, of what PostgreSQL writes into postmaster.pid


@dataclass
class PostgresServer:
    """A server over `data`, logging to `log`. `label` tells its process from any other that may get its old number."""

    data: Path
    log: Path
    label: str
    account: Account
    programs: Path
    settings: Mapping[str, str]
    _child: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def running_port(self) -> int | None:
        """The port of the server that already runs over the folder, waiting for one that is starting or stopping.

        None where there is none; then what a killed one left in the way is gone.
        """
        deadline = time.monotonic() + START_SECONDS
        while pid := self.pid():
            port = self._ready_port(pid)
            if port:
                return port
            if time.monotonic() > deadline:
                self.stop(pid)
            time.sleep(0.05)
        # PostgreSQL would take any process of its user that has the old number by now for a running server.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        return None

    def launch(self) -> int:
        """Start the server on a free port and return the port once it answers; raises StorageError."""
        deadline = time.monotonic() + LAUNCH_SECONDS
        while True:
            port = free_port()
            if self._started(port):
                return port
            messages = self.log.read_text(errors="replace")
            if ALREADY_RUNS in messages and (running := self.running_port()):
                return running  # started by a process that was killed in the same moment
            if not any(text in messages for text in TRANSIENT) or time.monotonic() > deadline:
                raise StorageError(
                    f"{self.data}: PostgreSQL does not start ({reason(messages)}); see {self.log}, "
                    "or delete the folder to load the data again"
                )
            time.sleep(0.2)

    def stop(self, pid: int) -> None:
        """End the server in order, and by force where it takes longer than `STOP_SECONDS`."""
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast, immediate, and what nothing resists
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            if _until(lambda: self.pid() is None, STOP_SECONDS):
                return

    def pid(self) -> int | None:
        """The number of the live server process over the folder, by its pid file and its command line."""
        if self._child is not None:
            self._child.poll()  # collects it where it has ended; a process nobody collected still has its number
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        return pid if self.label in _command_line(pid) else None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _ready_port(self, pid: int) -> int | None:
        lines = self._pid_file()
        is_ready = len(lines) > PID_FILE_STATE and lines[PID_FILE_STATE].strip() == "ready" and lines[0] == str(pid)
        return int(lines[PID_FILE_PORT]) if is_ready else None

    def _started(self, port: int) -> bool:
        # Another user cannot look up the folder's path (root's home is closed), but can use the folder it was started
        # in; the server itself opens its files relative to its current folder, which is this one.
        data = "/proc/self/cwd" if self.account.is_other else str(self.data)
        settings = {**self.settings, "listen_addresses": HOST, "port": str(port), "cluster_name": self.label}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C in the terminal is for this process, which then stops the server in order.
            self._child = subprocess.Popen(
                [self.programs / "postgres", "-D", data, *options], cwd=self.data, env=environment(self.programs),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self.account.popen,
            )  # fmt: skip
        child = self._child
        try:
            _until(lambda: child.poll() is not None or self._ready_port(child.pid) is not None, START_SECONDS)
        except BaseException:
            child.terminate()
            raise
        if child.poll() is None and self._ready_port(child.pid) is None:
            child.kill()
        return child.poll() is None


def environment(programs: Path) -> dict[str, str]:
    """The environment of PostgreSQL's programs: untranslated messages, and nothing of what this process knows."""
    return {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}", "LC_ALL": "C", "TZ": "UTC"}


def free_port() -> int:
    """A port that nobody listens on now; another program may take it before the server does."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def reason(messages: str) -> str:
    """The last error in a program's messages, in one line."""
    lines = [line.strip() for line in messages.splitlines() if line.strip()]
    found = [line for line in lines if "FATAL:" in line or "error:" in line or "PANIC:" in line] or lines[-1:]
    return found[-1].split("FATAL:")[-1].strip() if found else "no message"


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _command_line(pid: int) -> str:
    """How a process was started; empty where there is none. Readable for processes of other users as well."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        except OSError:
            return ""
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
