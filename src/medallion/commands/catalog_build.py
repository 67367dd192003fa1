"""`medallion catalog build`: the catalogue as a web site that opens without a network."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import options

if TYPE_CHECKING:
    from medallion.column_lineage.builds import TableLineage
    from medallion.settings import Settings

# As builds that can be repeated are told the time: https://reproducible-builds.org/specs/source-date-epoch/
_MOMENT = "SOURCE_DATE_EPOCH"
_FOLDER = "catalog"


def build(
    output: Annotated[
        Path | None, typer.Option("--output", metavar="DIR", help="Folder of the site. Default: catalog in the home.")
    ] = None,
    lineage: Annotated[
        bool, typer.Option("--lineage/--no-lineage", help="Read from the builds what each column is computed from.")
    ] = True,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Write the catalogue as a web site: products, tables, contracts, quality, samples, lineage, search.

    It opens from a file, without a network. Personal data in samples is masked. No data is computed.

    Examples:

    medallion catalog build

    medallion catalog build --output site --no-lineage
    """
    from medallion import engine
    from medallion.catalog import PRODUCTS
    from medallion.commands.catalog_facts import facts_of
    from medallion.commands.site_folder import check_replaceable, write_site
    from medallion.commands.wiring import open_warehouse, settings_of
    from medallion.documentation.site.facts import SiteFacts
    from medallion.documentation.site.pages import render

    settings, now = settings_of(config, home=home), _moment()
    folder = output or settings.home / _FOLDER
    check_replaceable(folder)
    loading = engine.load_ahead("embedded") if lineage else None
    products = facts_of(open_warehouse(settings), PRODUCTS, now)
    if loading:
        loading.join()
    found, note = _lineage(settings, config) if lineage else ({}, "Column lineage was left out (--no-lineage).")
    pages = render(SiteFacts(products=products, built_at=now, lineage=found, lineage_note=note))
    write_site(folder, pages)
    _tell(folder, pages, note, as_json=as_json)


def _moment() -> datetime:
    """Now, or the moment that the environment says. Raises UsageError where that is no number of seconds."""
    from medallion.errors import UsageError

    given = os.environ.get(_MOMENT)
    try:
        return datetime.now(UTC) if given is None else datetime.fromtimestamp(int(given), UTC)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"{_MOMENT}={given}: is no number of seconds since 1970; correct or unset it") from None


def _lineage(settings: Settings, config: Path | None) -> tuple[dict[str, dict[str, TableLineage]], str]:
    """The column lineage of all products, or a note why there is none."""
    from medallion import engine
    from medallion.catalog import PRODUCTS
    from medallion.column_lineage.builds import product_lineage
    from medallion.commands.document import standard_output_kept
    from medallion.errors import EngineError
    from medallion.settings import load_rules

    rules = {one.name: load_rules(one, config) for one in PRODUCTS}
    try:
        with standard_output_kept(), engine.session("embedded", settings.home.absolute()) as spark:
            return {one.name: product_lineage(spark, one, rules[one.name]) for one in PRODUCTS}, ""
    except EngineError as error:
        return {}, f"Column lineage is not known: {error}."


def _tell(folder: Path, pages: dict[str, str], note: str, *, as_json: bool) -> None:
    start = (folder / "index.html").absolute()
    size = sum(len(text.encode()) for text in pages.values())
    if as_json:
        from medallion.commands.document import emit

        files = [{"path": path, "bytes": len(text.encode())} for path, text in sorted(pages.items())]
        emit({"folder": str(folder), "start": start.as_uri(), "bytes": size, "note": note or None, "files": files})
        return
    if note:
        typer.echo(f"note: {note}", err=True)
    count = sum(path.endswith(".html") for path in pages)
    contracts = sum(path.endswith(".yaml") for path in pages)
    typer.echo(f"{folder}: {count} pages and {contracts} contracts, {size / 1e6:.1f} MB")
    typer.echo(f"open it with a browser: {start.as_uri()}")
