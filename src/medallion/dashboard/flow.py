"""The lineage graph as a picture: from sources to marts; a table's box can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from medallion.documentation.site.graph import table_graph

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.documentation.site.graph import Box, Drawing, Graph

_STYLE = """
.flow { overflow-x: auto; padding-bottom: 0.5rem; color: var(--st-text-color); font-family: var(--st-font); }
.flow svg { display: block; }
.edge { fill: none; stroke: currentColor; stroke-opacity: 0.3; stroke-width: 1.3; }
rect { fill: var(--st-background-color); stroke: currentColor; stroke-opacity: 0.45; stroke-width: 1.2; }
.source rect { stroke-dasharray: 4 3; }
.mart rect { stroke: var(--st-primary-color); stroke-opacity: 1; stroke-width: 2; }
.here rect { fill: #E69F00; fill-opacity: 0.3; }
[role=button] { cursor: pointer; outline: none; }
[role=button]:hover rect, [role=button]:focus-visible rect { fill: #56B4E9; fill-opacity: 0.35; stroke-opacity: 1; }
text { fill: currentColor; font-size: 12.5px; }
.caption { font-size: 10px; fill-opacity: 0.8; }
"""
_SCRIPT = """
export default function ({ data, parentElement, setTriggerValue }) {
  const place = parentElement.querySelector('.flow');
  place.innerHTML = data;
  const choose = (event) => {
    if (event.type === 'keydown' && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    setTriggerValue('chosen', event.currentTarget.getAttribute('data-key'));
  };
  const here = place.querySelector('.here rect');
  if (here) place.scrollLeft = Math.max(0, here.x.baseVal.value - place.clientWidth / 2);
  for (const box of place.querySelectorAll('[data-key]')) {
    box.onclick = choose;
    box.onkeydown = choose;
  }
}
"""


def show(graph: Graph, here: str, on_chosen: Callable[[str], None]) -> None:
    """The graph; `on_chosen` is called with the key (`product.table`) of the box that somebody chose."""
    mount = st.components.v2.component(
        "medallion_flow", html='<div class="flow" tabindex="0"></div>', css=_STYLE, js=_SCRIPT
    )

    def chosen() -> None:
        key = st.session_state["flow"].chosen
        if key in graph.by_key:
            on_chosen(key)

    mount(key="flow", data=picture(graph, here), on_chosen_change=chosen)


def graph_around(products: Sequence[DataProduct], product: DataProduct, table: str | None) -> tuple[Graph, str]:
    """What a table is made of and what is made of it, across products; without a table all of the product's."""
    whole = table_graph(products)
    if table is not None:
        here = f"{product.name}.{table}"
        return whole.around({here}), here
    own = {f"{product.name}.{step.table.name}" for step in product.steps}
    read = {start for start, end in whole.edges if end in own}
    return whole.only(own | read), ""


def picture(graph: Graph, here: str) -> str:
    """The graph as SVG; every text in it is escaped. Boxes of tables can be chosen."""
    drawing = graph.drawn("Lineage", (here,) if here else ())
    size = f'width="{drawing.width:.0f}" height="{drawing.height:.0f}"'
    view = f'viewBox="0 0 {drawing.width:.0f} {drawing.height:.0f}"'
    edges = "".join(f'<path class="edge" d="{escape(path)}"/>' for _, _, path in drawing.edges)
    return f"<svg {size} {view}>{edges}{''.join(_box(drawing, box) for box in drawing.boxes)}</svg>"


def _box(drawing: Drawing, box: Box) -> str:
    node = box.node
    words = escape(f"{node.caption}: {node.label}")
    lines = "".join(
        f'<text x="{box.x + 11:g}" y="{box.y + 17 + 15 * place:g}">{escape(line)}</text>'
        for place, line in enumerate(box.lines, 1)
    )
    kind = escape(node.kind) + (" here" if box.is_here else "")
    chosen = f' role="button" tabindex="0" data-key="{escape(node.key)}"' if node.kind != "source" else ""
    return (
        f'<g class="{kind}"{chosen} aria-label="{words}"><title>{words}</title>'
        f'<rect x="{box.x:g}" y="{box.y:g}" width="{drawing.box_width}" height="{drawing.box_height}" rx="6"/>'
        f'<text class="caption" x="{box.x + 11:g}" y="{box.y + 17:g}">{escape(node.caption)}</text>{lines}</g>'
    )
