"""A run's progress: a live line where a person watches, plain lines elsewhere, both on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from medallion.pipeline.progress import Event, Listener

_DONE = ("loaded", "staged", "published")
_PLAIN_SECONDS = 10.0  # between two lines about one long reading


@contextmanager
def progress_of_run(steps: int, *, is_quiet: bool) -> Iterator[Listener]:
    """A listener that shows events; `steps` is how many tables the product has."""
    if is_quiet:
        yield lambda _: None
        return
    import sys

    if not sys.stderr.isatty():
        yield _PlainLines(lambda line: typer.echo(line, err=True))
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
    )
    # A run with nothing to do shows no empty bar: the display starts with the first event.
    live = Progress(*columns, console=Console(stderr=True), transient=True, auto_refresh=True)
    bar = _Bar(live, steps)
    try:
        yield bar
    finally:
        if bar.is_started:
            live.stop()


class _PlainLines:
    """A line for whatever was completed, and now and then one for a long reading."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write, self._last = write, time.monotonic()

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        is_due = event.stage == "reading" and event.rows is not None and now - self._last >= _PLAIN_SECONDS
        if event.stage in (*_DONE, "starting") or is_due:
            self._last = now
            self._write(line_of(event))


class _Bar:
    """One bar over all tables with what happens now; completed tables are printed above it."""

    def __init__(self, live: Progress, steps: int) -> None:
        self._live, self._steps = live, steps
        self._task: TaskID | None = None

    @property
    def is_started(self) -> bool:
        return self._task is not None

    def __call__(self, event: Event) -> None:
        if self._task is None:
            self._live.start()
            self._task = self._live.add_task("", total=self._steps)
        rows = "" if event.rows is None else f" · {event.rows:,} rows"
        self._live.update(self._task, description=f"{event.stage} {event.step}{rows}")
        if event.stage in _DONE:
            self._live.console.print(line_of(event), markup=False, highlight=False)
        if event.stage == "staged":
            self._live.advance(self._task)


def line_of(event: Event) -> str:
    """An event as a line with its columns one below the other."""
    rows = "" if event.rows is None else f"{event.rows:>14,} rows"
    seconds = "" if event.seconds is None else f"{event.seconds:>8.2f} s"
    return f"{event.layer:<8}{event.step:<34}{event.stage:<10}{rows:<20}{seconds}".rstrip()
