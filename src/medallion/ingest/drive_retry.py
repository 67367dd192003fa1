"""When to ask Drive again after a failure that passes by itself: exponential waits with full jitter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from medallion.errors import StorageError
from medallion.ingest.invocation import Deadline, OutOfTimeError

FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 64.0
MOST_FAILURES = 8


@dataclass(frozen=True)
class Patience:
    """How failures are waited out: within the deadline, and not for ever. `sleep` and `draw` (0–1) can be replaced."""

    deadline: Deadline
    sleep: Callable[[float], None] = time.sleep
    draw: Callable[[], float] = field(default=random.random)


class Retries:
    """The failures in a row of one piece of work, called `subject` in messages."""

    def __init__(self, subject: str, patience: Patience) -> None:
        self._subject = subject
        self._patience = patience
        self._failures = 0

    def succeeded(self) -> None:
        """Something came: the next failure is a first one."""
        self._failures = 0

    def wait(self, failure: object, at_least: float | None = None) -> None:
        """Wait after a failure, as long as Google asked for at least.

        Raises StorageError after too many in a row, OutOfTimeError where waiting would take all the time there is.
        """
        self._failures += 1
        if self._failures >= MOST_FAILURES:
            raise StorageError(
                f"{self._subject}: Google Drive still answers {failure} after {self._failures} attempts; run again"
                " later, it goes on"
            )
        longest = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (self._failures - 1))
        seconds = max(at_least or 0.0, longest * self._patience.draw())
        if seconds >= self._patience.deadline.seconds:
            raise OutOfTimeError
        self._patience.sleep(seconds)
