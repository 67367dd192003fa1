"""The real command line in child processes, to be killed at named places or at any moment, and run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("medallion")
SECONDS = 300  # longer than any run of a test takes
SECONDS_TO_STOP = 30  # of a small run, on a busy machine
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class CommandLine:
    """`medallion run` of a product (or several, with blanks between) with one home folder and one engine."""

    home: Path
    engine: str
    source: str = "files"
    product: str = "restaurant"
    dsn: str = ""

    def start(self, *options: str, kill_at: str = "", passed: Path | None = None) -> subprocess.Popen[str]:
        """The command, started in a process group of its own.

        `kill_at` names the place where it kills itself, `passed` a file that notes the places it passes.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MEDALLION_")}
        if kill_at:
            environment["MEDALLION_KILL_AT"] = kill_at
        if self.dsn:
            environment["MEDALLION_SOURCE_DSN"] = self.dsn
        if passed:
            environment["MEDALLION_FAULT_LOG"] = str(passed)
        where = ("--home", str(self.home), "--engine", self.engine, "--source", self.source)
        return subprocess.Popen(
            [str(PROGRAM), "run", *self.product.split(), *where, "--json", *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *options: str, passed: Path | None = None) -> dict[str, Any]:
        """The report of a run that must succeed (or have nothing to do)."""
        child = self.start(*options, passed=passed)
        output, errors = child.communicate(timeout=SECONDS)
        assert child.returncode == 0, f"exit code {child.returncode}: {output[-1000:]} {errors[-3000:]}"
        document: dict[str, Any] = json.loads(output)
        return document

    def killed_at(self, place: str, *options: str) -> None:
        """A run that kills itself at the place named; fails where the run never comes there."""
        child = self.start(*options, kill_at=place)
        output, errors = child.communicate(timeout=SECONDS)
        assert child.returncode == -signal.SIGKILL, f"{place} was never reached: {output[-1000:]} {errors[-3000:]}"

    def killed_after(self, places: int, seconds: float, *options: str, passed: Path) -> Attempt:
        """A run that is killed from outside some seconds after it passed so many places, as `passed` notes them."""
        child = self.start(*options, passed=passed)
        while child.poll() is None and _lines(passed) < places:
            time.sleep(POLL_SECONDS)
        with suppress(subprocess.TimeoutExpired):
            return Attempt.of(child, seconds)
        os.killpg(child.pid, signal.SIGKILL)  # the group is this child's own
        return Attempt.of(child, SECONDS)

    def interrupted_after(self, places: int, *options: str, passed: Path) -> Attempt:
        """A run at which somebody types Ctrl-C once it passed so many places; it must end within some seconds."""
        child = self.start(*options, passed=passed)
        while child.poll() is None and _lines(passed) < places:
            time.sleep(POLL_SECONDS)
        with suppress(ProcessLookupError):  # it came to its end before
            os.killpg(child.pid, signal.SIGINT)
        try:
            return Attempt.of(child, SECONDS_TO_STOP)
        finally:
            child.kill()


@dataclass(frozen=True)
class Attempt:
    """How a run ended that was to be killed: its exit code, and what it printed."""

    code: int
    output: str
    errors: str

    @classmethod
    def of(cls, child: subprocess.Popen[str], seconds: float) -> Attempt:
        """Of a child that ends within so many seconds; raises TimeoutExpired."""
        output, errors = child.communicate(timeout=seconds)
        return cls(child.returncode, output, errors)

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


def _lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0
