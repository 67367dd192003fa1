"""`medallion catalog`: which data products there are, who answers for them, what they offer, and how they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medallion.commands import catalog_build, options

if TYPE_CHECKING:
    from medallion.commands.standing import Standing
    from medallion.data_product import DataProduct

app = typer.Typer(help="List and describe the data products, build their web site.", no_args_is_help=False)
app.command()(catalog_build.build)
_HEADS = ("product", "domain", "type", "lifecycle", "owner", "output ports", "version", "fresh")


@app.callback(invoke_without_command=True)
def _bare(context: typer.Context) -> None:
    """List and describe the data products; without a command: list."""
    if context.invoked_subcommand is None:
        list_products()


@app.command("list")
def list_products(
    tag: Annotated[str | None, typer.Option("--tag", help="Only products with this tag.")] = None,
    domain: Annotated[str | None, typer.Option("--domain", help="Only products of this domain.")] = None,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """List the data products: domain, type, lifecycle, owner, ports, and whether they are fresh.

    Examples:

    medallion catalog list --domain sales

    medallion catalog list --tag customer --json
    """
    from medallion.catalog import PRODUCTS
    from medallion.commands.standing import standing_of
    from medallion.commands.wiring import open_warehouse, settings_of

    warehouse = open_warehouse(settings_of(config, home=home))
    standings = [standing_of(warehouse, one) for one in PRODUCTS if _is_meant(one, tag, domain)]
    if as_json:
        from medallion.commands.document import emit

        emit({"products": [document_of(one) for one in standings]})
        return
    from medallion.commands.render import grid

    grid(_HEADS, [_row(one) for one in standings])


@app.command()
def describe(
    product: options.Product,
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Describe a data product: what it is about, offers and reads, its terms, and how it stands.

    Example:

    medallion catalog describe marketing_360
    """
    from medallion import catalog
    from medallion.commands.standing import standing_of
    from medallion.commands.wiring import open_warehouse, settings_of

    known = catalog.product(product)
    document = document_of(standing_of(open_warehouse(settings_of(config, home=home)), known))
    if as_json:
        from medallion.commands.document import emit

        emit(document)
        return
    for line in _lines(document):
        typer.echo(line)


def document_of(standing: Standing, now: datetime | None = None) -> dict[str, Any]:
    """What the catalogue says of a product, at a moment or now. Times are UTC, freshness is in hours."""
    product, agreed = standing.product, standing.product.governance
    return {
        "product": product.name,
        "title": product.title,
        "description": product.description,
        "domain": agreed.domain.name if agreed.domain else None,
        "owner": agreed.owner or None,
        "type": agreed.type.value,
        "lifecycle": agreed.lifecycle.value,
        "concepts": [one.name for one in agreed.concepts],
        "output_ports": [_port(product, name) for name in (one.name for one in agreed.output_ports)],
        "inputs": [str(one) for one in product.inputs],
        "sources": [one.origin for one in product.sources],
        "consumers": list(consumers_of(product)),
        "tags": list(agreed.tags),
        "terms_of_use": agreed.terms_of_use or None,
        "freshness_hours": agreed.freshness.total_seconds() / 3600 if agreed.freshness else None,
        "version": standing.version,
        "as_of": standing.as_of,
        "published_at": standing.published_at,
        "is_fresh": is_fresh(standing, now or datetime.now(UTC)),
    }


def is_fresh(standing: Standing, now: datetime) -> bool | None:
    """Whether the service level is kept then; None where nothing is promised or nothing was published."""
    promised, published_at = standing.product.governance.freshness, standing.published_at
    return now - published_at <= promised if promised and published_at else None


def consumers_of(product: DataProduct) -> tuple[str, ...]:
    """The products that read this one."""
    from medallion.catalog import PRODUCTS

    return tuple(one.name for one in PRODUCTS if any(read.product == product.name for read in one.inputs))


def _port(product: DataProduct, name: str) -> dict[str, Any]:
    port = next(one for one in product.governance.output_ports if one.name == name)
    return {"name": port.name, "description": port.description, "tables": [f"{product.name}.{t}" for t in port.tables]}


def _is_meant(product: DataProduct, tag: str | None, domain: str | None) -> bool:
    own = product.governance.domain
    has_tag = tag is None or tag.lower() in product.governance.tags
    return has_tag and (domain is None or (own is not None and own.name.lower() == domain.lower()))


def _row(standing: Standing) -> tuple[str, ...]:
    from medallion.commands.render import EMPTY

    found = document_of(standing)
    ports = ", ".join(port["name"] for port in found["output_ports"])
    words = (found[name] or EMPTY for name in ("product", "domain", "type", "lifecycle", "owner"))
    return (*words, ports or EMPTY, str(found["version"] or EMPTY), _fresh(found))


def _fresh(found: Mapping[str, Any]) -> str:
    if found["published_at"] is None:
        return "never published"
    return {True: "yes", False: "no", None: "nothing promised"}[found["is_fresh"]]


def _lines(found: Mapping[str, Any]) -> list[str]:
    def listed(name: str) -> str:
        return ", ".join(found[name]) or "none"

    hours = found["freshness_hours"]
    promise = f"published within the last {hours:g} hours" if hours else "none"
    published = f"version {found['version']} as of {found['as_of']}" if found["version"] else "nothing yet"
    return [
        f"{found['title']} ({found['product']})",
        found["description"],
        "",
        f"domain: {found['domain'] or 'none'}; owner: {found['owner'] or 'nobody'}",
        f"type: {found['type']}; lifecycle: {found['lifecycle']}; about: {listed('concepts')}; tags: {listed('tags')}",
        f"reads: {', '.join((*found['inputs'], *found['sources'])) or 'nothing'}",
        f"read by: {listed('consumers')}",
        *(f"port {p['name']}: {p['description']} Tables: {', '.join(p['tables'])}" for p in found["output_ports"]),
        f"terms of use: {found['terms_of_use'] or 'none'}",
        f"service level: {promise}; fresh now: {_fresh(found)}",
        f"published: {published}",
    ]
