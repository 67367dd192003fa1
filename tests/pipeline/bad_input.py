"""What every refusal has in common: one clear line, the documented exit code, and the published marts as they were."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from medallion.catalog import product
from medallion.contracts import Layer
from medallion.errors import MedallionError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from restaurant_input import Bench

# What `medallion --help` says of each kind of error.
EXIT_CODES = {"UsageError": 2, "InputError": 3, "AuditError": 4, "BusyError": 5, "StorageError": 6, "EngineError": 7}


@contextmanager
def refusal(kind: type[MedallionError]) -> Iterator[list[str]]:
    """The block must raise an error of exactly this kind, as one line with a remedy; the line is put into the list."""
    said: list[str] = []
    with pytest.raises(kind) as caught:
        yield said
    said.append(one_line(caught.value))
    assert type(caught.value) is kind
    assert caught.value.exit_code == EXIT_CODES[kind.__name__]


def one_line(error: BaseException) -> str:
    """The error's text, which is `subject: what is wrong; what to do`, and no part of a traceback."""
    text = str(error)
    assert "\n" not in text
    assert "Traceback" not in text
    assert ": " in text
    assert "; " in text
    return text


def marts(bench: Bench) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every mart, as any reader of the warehouse file gets them."""
    names = [step.table.name for step in product("restaurant").layer(Layer.GOLD)]
    with bench.workspace.warehouse.read() as session:
        return {name: session.rows(f"SELECT * FROM restaurant.{name} ORDER BY ALL") for name in names}


@contextmanager
def marts_kept(bench: Bench) -> Iterator[None]:
    """After the block the marts are readable, and what they were before it."""
    before = marts(bench)
    assert {name for name, rows in before.items() if not rows} <= {"comparable_sales"}  # no month has one a year before
    yield
    assert marts(bench) == before


def refused(bench: Bench, kind: type[MedallionError], *overrides: str) -> str:
    """The one line with which a run of a published product is refused, its marts kept."""
    with marts_kept(bench), refusal(kind) as said:
        bench.run(*overrides)
    return said[0]


@contextmanager
def process(program: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs the Python program, has said `ready`, and ends with the block."""
    command = [sys.executable, "-c", program, *(str(argument) for argument in arguments)]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
        yield started
    finally:
        started.kill()
        started.communicate()
