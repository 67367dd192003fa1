"""The command line: `medallion COMMAND`. Here are the commands' names and what becomes of errors."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from contextlib import suppress

import typer

from medallion import interruption
from medallion.commands import (
    access,
    backfill,
    catalog,
    contracts,
    dashboard,
    diff,
    doctor,
    generate,
    history,
    quarantine,
    read,
    run,
    versions,
)
from medallion.commands.hints import completed, remember
from medallion.errors import MedallionError, StorageError

_HELP = """CSV files in, trusted customer-analytics marts out.

Start with: medallion generate restaurant, then: medallion run restaurant --input .medallion/sample
"""
_EXIT_CODES = (
    "Exit codes: 0 done, or nothing to do · 1 a defect of medallion · 2 wrong command, option, rule, table or query · "
    "3 delivered files cannot be read · 4 a check failed, nothing was published · 5 warehouse or product in use · "
    "6 disk or warehouse file · 7 no engine, or it failed · 130 interrupted · 141 nobody reads on"
)

_UNREAD = 141  # as of programs that the system ends when nobody reads any more: `medallion history | head -1`

app = typer.Typer(
    name="medallion", help=_HELP, epilog=_EXIT_CODES, add_completion=False, pretty_exceptions_enable=False
)
app.command()(run.run)
app.command()(run.plan)
app.command()(backfill.backfill)
app.command()(history.status)
app.command()(history.history)
app.command()(versions.versions)
app.command()(versions.rollback)
app.command()(versions.prune)
app.command()(diff.diff)
app.add_typer(quarantine.app, name="quarantine")
app.command()(read.show)
app.command()(read.query)
app.add_typer(catalog.app, name="catalog")
app.add_typer(access.app, name="access")
app.add_typer(contracts.app, name="contracts")
app.add_typer(generate.app, name="generate")
app.command()(dashboard.dashboard)
app.command()(doctor.doctor)


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"medallion {version_of('medallion')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. An error is one line on standard error, or JSON where that is asked."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    remember(given)
    try:
        code = typer.main.get_command(app).main(given, prog_name="medallion", standalone_mode=False)
    except KeyboardInterrupt:
        code = interruption.EXIT_CODE
    except SystemExit as ended:  # typer's end where a pipe is closed, whichever it is
        error = ended.__context__
        if not isinstance(error, OSError):
            raise
        return _tell(given, *_explained(error)) if _has_readers() else _UNREAD
    except Exception as error:
        if not interruption.is_asked():
            return _tell(given, *_explained(error))
        code = interruption.EXIT_CODE
    if code == interruption.EXIT_CODE:
        return _tell(given, interruption.MESSAGE, code)
    return code if isinstance(code, int) else 0


def _explained(error: Exception) -> tuple[str, int]:
    """One line for an error, and the exit code."""
    if isinstance(error, MedallionError):
        return str(error), error.exit_code
    if isinstance(error, typer.TyperException):
        return f"{error.format_message().rstrip('.')}; see --help", error.exit_code
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        from medallion.lake import storage_message

        return storage_message(str(error.filename or "disk"), error), StorageError.exit_code
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return f"unexpected {what}; run again with --verbose for the traceback", 1


def _tell(given: Sequence[str], line: str, code: int) -> int:
    line = completed(" ".join(line.splitlines()))
    if "--verbose" in given and sys.exc_info()[0]:
        import traceback

        traceback.print_exc()
    if "--json" in given and _is_emitted({"error": line, "exit_code": code}):
        return code
    with suppress(OSError):  # nobody to tell
        typer.echo(f"error: {line}", err=True)
    return code


def _is_emitted(document: dict[str, str | int]) -> bool:
    """Whether standard output took the document; it may be what failed."""
    from medallion.commands.document import emit

    try:
        emit(document)
    except OSError:
        return False
    return True


def _has_readers() -> bool:
    """Whether standard output is not a pipe that nobody reads any more."""
    import select

    asked = select.poll()
    asked.register(1, 0)
    return not any(event & select.POLLERR for _, event in asked.poll(0))
