"""Calls the function once, in a process of its own, as its environment says; prints the answer and its memory's growth.

Run as a program by tests that kill it, or that measure it.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "lambdas" / "drive_ingest"))

from drive_bench import Context
from handler import handler


def peak() -> int:
    """The most memory this process had, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins, on Linux, with what the parent had
        [line] = [one for one in status.read_text().splitlines() if one.startswith("VmHWM")]
        return int(line.split()[1]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20


if __name__ == "__main__":
    before = peak()
    answer = handler({}, Context())
    print(json.dumps({**answer, "grown_mib": peak() - before}))  # noqa: T201
