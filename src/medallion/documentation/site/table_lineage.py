"""A table's columns and what each is computed from, as rows of text with links and as a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medallion.column_lineage.origins import ROWS
from medallion.documentation.site.addresses import slug, table_page
from medallion.documentation.site.graph import Drawing, Graph, Node

if TYPE_CHECKING:
    from medallion.column_lineage.builds import TableLineage
    from medallion.contracts import Table
    from medallion.data_product import DataProduct
    from medallion.documentation.site.model import ColumnPlace, Site


@dataclass(frozen=True)
class ColumnRow:
    """A column, the columns that it is computed from and those that decide, and which columns use it."""

    name: str
    is_known: bool
    computed_from: tuple[ColumnPlace, ...]
    decided_by: tuple[ColumnPlace, ...]
    at_the_source: tuple[ColumnPlace, ...]
    used_by: tuple[ColumnPlace, ...]


def column_rows(site: Site, product: DataProduct, table: Table, lineage: TableLineage) -> list[ColumnRow]:
    """One row a column, in the contract's order."""
    owner, rows = f"{product.name}.{table.name}", []
    for name in table.column_names:
        origin = lineage.columns[name]
        rows.append(
            ColumnRow(
                name=name,
                is_known=origin.is_known,
                computed_from=tuple(site.computed_from(owner, name)),
                decided_by=tuple(site.decided_by(owner, name)),
                at_the_source=tuple(site.at_the_source(owner, name)),
                used_by=tuple(site.used_by(owner, name)),
            )
        )
    return rows


def column_drawing(site: Site, product: DataProduct, table: Table) -> Drawing | None:
    """The columns that a table's are computed from, on the left, and its own on the right; None without any."""
    owner = f"{product.name}.{table.name}"
    own: list[Node] = []
    others: dict[str, Node] = {}
    edges = []
    for column in table.columns:
        page = f"{table_page(product.name, table.name)}#column-{slug(column.name)}"
        key = f"{owner}.{column.name}"
        own.append(Node(key=key, label=column.name, caption=table.name, kind="own", page=page))
        for place in site.computed_from(owner, column.name):
            kind, label = "source" if place.is_source else "column", "rows" if place.name == ROWS else place.name
            others[place.text] = Node(key=place.text, label=label, caption=place.owner, kind=kind, page=place.page)
            edges.append((place.text, key))
    named = {start for start, _ in edges} | {end for _, end in edges}
    nodes = (*others.values(), *(one for one in own if one.key in named))
    return (
        Graph(nodes, tuple(edges)).drawn(f"Columns of {table.name} and what they are computed from") if edges else None
    )
