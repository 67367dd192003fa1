"""The function in a process of its own: killed in the middle, and measured."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from drive_bench import MIB
from drive_cases import KEY, PART

if TYPE_CHECKING:
    from drive_bench import DriveBench

HERE = Path(__file__).parent
MOST_GROWTH_MIB = 64  # a few parts, and what the libraries load; the file is larger


def start(ingest: DriveBench) -> subprocess.Popen[str]:
    """The function called in a child, with the environment's settings."""
    path = os.pathsep.join(str(folder) for folder in (HERE, HERE.parent / "emulators"))
    return subprocess.Popen(
        [sys.executable, str(HERE / "call_function.py"), "drive_ingest"],
        env={**os.environ, **ingest.environment, "PYTHONPATH": path, "MEASURED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_in_the_middle_nothing_is_visible_and_the_next_invocation_goes_on(ingest: DriveBench) -> None:
    content = random.Random(3).randbytes(18 * MIB)
    ingest.drive.add("f1", "order_items.csv", content)
    children: list[subprocess.Popen[str]] = []
    ingest.drive.fail("media", cut_after=12 * MIB)
    ingest.drive.fail("media", when=lambda: children[0].send_signal(signal.SIGKILL), cut_after=0)
    children.append(start(ingest))
    children[0].communicate(timeout=60)
    assert (children[0].returncode, ingest.landed()) == (-signal.SIGKILL, {})
    ingest.drive.asked.clear()

    ingest.run()

    assert [(one.start, one.sent) for one in ingest.drive.media("f1")] == [(PART, len(content) - PART)]
    assert (ingest.landed() == {KEY: content}, ingest.left_over()) == (True, [])


def test_memory_does_not_grow_with_the_file(ingest: DriveBench) -> None:
    ingest.drive.add("f1", "order_items.csv", bytes(72 * MIB))

    output, _ = start(ingest).communicate(timeout=120)

    answer = json.loads(output.splitlines()[-1])
    assert (answer["landed_bytes"], answer["grown_mib"] < MOST_GROWTH_MIB) == (72 * MIB, True), answer
