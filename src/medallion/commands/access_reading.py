"""`medallion access list`, `show` and `grants`: who may read what, how that came about, and what it is as SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from medallion.commands import options

if TYPE_CHECKING:
    from medallion.warehouse.base import Session
    from medallion.warehouse.grants import ProductGrants

BY_CODE = "by_code"
Port = Annotated[
    str, typer.Argument(metavar="PRODUCT.PORT", help="Output port, for example: marketing_360.customer_activity.")
]
OfProduct = Annotated[str | None, typer.Option("--product", metavar="P", help="Ports of this product only.")]
OfConsumer = Annotated[
    str | None, typer.Option("--consumer", "--for", metavar="CONSUMER", help="This consumer only, a role or user:NAME.")
]


def list_access(
    product: OfProduct = None,
    consumer: OfConsumer = None,
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="S", help="Only requested, approved, expired, terms_changed, by_code, …"),
    ] = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """List who may read which port, who asks for one, and what is to be done; `by code`: products that read others.

    Of each consumer and port the newest request, and the access it has.

    Examples:

    medallion access list --state requested

    medallion access list --product marketing_360 --json
    """
    from datetime import UTC, datetime

    from medallion import catalog
    from medallion.commands.access_tables import list_document, print_list
    from medallion.commands.recorded import on_record
    from medallion.commands.wiring import open_warehouse, settings_of
    from medallion.warehouse.access import accesses, current, is_recorded
    from medallion.warehouse.consumer import Consumer

    _refuse_unknown(product, state)
    name = str(Consumer.parse(consumer)) if consumer is not None else None
    with on_record(open_warehouse(settings_of(config, home=home)), is_recorded) as session:
        found = current(accesses(session, catalog.PRODUCTS, datetime.now(UTC))) if session else []
    chosen = [
        one
        for one in found
        if product in (None, one.request.product)
        and name in (None, one.request.consumer)
        and state in (None, one.state.value)
    ]
    by_code = _reads_by_code(product, name) if state in (None, BY_CODE) else []
    if as_json:
        from medallion.commands.document import emit

        emit(list_document(chosen, by_code))
    else:
        print_list(chosen, by_code)


def show_access(
    port: Port,
    consumer: OfConsumer = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what a port gives and on which terms, who has it, and everything that happened: who did what, when, why.

    Examples:

    medallion access show marketing_360.customer_activity

    medallion access show marketing_360.customer_activity --for campaign_tool --json
    """
    from datetime import UTC, datetime

    from medallion import catalog
    from medallion.commands.access_tables import print_port, show_document
    from medallion.commands.ports import found_port
    from medallion.commands.recorded import on_record
    from medallion.commands.wiring import open_warehouse, settings_of
    from medallion.warehouse.access import accesses, events, is_recorded
    from medallion.warehouse.consumer import Consumer

    warehouse = open_warehouse(settings_of(config, home=home))
    found = found_port(port, warehouse)
    name = str(Consumer.parse(consumer)) if consumer is not None else None
    with on_record(warehouse, is_recorded) as session:
        all_of_them = accesses(session, catalog.PRODUCTS, datetime.now(UTC)) if session else []
        log = events(session, found.product, found.port, name) if session else []
    standing = [
        one
        for one in all_of_them
        if (one.request.product, one.request.port) == (found.product, found.port)
        and name in (None, one.request.consumer)
    ]
    if as_json:
        from medallion.commands.document import emit

        emit(show_document(found, standing, log))
    else:
        print_port(found, standing, log)


def grants(
    dialect: Annotated[
        str, typer.Option("--dialect", metavar="redshift|duckdb", help="Whose SQL; DuckDB has no users.")
    ] = "redshift",
    product: OfProduct = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Print what must hold in the warehouse as GRANT and REVOKE statements; applying them twice changes nothing.

    Examples:

    medallion access grants

    medallion access grants --product marketing_360 > grants.sql
    """
    from medallion.commands.access_tables import grants_document, print_grants
    from medallion.commands.recorded import on_record
    from medallion.commands.wiring import open_warehouse, settings_of
    from medallion.errors import UsageError
    from medallion.warehouse.access import is_recorded
    from medallion.warehouse.base import DUCKDB, REDSHIFT

    if dialect not in (DUCKDB, REDSHIFT):
        raise UsageError(f"--dialect {dialect}: is unknown; choose one of: {REDSHIFT}, {DUCKDB}")
    _refuse_unknown(product, None)
    with on_record(open_warehouse(settings_of(config, home=home)), is_recorded) as session:
        found = _grants(session, product) if session and dialect == REDSHIFT else []
    if as_json:
        from medallion.commands.document import emit

        emit(grants_document(found, dialect))
    else:
        print_grants(found, dialect)


def _reads_by_code(product: str | None, consumer: str | None) -> list[dict[str, Any]]:
    """What products read of others by their code: all of it, or of one product, or by one consumer."""
    from medallion import catalog
    from medallion.commands.access_tables import code_documents

    return [
        one
        for one in code_documents(catalog.PRODUCTS)
        if product in (None, one["product"]) and consumer in (None, one["consumer"])
    ]


def _grants(session: Session, only: str | None) -> list[ProductGrants]:
    """Of the products that access was ever asked for, those that are in the catalogue no more included."""
    from datetime import UTC, datetime

    from medallion import catalog
    from medallion.warehouse.grants import product_grants

    now = datetime.now(UTC)
    names = [name for (name,) in session.rows("SELECT DISTINCT product FROM control.access_request ORDER BY 1")]
    return [product_grants(session, name, catalog.PRODUCTS, now) for name in names if only in (None, name)]


def _refuse_unknown(product: str | None, state: str | None) -> None:
    from medallion import catalog
    from medallion.errors import UsageError
    from medallion.warehouse.access import AccessState

    if product is not None:
        catalog.product(product)
    states = [*(one.value for one in AccessState), BY_CODE]
    if state is not None and state not in states:
        raise UsageError(f"--state {state}: is unknown; choose one of: {', '.join(states)}")
