"""The lineage graph across products and tables, and its picture as SVG."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from medallion.contracts import BRONZE_PREFIX, Layer
from medallion.documentation.site.addresses import product_page, table_page
from medallion.documentation.site.layout import NODE_WIDTH, Edge, layout

if TYPE_CHECKING:
    from medallion.data_product import DataProduct

_LINE, _PADDING, _LONGEST = 15, 9, 20


@dataclass(frozen=True, kw_only=True)
class Node:
    """A source, a table, or a product: what it is called, what is written above that, and its page."""

    key: str
    label: str
    caption: str
    kind: str
    page: str


@dataclass(frozen=True)
class Box:
    """A node as it is drawn: its corner, and its label in lines that fit."""

    node: Node
    x: float
    y: float
    lines: tuple[str, ...]
    is_here: bool


@dataclass(frozen=True)
class Drawing:
    """A graph as it is drawn. `edges` are (from, to, path of the SVG)."""

    title: str
    boxes: tuple[Box, ...]
    edges: tuple[tuple[str, str, str], ...]
    width: float
    height: float
    box_width: int
    box_height: int


@dataclass(frozen=True)
class Graph:
    """Nodes in order, and edges from what is read to what is built of it."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def by_key(self) -> dict[str, Node]:
        return {node.key: node for node in self.nodes}

    def around(self, keys: Collection[str]) -> Graph:
        """These nodes with all that leads to them and all that they lead to."""
        chosen = {*keys}
        for start, end in ((0, 1), (1, 0)):
            reached = {*keys}
            while new := {edge[start] for edge in self.edges if edge[end] in reached} - reached:
                reached |= new
            chosen |= reached
        return self.only(chosen)

    def only(self, keys: Collection[str]) -> Graph:
        """These nodes and the edges between them."""
        return Graph(
            tuple(node for node in self.nodes if node.key in keys),
            tuple(edge for edge in self.edges if edge[0] in keys and edge[1] in keys),
        )

    def read_by(self, key: str) -> list[Node]:
        """What a node is built of."""
        return [self.by_key[start] for start, end in self.edges if end == key]

    def readers_of(self, key: str) -> list[Node]:
        """What is built of a node."""
        return [self.by_key[end] for start, end in self.edges if start == key]

    def drawn(self, title: str, here: Collection[str] = ()) -> Drawing:
        """The picture; the nodes of the page it stands on are marked."""
        lines = {node.key: tuple(_lines(node.label)) for node in self.nodes}
        height = _LINE * (1 + max((len(one) for one in lines.values()), default=1)) + _PADDING
        found = layout([node.key for node in self.nodes], self.edges, height)
        boxes = tuple(
            Box(node, *found.places[node.key], lines=lines[node.key], is_here=node.key in here) for node in self.nodes
        )
        edges = tuple((start, end, _curve(found.paths[start, end])) for start, end in self.edges)
        return Drawing(title, boxes, edges, found.width, found.height, NODE_WIDTH, height)


def table_graph(products: Sequence[DataProduct]) -> Graph:
    """Sources, silver tables and marts of all products; a product's inputs are other products' marts."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for product in products:
        nodes += _own_nodes(product)
        for step in product.steps:
            edges += [
                (key_of(product, name), f"{product.name}.{step.table.name}") for name in product.published_inputs(step)
            ]
    return _graph(nodes, edges)


def product_graph(products: Sequence[DataProduct]) -> Graph:
    """Where products get their rows: systems and files, and other products."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for product in products:
        page = product_page(product.name)
        for source in product.sources:
            key = f"source {product.name}.{source.name}"
            kind = "files" if source.file_pattern else "database table"
            nodes.append(Node(key=key, label=source.origin, caption=kind, kind="source", page=f"{page}#inputs"))
            edges.append((key, product.name))
        caption = product.governance.domain.name if product.governance.domain else "product"
        nodes.append(Node(key=product.name, label=product.title, caption=caption, kind="product", page=page))
        edges += [(one, product.name) for one in dict.fromkeys(one.product for one in product.inputs)]
    return _graph(nodes, edges)


def _graph(nodes: Sequence[Node], edges: Sequence[Edge]) -> Graph:
    """The graph with the edges that lead on in the order of the nodes: what is read stands before what reads it."""
    place = {node.key: number for number, node in enumerate(nodes)}
    onward = [edge for edge in edges if {*edge} <= place.keys() and place[edge[0]] < place[edge[1]]]
    return Graph(tuple(nodes), tuple(dict.fromkeys(onward)))


def key_of(product: DataProduct, name: str) -> str:
    """The node that a build of the product means by `name`."""
    if name.startswith(BRONZE_PREFIX):
        return f"source {product.name}.{name.removeprefix(BRONZE_PREFIX)}"
    return next((str(one) for one in product.versions_read if one.name == name), f"{product.name}.{name}")


def _own_nodes(product: DataProduct) -> Iterator[Node]:
    for source in product.sources:
        kind = "files" if source.file_pattern else "database table"
        key, page = f"source {product.name}.{source.name}", f"{product_page(product.name)}#source-{source.name}"
        yield Node(key=key, label=source.origin, caption=kind, kind="source", page=page)
    for step in product.steps:
        table = step.table
        kind = "mart" if table.layer is Layer.GOLD else str(table.layer)
        page = table_page(product.name, table.name)
        caption = f"{product.name} · {kind}"
        yield Node(key=f"{product.name}.{table.name}", label=table.name, caption=caption, kind=kind, page=page)


def _lines(label: str) -> Iterator[str]:
    """A label in lines that fit a box, broken behind a blank, dot, underscore or star."""
    rest = label
    while len(rest) > _LONGEST:
        breaks = [place for place in range(1, _LONGEST + 1) if rest[place - 1] in " ._*"]
        end = breaks[-1] if breaks else _LONGEST
        yield rest[:end].rstrip()
        rest = rest[end:]
    yield rest


def _curve(points: Sequence[tuple[float, float]]) -> str:
    """A path that leaves and enters boxes level: straight along a layer, curved between two."""
    x, y = points[0]
    parts = [f"M{x:g} {y:g}"]
    for place, (next_x, next_y) in enumerate(points[1:]):
        middle = (x + next_x) / 2
        is_along = place % 2 == 1
        parts.append(f"H{next_x:g}" if is_along else f"C{middle:g} {y:g} {middle:g} {next_y:g} {next_x:g} {next_y:g}")
        x, y = next_x, next_y
    return "".join(parts)
