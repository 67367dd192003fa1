"""A command timed as a whole process: wall and CPU seconds, and the peak memory of its largest process."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

MEDALLION = str(Path(sys.executable).with_name("medallion"))


@dataclass(frozen=True)
class Measured:
    """One run: seconds, and gigabytes (10^9 bytes)."""

    wall: float
    cpu: float
    peak_gb: float


def measure(command: Sequence[str]) -> Measured:
    """Run a command to its end and account for it. Raises RuntimeError with its last words where it fails."""
    started = time.monotonic()
    child = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env={**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    )
    assert child.stderr is not None
    words = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(command)}: {words.decode(errors='replace')[-2000:]}")
    return _accounted(wall, usage)


def _accounted(wall: float, usage: resource.struct_rusage) -> Measured:
    return Measured(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e9)


def middle(runs: Sequence[Measured]) -> Measured:
    """The median of each figure."""
    return Measured(median(r.wall for r in runs), median(r.cpu for r in runs), max(r.peak_gb for r in runs))
