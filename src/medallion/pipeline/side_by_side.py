"""Carrying out work on tables side by side, each as soon as the tables that it is made of are there.

A small run waits more than it computes: for the engine to plan, for the warehouse to write. Two at a time use both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

Done = TypeVar("Done")


def side_by_side(
    names: Sequence[str], needs: Mapping[str, set[str]], work: Callable[[str], Done], *, at_once: int
) -> dict[str, Done]:
    """The result of `work` for each name, `at_once` at a time; a name waits for those it needs (others are there).

    With one at a time it goes in the order given, in this thread. The first failure is raised when what is under way
    has ended; nothing more is begun.
    """
    if at_once == 1:
        return {name: work(name) for name in names}
    done: dict[str, Done] = {}
    waiting = list(names)
    running: dict[Future[Done], str] = {}
    with ThreadPoolExecutor(at_once, thread_name_prefix="table") as pool:
        while waiting or running:
            for name in [one for one in waiting if not (needs.get(one, set()) & set(names)) - done.keys()]:
                if len(running) < at_once:
                    waiting.remove(name)
                    running[pool.submit(work, name)] = name
            for ended in wait(running, return_when=FIRST_COMPLETED).done:
                done[running.pop(ended)] = ended.result()
    return done
