"""What can be searched for: products, ports, tables, columns, domains and concepts, with what is said of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from medallion.documentation.site.addresses import domain_page, product_page, slug, table_page

if TYPE_CHECKING:
    from medallion.contracts import Table
    from medallion.data_product import DataProduct
    from medallion.documentation.site.model import Site

Entry = dict[str, Any]


def entries(site: Site) -> list[Entry]:
    """One entry a thing: kind, title, where it belongs, description, further words, and its address."""
    found = []
    for domain in site.domains:
        page = domain_page(domain.name)
        found.append(_entry("domain", domain.name, "", domain.description, page))
        for one in site.concepts_of(domain):
            found.append(_entry("concept", one.name, domain.name, one.description, f"{page}#concept-{slug(one.name)}"))
    for facts in site.products:
        found += _of_product(facts.product)
    return found


def as_script(found: list[Entry]) -> str:
    """The index as a script: pages that are opened as files cannot load anything else."""
    lines = ",\n".join(json.dumps(one, sort_keys=True) for one in found)
    return f"window.CATALOG_INDEX = [\n{lines}\n];\n"


def _of_product(product: DataProduct) -> Iterator[Entry]:
    agreed, page = product.governance, product_page(product.name)
    domain = agreed.domain.name if agreed.domain else ""
    words = (product.name, agreed.owner, *agreed.tags, *(one.name for one in agreed.concepts), agreed.type.value)
    yield _entry("product", product.title, domain, product.description, page, *words)
    for port in agreed.output_ports:
        where = f"{page}#port-{slug(port.name)}"
        yield _entry("port", port.name, product.title, port.description, where, *port.tables, agreed.owner)
    for source in product.sources:
        where = f"{page}#source-{slug(source.name)}"
        columns = (column.delivered_name for column in source.columns)
        yield _entry("source", source.origin, product.title, source.description, where, *columns)
    for step in product.steps:
        yield from _of_table(product, step.table)


def _of_table(product: DataProduct, table: Table) -> Iterator[Entry]:
    page = table_page(product.name, table.name)
    owner = product.governance.owner
    yield _entry("table", table.name, f"{product.schema(table.layer)}", table.description, page, product.title, owner)
    for column in table.columns:
        where, personal = f"{page}#column-{slug(column.name)}", ("personal data", column.pii) if column.pii else ()
        yield _entry("column", column.name, f"{product.name}.{table.name}", column.description, where, *personal)


def _entry(kind: str, title: str, context: str, description: str, page: str, *words: str) -> Entry:
    return {"k": kind, "t": title, "c": context, "d": description, "u": page, "x": " ".join(filter(None, words))}
