"""The lineage graph as a picture: from sources to marts; each box leads to the graph around it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from medallion.documentation.site.graph import table_graph

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.documentation.site.graph import Box, Drawing, Graph

_STYLE = """
<style>
.flow { overflow-x: auto; padding-bottom: 0.5rem; }
.flow svg { display: block; font-family: inherit; }
.flow .edge { fill: none; stroke: currentColor; stroke-opacity: 0.3; stroke-width: 1.3; }
.flow rect { fill: transparent; stroke: currentColor; stroke-opacity: 0.45; stroke-width: 1.2; }
.flow .source rect { stroke-dasharray: 4 3; }
.flow .mart rect { stroke: #0072B2; stroke-opacity: 1; stroke-width: 2; }
.flow .here rect { fill: #E69F00; fill-opacity: 0.28; }
.flow a:hover rect, .flow a:focus rect { fill: #56B4E9; fill-opacity: 0.3; }
.flow a { color: inherit; text-decoration: none; }
.flow text { fill: currentColor; font-size: 12.5px; }
.flow .caption { font-size: 10px; fill-opacity: 0.75; }
</style>
"""


def graph_around(products: Sequence[DataProduct], product: DataProduct, table: str | None) -> tuple[Graph, str]:
    """What a table is made of and what is made of it, across products; without a table all of the product's."""
    whole = table_graph(products)
    if table is not None:
        here = f"{product.name}.{table}"
        return whole.around({here}), here
    own = {f"{product.name}.{step.table.name}" for step in product.steps}
    read = {start for start, end in whole.edges if end in own}
    return whole.only(own | read), ""


def picture(graph: Graph, here: str, page: str) -> str:
    """The graph as HTML; boxes are links to `page` with the table in its address."""
    drawing = graph.drawn("Lineage", (here,) if here else ())
    size = f'width="{drawing.width:.0f}" height="{drawing.height:.0f}"'
    view = f'viewBox="0 0 {drawing.width:.0f} {drawing.height:.0f}"'
    edges = "".join(f'<path class="edge" d="{escape(path)}"/>' for _, _, path in drawing.edges)
    boxes = "".join(_box(drawing, box, page) for box in drawing.boxes)
    return f'{_STYLE}<div class="flow" tabindex="0"><svg {size} {view} role="group">{edges}{boxes}</svg></div>'


def _box(drawing: Drawing, box: Box, page: str) -> str:
    node = box.node
    words = escape(f"{node.caption}: {node.label}")
    lines = "".join(
        f'<text x="{box.x + 11:g}" y="{box.y + 17 + 15 * place:g}">{escape(line)}</text>'
        for place, line in enumerate(box.lines, 1)
    )
    body = (
        f"<title>{words}</title>"
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{drawing.box_width}" height="{drawing.box_height}" rx="6"/>'
        f'<text class="caption" x="{box.x + 11:g}" y="{box.y + 17:g}">{escape(node.caption)}</text>{lines}'
    )
    kind = escape(node.kind) + (" here" if box.is_here else "")
    product, dot, table = node.key.partition(".")
    if not dot or node.kind == "source":
        return f'<g class="{kind}">{body}</g>'
    address = urlencode({"product": product, "part": "lineage", "table": table})
    return f'<a class="{kind}" href="{page}?{address}" target="_self" aria-label="{words}">{body}</a>'
