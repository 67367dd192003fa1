"""Where the pages of the site are, relative to its root; names that are no safe file names become ones."""

from __future__ import annotations

import re

START, LINEAGE = "index.html", "lineage.html"


def domain_page(name: str) -> str:
    """A domain's page."""
    return f"domains/{slug(name)}.html"


def product_page(name: str) -> str:
    """A product's page."""
    return f"products/{slug(name)}.html"


def table_page(product: str, table: str) -> str:
    """A published table's page."""
    return f"tables/{slug(product)}.{slug(table)}.html"


def contract_file(product: str, port: str) -> str:
    """An output port's contract."""
    return f"contracts/{slug(product)}.{slug(port)}.odcs.yaml"


def slug(name: str) -> str:
    """`Sales & more` as `sales-more`."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or "unnamed"


def root_of(page: str) -> str:
    """The way from a page back to the root."""
    return "../" * page.count("/")
