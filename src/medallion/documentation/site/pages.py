"""The pages of the site, as text by their place in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from medallion.contracts import Layer
from medallion.documentation.data_dictionary import protection_of, rules_of, values_of
from medallion.documentation.odcs import to_yaml
from medallion.documentation.site import addresses
from medallion.documentation.site.model import Site, domain_of, outcome_of
from medallion.documentation.site.samples import sample_of
from medallion.documentation.site.search_index import as_script, entries
from medallion.documentation.site.table_lineage import column_drawing, column_rows

if TYPE_CHECKING:
    from medallion.contracts import Table
    from medallion.documentation.site.facts import ProductFacts, SiteFacts

_HERE = "medallion.documentation.site"
_ASSETS = ("style.css", "site.js")
_MOST_NODES_OF_COLUMNS = 90
_NUMBERS = ("smallint", "integer", "bigint", "decimal", "double")
_CODE = re.compile(r"`([^`]+)`")


def render(facts: SiteFacts) -> dict[str, str]:
    """Every file of the site by its path; the same facts give the same text."""
    site = Site(facts)
    environment = _environment()
    found = {
        addresses.START: _page(environment, "index.html", addresses.START, site=site),
        addresses.LINEAGE: _page(environment, "lineage.html", addresses.LINEAGE, site=site, **_lineage(site)),
    }
    for domain in site.domains:
        page = addresses.domain_page(domain.name)
        found[page] = _page(environment, "domain.html", page, site=site, domain=domain)
    for one in site.products:
        page = addresses.product_page(one.name)
        found[page] = _page(environment, "product.html", page, site=site, facts=one, **_product(site, one))
        for step in one.product.steps:
            page = addresses.table_page(one.name, step.table.name)
            more = _table(site, one, step.table)
            found[page] = _page(environment, "table.html", page, site=site, facts=one, table=step.table, **more)
        for port in one.product.governance.output_ports:
            found[addresses.contract_file(one.name, port.name)] = to_yaml(one.product, port)
    for name in _ASSETS:
        found[f"assets/{name}"] = files(_HERE).joinpath("assets", name).read_text(encoding="utf-8")
    found["assets/search-index.js"] = as_script(entries(site))
    return found


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "moment": _moment,
        "count": _count,
        "slug": addresses.slug,
        "hours": _hours,
        "prose": _prose,
    }
    environment.globals |= {
        "domain_page": addresses.domain_page,
        "product_page": addresses.product_page,
        "table_page": addresses.table_page,
        "contract_file": addresses.contract_file,
        "domain_of": domain_of,
        "outcome_of": outcome_of,
        "protection_of": protection_of,
        "values_of": values_of,
        "is_number": lambda column: column.data_type.name in _NUMBERS,
        "is_mart": lambda table: table.layer is Layer.GOLD,
    }
    return environment


def _page(environment: Environment, template: str, page: str, **given: Any) -> str:
    return environment.get_template(template).render(page=page, root=addresses.root_of(page), **given)


def _lineage(site: Site) -> Mapping[str, Any]:
    return {
        "of_products": site.sources_and_products.drawn("Sources and products"),
        "of_tables": site.tables.drawn("Sources, tables and marts of all products"),
    }


def _product(site: Site, facts: ProductFacts) -> Mapping[str, Any]:
    product = facts.product
    own = {f"{product.name}.{step.table.name}" for step in product.steps}
    near = {end for edge in site.tables.edges if own & {*edge} for end in edge}
    return {
        "consumers": site.consumers_of(product),
        "inputs": [(one, site.product(one.product), facts.inputs.get(str(one))) for one in product.inputs],
        "outcome": outcome_of(facts.checks),
        "rules": rules_of(product.rules),
        "drawing": site.tables.only(own | near).drawn(f"Tables of {product.title}", own) if own else None,
        "tables": [
            (step.table, facts.tables.get(step.table.name), outcome_of(_checks(facts, step.table)))
            for layer in (Layer.GOLD, Layer.SILVER)
            for step in product.layer(layer)
        ],
    }


def _table(site: Site, facts: ProductFacts, table: Table) -> Mapping[str, Any]:
    product, published = facts.product, facts.tables.get(table.name)
    key = f"{product.name}.{table.name}"
    lineage = site.lineage_of(product, table.name)
    columns = column_drawing(site, product, table) if lineage else None
    return {
        "relation": f"{product.schema(table.layer)}.{table.name}",
        "published": published,
        "sample": sample_of(table, published) if published else None,
        "outcome": outcome_of(_checks(facts, table)),
        "ports": [port for port in product.governance.output_ports if table.name in port.tables],
        "between": [r for r in product.reconciliations if table.name in (r.left.table, r.right.table)],
        "drawing": site.tables.around({key}).drawn(f"What {table.name} is built of, and what is built of it", {key}),
        "reads": site.tables.read_by(key),
        "readers": site.tables.readers_of(key),
        "lineage": lineage,
        "column_drawing": columns if columns and len(columns.boxes) <= _MOST_NODES_OF_COLUMNS else None,
        "column_rows": column_rows(site, product, table, lineage) if lineage else [],
        "chosen_by": [site.place(product, ref) for ref in sorted(lineage.chosen_by.all)] if lineage else [],
    }


def _checks(facts: ProductFacts, table: Table) -> list[Any]:
    return [one for one in facts.checks if one.table == table.name]


def _moment(value: datetime) -> str:
    """A time in UTC to the minute."""
    return f"{value:%Y-%m-%d %H:%M} UTC"


def _prose(text: str) -> Markup:
    """A description; what stands in it between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _hours(value: float) -> str:
    return f"{value:g} hours"
