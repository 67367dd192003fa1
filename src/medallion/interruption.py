"""Ctrl-C: what it breaks off in an engine or a library counts as an interruption; a second one ends at once."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from types import FrameType
from typing import NoReturn

EXIT_CODE = 130
MESSAGE = "interrupted; run the same command again, it goes on where it stopped"

_asked = threading.Event()


def listen() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt once and is remembered; for processes of medallion's own."""
    signal.signal(signal.SIGINT, _interrupt)


def is_asked() -> bool:
    """Whether Ctrl-C came: libraries tell of it by errors of their own, and so do those who lose what it ended."""
    return _asked.is_set()


def keep() -> None:
    """Take Ctrl-C back from a library that listens to it, too: a server within the process would stop under its users.

    Does nothing outside the main thread, where nobody can, and where Python did not handle Ctrl-C before.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, handler)


def end() -> NoReturn:
    """The end of the process, with the line that says so."""
    with suppress(OSError):  # nobody may be there to read it
        os.write(2, f"error: {MESSAGE}\n".encode())
    os._exit(EXIT_CODE)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    if _asked.is_set():  # nothing has to be tidied up: a run goes on from wherever it was killed
        end()
    _asked.set()
    raise KeyboardInterrupt
