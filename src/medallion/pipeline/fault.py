"""Named places at which a run can be killed on purpose, so that recovery is proven and not hoped for.

`MEDALLION_KILL_AT=<name>` kills the process (SIGKILL) when it reaches the place of that name; nothing else uses this.
"""

from __future__ import annotations

import os
import signal

_VARIABLE = "MEDALLION_KILL_AT"


def point(name: str) -> None:
    """A boundary of a run; nothing happens here unless the environment asks for a kill."""
    if os.environ.get(_VARIABLE) == name:
        os.kill(os.getpid(), signal.SIGKILL)
