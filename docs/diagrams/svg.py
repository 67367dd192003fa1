"""A diagram as SVG: shapes and text only, with a ground of its own, so that it is readable on dark pages as well."""

from __future__ import annotations

from html import escape

from docs.diagrams.model import Box, Diagram, Edge, Group, Kind, Node, Point

FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
LABEL_SIZE, TEXT_SIZE, EDGE_SIZE, TITLE_SIZE = 15, 12.5, 12, 21
INK, FAINT, GROUND, FLOW = "#111827", "#4b5563", "#ffffff", "#1f2937"
_CHARACTER = 0.5  # mean width of a character, in font sizes
_LINE = 15


def svg(diagram: Diagram) -> str:
    """The whole file, ending in a newline."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {diagram.width} {diagram.height}"'
        f' width="{diagram.width}" height="{diagram.height}" font-family="{FONT}" role="img" aria-labelledby="title">',
        f'<title id="title">{escape(diagram.title)}</title>',
        _markers(),
        f'<rect width="{diagram.width}" height="{diagram.height}" rx="12" fill="{GROUND}"/>',
        _text((36, 40), diagram.title, TITLE_SIZE, INK, weight="bold", anchor="start"),
        *_legend(diagram),
        *(_group(group) for group in diagram.groups),
        *(_edge(edge) for edge in diagram.edges),
        *(_node(node, diagram.kinds[node.kind]) for node in diagram.nodes),
        *(_edge_label(edge) for edge in diagram.edges if edge.label),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def width_of(text: str, size: float) -> float:
    """About how wide a text is, in pixels."""
    return len(text) * size * _CHARACTER


def label_lines(edge: Edge) -> list[tuple[Point, str, str]]:
    """Where each line of an edge's label stands, its text, and where it is anchored: beside the longest part.

    Above a level part, or a word above and a word below where it is short; to the right of an upright one.
    """
    parts = list(zip(edge.points, edge.points[1:], strict=False))
    (x, y), (right, bottom) = max(parts, key=lambda part: sum(abs(a - b) for a, b in zip(*part, strict=True)))
    across, down = (x + right) // 2, (y + bottom) // 2
    if x == right:
        return [((across + 8, down + 4), edge.label, "start")]
    if width_of(edge.label, EDGE_SIZE) <= abs(right - x) - 12 or " " not in edge.label:
        return [((across, down - 9), edge.label, "middle")]
    above, below = edge.label.split(" ", 1)
    return [((across, down - 9), above, "middle"), ((across, down + 17), below, "middle")]


def _markers() -> str:
    return (
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8"'
        f' orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" fill="{FLOW}"/></marker></defs>'
    )


def _text(
    place: Point,
    text: str,
    size: float,
    fill: str,
    *,
    weight: str = "normal",
    anchor: str = "middle",
) -> str:
    return (
        f'<text x="{place[0]}" y="{place[1]}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}"'
        f' fill="{fill}">{escape(text)}</text>'
    )


def _legend(diagram: Diagram) -> list[str]:
    x, y = diagram.legend
    parts = []
    for kind in diagram.kinds.values():
        parts.append(
            f'<rect x="{x}" y="{y}" width="18" height="18" rx="4" fill="{kind.fill}" stroke="{kind.line}"'
            ' stroke-width="1.5"/>'
        )
        parts.append(_text((x + 26, y + 14), kind.name, TEXT_SIZE, FAINT, anchor="start"))
        x += 26 + round(width_of(kind.name, TEXT_SIZE)) + 30
    parts.append(f'<path d="M{x} {y + 9}H{x + 30}" stroke="{FLOW}" stroke-dasharray="6 5" stroke-width="1.8"/>')
    parts.append(_text((x + 38, y + 14), "planned", TEXT_SIZE, FAINT, anchor="start"))
    return parts


def _group(group: Group) -> str:
    box, is_inner = group.box, group.within is not None
    fill, dashes = ("#f8fafc", ' stroke-dasharray="7 5"') if is_inner else ("none", "")
    frame = (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="10" fill="{fill}"'
        f' stroke="{FAINT}" stroke-width="1.5"{dashes}/>'
    )
    label = _text(group.label_at, group.label, LABEL_SIZE, FAINT, weight="bold", anchor="start")
    return f'<g id="{group.id}">{frame}{label}</g>'


def _node(node: Node, kind: Kind) -> str:
    dashes = ' stroke-dasharray="6 5"' if node.is_planned else ""
    parts = [
        f'<rect x="{node.box.x}" y="{node.box.y}" width="{node.box.width}" height="{node.box.height}" rx="8"'
        f' fill="{kind.fill}" stroke="{kind.line}" stroke-width="1.8"{dashes}/>'
    ]
    across, lines = node.box.x + node.box.width // 2, list(node.text)
    top = node.box.y + (node.box.height - LABEL_SIZE - _LINE * len(lines)) // 2 + LABEL_SIZE - 3
    parts.append(_text((across, top), node.label, LABEL_SIZE, INK, weight="bold"))
    for number, line in enumerate(lines, 1):
        if line:
            parts.append(_text((across, top + 2 + number * _LINE), line, TEXT_SIZE, INK))
    if node.step is not None:
        parts.append(_badge(node.box, node.step, kind))
    return f'<g id="{node.id}">{"".join(parts)}</g>'


def _badge(box: Box, step: int, kind: Kind) -> str:
    circle = f'<circle cx="{box.x + 2}" cy="{box.y + 2}" r="11" fill="{kind.line}"/>'
    return circle + _text((box.x + 2, box.y + 6), str(step), TEXT_SIZE, GROUND, weight="bold")


def _edge(edge: Edge) -> str:
    way = " ".join(f"{'M' if number == 0 else 'L'}{x} {y}" for number, (x, y) in enumerate(edge.points))
    dashes = ' stroke-dasharray="6 5"' if edge.is_planned else ""
    look = f'fill="none" stroke="{FLOW}" stroke-width="1.8" marker-end="url(#tip)"{dashes}'
    return f'<path id="{edge.id}" d="{way}" {look}/>'


def _edge_label(edge: Edge) -> str:
    return "".join(_text(place, line, EDGE_SIZE, FAINT, anchor=anchor) for place, line, anchor in label_lines(edge))
