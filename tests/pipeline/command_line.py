"""The real command line in child processes, to be killed at named places or at any moment, and run again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAM = Path(sys.executable).with_name("medallion")
SECONDS = 300  # longer than any run of a test takes
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class CommandLine:
    """`medallion run restaurant` with one home folder and one engine."""

    home: Path
    engine: str
    source: str = "files"

    def start(self, *options: str, kill_at: str = "") -> subprocess.Popen[str]:
        """The command, started in a process group of its own; `kill_at` names the place where it kills itself."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MEDALLION_")}
        if kill_at:
            environment["MEDALLION_KILL_AT"] = kill_at
        where = ("--home", str(self.home), "--engine", self.engine, "--source", self.source)
        return subprocess.Popen(
            [str(PROGRAM), "run", "restaurant", *where, "--json", *options],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *options: str) -> dict[str, Any]:
        """The report of a run that must succeed (or have nothing to do)."""
        child = self.start(*options)
        output, errors = child.communicate(timeout=SECONDS)
        assert child.returncode == 0, f"exit code {child.returncode}: {output[-1000:]} {errors[-3000:]}"
        document: dict[str, Any] = json.loads(output)
        return document

    def killed_at(self, place: str, *options: str) -> None:
        """A run that kills itself at the place named; fails where the run never comes there."""
        child = self.start(*options, kill_at=place)
        output, errors = child.communicate(timeout=SECONDS)
        assert child.returncode == -signal.SIGKILL, f"{place} was never reached: {output[-1000:]} {errors[-3000:]}"

    def killed_after(self, events: int, seconds: float, *options: str) -> bool:
        """A run that is killed some seconds after it told of so many events; False where it had ended by then."""
        known = set(self.home.glob("logs/*.log"))
        child = self.start(*options)
        while child.poll() is None and self._told(known) < events:
            time.sleep(POLL_SECONDS)
        try:
            child.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # the group is this child's own
            child.communicate(timeout=SECONDS)
        return child.returncode == -signal.SIGKILL

    def _told(self, known: set[Path]) -> int:
        """Lines in the log of the run that began after `known` ones."""
        return sum(file.read_bytes().count(b"\n") for file in set(self.home.glob("logs/*.log")) - known)
