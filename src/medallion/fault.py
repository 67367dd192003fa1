"""Named places at which a run can be killed on purpose, so that recovery is proven and not hoped for.

`MEDALLION_KILL_AT=<name>` kills the process (SIGKILL) when it reaches the place of that name, `<name>#3` when it
reaches it for the third time. `MEDALLION_FAULT_LOG=<file>` notes the places that a run passes. Nothing else uses this.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path

_VARIABLE, _LOG = "MEDALLION_KILL_AT", "MEDALLION_FAULT_LOG"
_passed: Counter[str] = Counter()


def point(name: str) -> None:
    """A boundary of a run; nothing happens here unless the environment asks for it."""
    wanted, log = os.environ.get(_VARIABLE), os.environ.get(_LOG)
    if not wanted and not log:
        return
    _passed[name] += 1
    if log:
        with Path(log).open("a", encoding="utf-8") as file:
            file.write(f"{name}#{_passed[name]}\n")
    if wanted in (name if _passed[name] == 1 else "", f"{name}#{_passed[name]}"):
        os.kill(os.getpid(), signal.SIGKILL)
