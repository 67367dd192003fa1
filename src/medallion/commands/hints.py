"""Commands that messages tell to type: completed with the options that say where, as this command was given them.

Without them the command would be of another home than the message.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

import typer

# Every command that a message names has both.
_OPTIONS = ("--home", "--config")
_COMMAND = re.compile(
    r"\bmedallion (?:(?:access|catalog|quarantine) \w+|"
    r"run|plan|backfill|status|history|versions|rollback|prune|diff|show|query|dashboard|doctor)\b(?: [\w.]+)?"
)
_given: dict[str, str] = {}


def remember(arguments: Sequence[str]) -> None:
    """Take note of the options that the commands named from now on have to repeat."""
    _given.clear()
    for place, argument in enumerate(arguments):
        name, is_joined, value = argument.partition("=")
        if name in _OPTIONS:
            _given[name] = value if is_joined else "".join(arguments[place + 1 : place + 2])


def echo(text: str, *, err: bool = False) -> None:
    """Print a line that may name commands, by `err` on standard error."""
    typer.echo(completed(text), err=err)


def completed(text: str) -> str:
    """The text, each command in it with the options given, where it does not name them itself."""
    found, end = [], 0
    for command in _COMMAND.finditer(text):
        rest = text[command.end() :].partition(";")[0]
        missing = (f" {name} {shlex.quote(value)}" for name, value in _given.items() if f"{name} " not in rest)
        found += [text[end : command.end()], *missing]
        end = command.end()
    return "".join((*found, text[end:]))
