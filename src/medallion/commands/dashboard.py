"""`medallion dashboard`: the marts as pages in a browser."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import options

if TYPE_CHECKING:
    from pathlib import Path

_ENTRY = "medallion.dashboard.entry.app"


def dashboard(
    home: options.Home = None,
    port: Annotated[int, typer.Option("--port", metavar="N", min=1, max=65535, help="Port to listen on.")] = 8501,
    address: Annotated[
        str, typer.Option("--address", metavar="HOST", help="Address to listen on; 0.0.0.0 for other machines.")
    ] = "127.0.0.1",
    config: options.Config = None,
    verbose: options.Verbose = False,
) -> None:
    """Open the dashboards on what is published here, and keep them up to date; Ctrl+C ends it.

    It only reads. Each page shows one published version at a time, and the next one seconds after its publish.

    Example:

    medallion dashboard --port 8600
    """
    from medallion.commands.wiring import settings_of

    settings_of(config, home=home)  # so that a bad setting is said here, not on every page
    command = [*_streamlit(), *server_options(address, port), "--", *_passed_on(home, config)]
    typer.echo(f"dashboards at http://{'localhost' if address == '127.0.0.1' else address}:{port} (Ctrl+C ends them)")
    sys.stdout.flush()
    os.execv(sys.executable, command)


def server_options(address: str, port: int) -> list[str]:
    """What of the server is chosen by the command line; the rest is configured beside the app."""
    return ["--server.address", address, "--server.port", str(port)]


def _streamlit() -> list[str]:
    from medallion.errors import UsageError

    app = find_spec(_ENTRY)
    if app is None or app.origin is None or any(find_spec(library) is None for library in ("streamlit", "altair")):
        raise UsageError("dashboard: needs streamlit and altair; install them with: pip install 'medallion[dashboard]'")
    return [sys.executable, "-m", "streamlit", "run", app.origin]


def _passed_on(home: Path | None, config: Path | None) -> list[str]:
    given = (("--home", home), ("--config", config))
    return [text for name, value in given if value is not None for text in (name, str(value))]
