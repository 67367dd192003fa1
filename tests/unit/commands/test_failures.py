"""Failures that no command expects still end in one line and the right exit code."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest
from outcome import Medallion

from medallion import interruption
from medallion.commands import wiring


def raising(error: BaseException) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "a.parquet"),
            6,
            "error: a.parquet: no space left on the device; free some and run the same command again, it goes on\n",
        ),
        (
            ValueError("two\nlines"),
            1,
            "error: unexpected ValueError: two lines; run again with --verbose for the traceback\n",
        ),
        (
            KeyboardInterrupt(),
            130,
            "error: interrupted; run the same command again, it goes on where it stopped\n",
        ),
    ],
)
def test_a_failure_is_one_line(
    medallion: Medallion, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, line: str
) -> None:
    monkeypatch.setattr(wiring, "open_warehouse", raising(error))

    outcome = medallion("status", "restaurant")

    assert (outcome.code, outcome.err) == (code, line)


def test_what_a_library_makes_of_ctrl_c_is_an_interruption(
    medallion: Medallion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        interruption._asked.set()
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr(wiring, "open_warehouse", interrupted)
    try:
        outcome = medallion("status", "restaurant")
    finally:
        interruption._asked.clear()

    assert (outcome.code, outcome.err) == (130, f"error: {interruption.MESSAGE}\n")
