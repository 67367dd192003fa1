"""`medallion versions`, `medallion rollback` and `medallion prune`: what was published before, and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from medallion.commands import options

if TYPE_CHECKING:
    from datetime import datetime

    from medallion.data_product import DataProduct
    from medallion.pipeline.running import Workspace
    from medallion.warehouse.base import Session, Warehouse
    from medallion.warehouse.kept_versions import KeptVersion


def versions(
    product: options.Product,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """List the published versions of a product's marts that are kept, newest first.

    Example:

    medallion versions restaurant
    """
    from medallion import catalog
    from medallion.commands.wiring import open_warehouse, settings_of

    known = catalog.product(product)
    warehouse = open_warehouse(settings_of(config, home=home))
    kept = published_of(warehouse, known)
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.version_tables import version_document

        documents = [version_document(one, is_current=one is kept[0]) for one in kept]
        emit({"product": known.name, "versions": documents, "warehouse": warehouse.location})
    else:
        from medallion.commands.version_tables import print_versions

        print_versions(kept, known, warehouse.location)


def rollback(
    product: options.Product,
    to: Annotated[
        int | None, typer.Option("--to", metavar="N", help="Version to show again. Default: the one before.")
    ] = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Let readers see an earlier version of all the product's marts again, at once.

    Only the views change: the earlier version is published again under a new number, nothing is lost or built. Silver
    stays as it is, so correct the cause before the next run. Going back twice goes back further.

    Examples:

    medallion rollback restaurant

    medallion rollback restaurant --to 3
    """
    import time
    from datetime import UTC, datetime

    from medallion import catalog
    from medallion.commands.wiring import open_workspace, settings_of
    from medallion.warehouse import versions as publishing
    from medallion.warehouse.granting import apply_grants
    from medallion.warehouse.kept_versions import rollback_target

    known = catalog.product(product)
    workspace = open_workspace(settings_of(config, home=home))
    started = time.monotonic()
    with _changing(workspace, known) as (session, kept):
        target = rollback_target(kept, known.name, to)
        now = datetime.now(UTC)
        publication = publishing.Publication(run_id=_rollback_id(now), as_of=target.as_of, published_at=now)
        restored = publishing.rollback(session, known, target.number, publication)
        notes = apply_grants(session, known, workspace.settings.reader_role, now)
    seconds = time.monotonic() - started
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    number = restored[0].version
    if as_json:
        from medallion.commands.document import emit

        emit(
            {
                "product": known.name,
                "version": number,
                "shows": target.number,
                "replaces": kept[0].number,
                "as_of": target.as_of,
                "run_id": publication.run_id,
                "marts": sorted(row.table_name for row in restored),
                "seconds": round(seconds, 3),
            }
        )
    else:
        from medallion.commands.version_tables import say_rollback

        say_rollback(known, number, target, kept[0], seconds)


def prune(
    product: options.Product,
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=1, help="How many versions, the newest.")],
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Drop all but the newest versions of a product's marts; what readers see now always stays.

    Example:

    medallion prune restaurant --keep 2
    """
    from medallion import catalog
    from medallion.commands.wiring import open_workspace, settings_of
    from medallion.warehouse import versions as publishing
    from medallion.warehouse.kept_versions import kept_versions

    known = catalog.product(product)
    with _changing(open_workspace(settings_of(config, home=home)), known) as (session, before):
        tables = publishing.prune(session, known, keep)
        kept = kept_versions(session, known.name)
    dropped = [one for one in before if one.number not in {left.number for left in kept}]
    if as_json:
        from medallion.commands.document import emit

        emit(
            {
                "product": known.name,
                "kept": [one.number for one in kept],
                "dropped": [one.number for one in dropped],
                "dropped_tables": tables,
            }
        )
    else:
        from medallion.commands.version_tables import say_pruned

        say_pruned(known, kept, dropped, len(tables))


def published_of(warehouse: Warehouse, product: DataProduct) -> list[KeptVersion]:
    """The product's kept versions, newest first; empty where nothing is published or ever ran."""
    from medallion.commands.recorded import on_record
    from medallion.warehouse.kept_versions import kept_versions

    with on_record(warehouse) as session:
        return kept_versions(session, product.name) if session else []


@contextmanager
def _changing(workspace: Workspace, product: DataProduct) -> Iterator[tuple[Session, list[KeptVersion]]]:
    """A transaction under the product's lease, and what is kept when it begins.

    Raises BusyError where a run holds the product, UsageError where nothing is published; then nothing is created.
    """
    from medallion.errors import UsageError
    from medallion.pipeline.held_lease import held_lease
    from medallion.warehouse import lease as leases
    from medallion.warehouse.kept_versions import kept_versions

    if not published_of(workspace.warehouse, product):
        raise UsageError(
            f"{product.name}: nothing is published in {workspace.warehouse.location}; check --home, or start with:"
            f" medallion run {product.name} --input DIR"
        )
    with held_lease(workspace, product) as lease, workspace.warehouse.write() as session:
        leases.confirm(session, lease)
        yield session, kept_versions(session, product.name)


def _rollback_id(now: datetime) -> str:
    import secrets

    return f"rollback-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
