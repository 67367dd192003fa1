"""What one invocation of a function can do: how much time it has left, and what it tells of many files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from medallion.errors import MedallionError

MOST_TOLD = 50  # lines of an answer: a state machine's documents have a limit
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


def raise_first(failures: Sequence[MedallionError]) -> None:
    """Raise the first of some failures, with the number of the others; nothing where there is none."""
    if failures:
        others = f" (and {len(failures) - 1} more files failed; see the log)" if len(failures) > 1 else ""
        raise type(failures[0])(f"{failures[0]}{others}") from failures[0]
