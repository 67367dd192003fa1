"""`medallion doctor`: what is installed here, which engine works, and whether there is room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from medallion.commands import options
from medallion.errors import EngineError

if TYPE_CHECKING:
    from medallion.commands.examination import Finding

_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "dim")}


def doctor(
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Check this machine: Python, engines, Java, PostgreSQL, warehouse, disk and memory.

    Ends with exit code 7 where no engine works.

    Example:

    medallion doctor
    """
    from contextlib import nullcontext

    from medallion.commands import examination
    from medallion.commands.document import standard_output_kept
    from medallion.commands.wiring import settings_of

    settings = settings_of(config, home=home)
    with standard_output_kept() if as_json else nullcontext():
        engines = [examination.embedded_engine(settings.home), examination.spark_engine()]
        findings = [examination.python(), *engines, *examination.surroundings(settings)]
    if as_json:
        from medallion.commands.document import emit

        emit({"findings": [vars(finding) for finding in findings], "engine_works": any(one.is_good for one in engines)})
        if not any(one.is_good for one in engines):
            raise typer.Exit(EngineError.exit_code)
        return
    _print(findings)
    if not any(one.is_good for one in engines):
        raise EngineError(
            "no engine works here; correct what is marked ✗, for example: pip install 'medallion[embedded]'"
        )


def _print(findings: list[Finding]) -> None:
    from medallion.commands.render import console

    for finding in findings:
        mark, style = _MARKS[finding.is_good]
        from rich.text import Text

        line = Text.assemble((f"{mark} ", style), (f"{finding.subject:<18}", "bold"), finding.detail)
        console().print(line, soft_wrap=True)
