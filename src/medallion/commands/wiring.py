"""Settings and workspace of a command: the one place where the command line says what works with what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from medallion.contracts import Layer
from medallion.data_types import FIRST_YEAR, LAST_YEAR
from medallion.errors import StorageError, UsageError

if TYPE_CHECKING:
    from datetime import date

    from medallion.commands.run_options import RunOptions
    from medallion.data_product import DataProduct
    from medallion.pipeline.running import Request, Workspace
    from medallion.settings import Settings
    from medallion.warehouse.base import Warehouse
    from medallion.warehouse.quarantine import Chosen

WAREHOUSE_FILE, LAKE_FOLDER = "warehouse.duckdb", "lake"


def settings_of(config: Path | None, **given: Any) -> Settings:
    """The settings of a command, what its options say first. Raises UsageError, also for what nobody would read."""
    from medallion.commands.misplaced import refuse_misplaced
    from medallion.settings import load_settings

    if given.get("source_dsn"):
        typer.echo("warning: others can see --source-dsn in the process list; set MEDALLION_SOURCE_DSN", err=True)
    settings = load_settings(config, **given)
    refuse_misplaced(settings, config)
    return settings


def open_warehouse(settings: Settings) -> Warehouse:
    """The warehouse of the settings, by default the file of the home folder; it need not exist yet.

    Raises UsageError for an address that is none, or that lacks what it needs beside it.
    """
    if settings.warehouse:
        return _open_redshift(settings, settings.warehouse)
    from medallion.warehouse.duckdb import DuckDbWarehouse

    return DuckDbWarehouse(settings.home / WAREHOUSE_FILE, wait_seconds=settings.warehouse_wait_seconds)


def _open_redshift(settings: Settings, url: str) -> Warehouse:
    try:
        from medallion.warehouse.redshift import RedshiftWarehouse
        from medallion.warehouse.redshift_address import RedshiftAddress, credentials_of
    except ModuleNotFoundError as error:
        raise UsageError(
            f"--warehouse {url}: needs {error.name}; install it with: pip install 'medallion[aws]'"
        ) from error
    address = RedshiftAddress.parse(url)
    lake = settings.lake or ""
    if not lake.startswith("s3://"):
        raise UsageError(f"--warehouse {address}: loads from S3 only; add --lake s3://BUCKET/FOLDER")
    password = settings.warehouse_password.get_secret_value() if settings.warehouse_password else None
    return RedshiftWarehouse(
        address,
        credentials_of(address, password=password, secret=settings.warehouse_secret, region=settings.region),
        manifests=f"{lake.rstrip('/')}/manifests",
        role=settings.warehouse_role,
        region=settings.region,
        wait_seconds=settings.warehouse_wait_seconds,
    )


def open_workspace(settings: Settings) -> Workspace:
    """Where runs work. Nothing is created."""
    from medallion.lake import Lake
    from medallion.pipeline.running import Workspace

    home = settings.home.absolute()  # engines have working folders of their own
    lake = Lake((settings.lake or str(home / LAKE_FOLDER)).rstrip("/"), settings.region)
    return Workspace(settings=settings, home=home, lake=lake, warehouse=open_warehouse(settings))


def create_home(settings: Settings) -> None:
    """Make the home folder. Raises StorageError where that cannot be."""
    from medallion.lake import storage_message

    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(storage_message(str(settings.home), error)) from error


def refuse_unpublished(settings: Settings, product: DataProduct) -> None:
    """Raises UsageError where nothing ever ran, so that nothing is created there."""
    warehouse = open_warehouse(settings)
    if not warehouse.exists():
        where = settings.home if settings.warehouse is None else warehouse.location
        raise UsageError(
            f"{product.name}: nothing was published yet in {where}; check --home, or start with:"
            f" medallion run {product.name} --input DIR"
        )


def settings_of_run(given: RunOptions, *products: DataProduct) -> Settings:
    """The settings of a command that runs products. Raises UsageError."""
    settings = settings_of(
        given.config,
        home=given.home,
        engine=given.engine,
        source=given.source,
        source_dsn=given.source_dsn,
        spark_master=given.spark_master,
        warehouse=given.warehouse,
        lake=given.lake,
    )
    if given.source_dsn and settings.source != "rds" and not any(one.table_sources for one in products):
        raise UsageError("--source-dsn: is for PostgreSQL only; add --source rds")
    return settings


def request_of(
    product: str, given: RunOptions, *, backfill: tuple[date, date] | None = None, replay: Chosen | None = None
) -> Request:
    """What a run is asked for; raises UsageError on an unknown product, a bad rule or date."""
    from medallion import catalog
    from medallion.pipeline.running import Request
    from medallion.settings import load_rules

    known = catalog.product(product)
    return Request(
        product=known,
        rules=load_rules(known, given.config, given.rules or ()),
        input=given.input_folder,
        as_of=_as_of(given.as_of) if given.as_of is not None else None,
        is_full=given.full_refresh,
        select=tuple(given.select) if given.select else None,
        backfill=backfill,
        replay=replay,
        through=_layer(given.through) if given.through is not None else Layer.GOLD,
    )


def _layer(text: str) -> Layer:
    """The layer that --through names. Raises UsageError."""
    from medallion.pipeline.running import LAYERS

    if text not in LAYERS:
        raise UsageError(f"--through {text}: is no layer of a run; choose one of: {', '.join(LAYERS)}")
    return Layer(text)


def date_of(text: str, option: str) -> date:
    """The date that an option says. Raises UsageError."""
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: is not a date; write YYYY-MM-DD, for example 2024-02-21") from None


def _as_of(text: str) -> date:
    """The day that marts are to be seen from. Raises UsageError, also for one that no delivered date could have."""
    day = date_of(text, "--as-of")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise UsageError(f"--as-of {text}: is too far away; write a day of the years {FIRST_YEAR} to {LAST_YEAR}")
    return day
