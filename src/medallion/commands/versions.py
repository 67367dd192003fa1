"""`medallion versions`, `medallion rollback` and `medallion prune`: what was published before, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

import typer

from medallion.commands import options

if TYPE_CHECKING:
    from datetime import datetime

    from medallion.data_product import DataProduct
    from medallion.pipeline.running import Workspace
    from medallion.warehouse.base import Session, Warehouse
    from medallion.warehouse.kept_versions import KeptVersion
    from medallion.warehouse.records import Version

T = TypeVar("T")


class _Restored(NamedTuple):
    """What a rollback shows again, what that replaces, the marts as published anew, and notes on grants.

    `left_out` are marts of the version which the product has no more.
    """

    target: KeptVersion
    before: KeptVersion
    marts: list[Version]
    notes: tuple[str, ...]
    left_out: tuple[str, ...]


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

    known = catalog.product(product)
    workspace = open_workspace(settings_of(config, home=home))
    started = time.monotonic()
    done = _restored(workspace, known, to, datetime.now(UTC))
    seconds = time.monotonic() - started
    for note in done.notes:
        typer.echo(f"note: {note}", err=True)
    if as_json:
        from medallion.commands.document import emit
        from medallion.commands.version_tables import rollback_document

        emit(rollback_document(known, done.marts, done.target, done.before, seconds, done.left_out))
    else:
        from medallion.commands.version_tables import say_rollback

        say_rollback(known, done.marts[0].version, done.target, done.before, seconds, done.left_out)


def prune(
    product: options.Product,
    keep: Annotated[
        int, typer.Option("--keep", metavar="N", min=1, max=options.MOST, help="How many versions, the newest.")
    ],
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

    def pruned(session: Session, before: list[KeptVersion]) -> tuple[list[KeptVersion], list[str], list[KeptVersion]]:
        return before, publishing.prune(session, known, keep), kept_versions(session, known.name)

    def is_pruned(session: Session) -> bool:
        session.lock("control.version")  # once whoever writes it has ended
        return len(kept_versions(session, known.name)) <= keep

    before, tables, kept = _changed(open_workspace(settings_of(config, home=home)), known, pruned, is_pruned)
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


def _restored(workspace: Workspace, product: DataProduct, to: int | None, now: datetime) -> _Restored:
    """Show version `to` again, or the one before the newest."""
    from medallion.contracts import Layer
    from medallion.warehouse import control
    from medallion.warehouse import versions as publishing
    from medallion.warehouse.granting import apply_grants
    from medallion.warehouse.kept_versions import kept_version, rollback_target

    marts = {step.table.name for step in product.layer(Layer.GOLD)}
    run_id = _rollback_id(now)

    def restore(session: Session, kept: list[KeptVersion]) -> _Restored:
        own = [one.of(marts) for one in kept]
        target = rollback_target(own, product.name, to)
        publication = publishing.Publication(run_id=run_id, as_of=target.as_of, published_at=now)
        restored = publishing.rollback(session, product, target.number, publication)
        notes = apply_grants(session, product, workspace.settings.reader_role, now)
        left_out = sorted(kept_version(kept, product.name, target.number).tables.keys() - marts)
        return _Restored(target, own[0], restored, notes, tuple(left_out))

    def is_restored(session: Session) -> bool:
        return control.is_published(session, run_id, Layer.GOLD, now)

    return _changed(workspace, product, restore, is_restored)


def _changed(
    workspace: Workspace,
    product: DataProduct,
    work: Callable[[Session, list[KeptVersion]], T],
    is_done: Callable[[Session], bool],
) -> T:
    """What `work` returns, given what is kept: a transaction under the product's lease, done again where readers won.

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
    with held_lease(workspace, product) as lease:

        def change(session: Session) -> T:
            leases.confirm(session, lease)
            return work(session, kept_versions(session, product.name))

        return workspace.warehouse.transact(change, is_done)


def _rollback_id(now: datetime) -> str:
    import secrets

    return f"rollback-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
