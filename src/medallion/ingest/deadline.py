"""How much time an invocation has left, and what it means that there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

RESERVE_SECONDS = 30.0  # for what is under way to be ended in order


class OutOfTimeError(Exception):
    """There is no time left; what was done so far is kept, and another invocation goes on. Not a failure."""


@dataclass(frozen=True)
class Deadline:
    """`remaining_ms`: milliseconds until the process is stopped; the last `reserve` seconds are not for work."""

    remaining_ms: Callable[[], int]
    reserve: float = RESERVE_SECONDS

    @property
    def seconds(self) -> float:
        """What is left for work, 0 at the least."""
        return max(0.0, self.remaining_ms() / 1000 - self.reserve)

    def check(self) -> None:
        """Raise OutOfTimeError where nothing is left."""
        if not self.seconds:
            raise OutOfTimeError
