"""Settings and workspace of a command: the one place where the command line says what works with what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from medallion.errors import StorageError, UsageError

if TYPE_CHECKING:
    from datetime import date

    from medallion.pipeline.running import Request, Workspace
    from medallion.settings import Settings
    from medallion.warehouse.base import Warehouse

WAREHOUSE_FILE, LAKE_FOLDER = "warehouse.duckdb", "lake"


def settings_of(config: Path | None, **given: Any) -> Settings:
    """The settings of a command, what its options say first. Raises UsageError."""
    from medallion.settings import load_settings

    if given.get("source_dsn"):
        typer.echo("warning: others can see --source-dsn in the process list; set MEDALLION_SOURCE_DSN", err=True)
    settings = load_settings(config, **given)
    if given.get("source_dsn") and settings.source != "rds":
        raise UsageError("--source-dsn: is for PostgreSQL only; add --source rds")
    return settings


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse file of the home folder; it need not exist yet."""
    from medallion.warehouse.duckdb import DuckDbWarehouse

    return DuckDbWarehouse(settings.home / WAREHOUSE_FILE, wait_seconds=settings.warehouse_wait_seconds)


def open_workspace(settings: Settings) -> Workspace:
    """Where runs work. Nothing is created."""
    from medallion.lake import Lake
    from medallion.pipeline.running import Workspace

    home = settings.home.absolute()  # engines have working folders of their own
    return Workspace(
        settings=settings, home=home, lake=Lake(str(home / LAKE_FOLDER)), warehouse=open_warehouse(settings)
    )


def create_home(settings: Settings) -> None:
    """Make the home folder. Raises StorageError where that cannot be."""
    from medallion.lake import storage_message

    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(storage_message(str(settings.home), error)) from error


def request_of(
    product: str,
    *,
    config: Path | None,
    rules: list[str] | None,
    input_folder: Path | None,
    as_of: str | None,
    is_full: bool,
) -> Request:
    """What a run is asked for; raises UsageError on an unknown product, a bad rule or date."""
    from medallion import catalog
    from medallion.pipeline.running import Request
    from medallion.settings import load_rules

    known = catalog.product(product)
    return Request(
        product=known,
        rules=load_rules(known, config, rules or ()),
        input=input_folder,
        as_of=_date_of(as_of),
        is_full=is_full,
    )


def _date_of(text: str | None) -> date | None:
    from datetime import date

    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of {text}: is not a date; write YYYY-MM-DD, for example 2024-02-21") from None
