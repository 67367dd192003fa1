"""Commands that messages tell to type: completed with the options that say where, as this command was given them.

Without them the command would be of another home than the message. A home that the environment names is repeated, too:
`make run` sets it for what it starts alone.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import typer

# Every command that a message names has both.
_HOME, _CONFIG = "--home", "--config"
_HOME_VARIABLE = "MEDALLION_HOME"
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
        if name in (_HOME, _CONFIG):
            _given[name] = value if is_joined else "".join(arguments[place + 1 : place + 2])


def echo(text: str, *, err: bool = False) -> None:
    """Print a line that may name commands, by `err` on standard error."""
    typer.echo(completed(text), err=err)


def completed(text: str) -> str:
    """The text, each command in it with the options given, where it does not name them itself."""
    found, end, options = [], 0, _options()
    for command in _COMMAND.finditer(text):
        rest = text[command.end() :].partition(";")[0]
        missing = (f" {name} {shlex.quote(value)}" for name, value in options.items() if f"{name} " not in rest)
        found += [text[end : command.end()], *missing]
        end = command.end()
    return "".join((*found, text[end:]))


def _options() -> dict[str, str]:
    """What is to be repeated, by option."""
    home = os.environ.get(_HOME_VARIABLE)
    if not home or _HOME in _given:
        return _given
    from medallion.settings import Settings  # loads more than a command that says nothing of a home needs

    is_default = Path(home) == Settings.model_fields["home"].default
    return _given if is_default else {_HOME: home, **_given}
