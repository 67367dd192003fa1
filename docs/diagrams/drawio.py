"""A diagram as a file of draw.io: the same boxes and ways, to be gone on with by hand."""

from __future__ import annotations

from html import escape
from xml.etree import ElementTree as ET

from docs.diagrams.model import Box, Diagram, Edge, Group, Kind, Node
from docs.diagrams.svg import EDGE_SIZE, FAINT, FLOW, LABEL_SIZE, TEXT_SIZE, TITLE_SIZE

LAYER = "1"  # draw.io's own root is 0, its first layer 1


def drawio(diagram: Diagram) -> str:
    """The whole file, ending in a newline. What lies in a group is the group's, so both are moved together."""
    file = ET.Element("mxfile", host="app.diagrams.net", type="device")
    page = ET.SubElement(file, "diagram", id="page", name=diagram.title)
    model = ET.SubElement(
        page,
        "mxGraphModel",
        page="1",
        pageWidth=str(diagram.width),
        pageHeight=str(diagram.height),
        grid="1",
        gridSize="4",
        math="0",
        shadow="0",
    )
    root = ET.SubElement(model, "root")
    ET.SubElement(root, "mxCell", id="0")
    _cell(root, {"id": LAYER, "parent": "0"})
    boxes = {group.id: group.box for group in diagram.groups}
    _title(root, diagram)
    for group in diagram.groups:
        _vertex(root, group, _group_style(group), f"<b>{escape(group.label)}</b>", boxes)
    for node in diagram.nodes:
        _vertex(root, node, _node_style(node, diagram.kinds[node.kind]), _node_label(node), boxes)
    everything = boxes | {node.id: node.box for node in diagram.nodes}
    for edge in diagram.edges:
        _edge(root, edge, everything)
    ET.indent(file, space=" ")
    return ET.tostring(file, encoding="unicode") + "\n"


def _cell(root: ET.Element, attributes: dict[str, str]) -> ET.Element:
    return ET.SubElement(root, "mxCell", attributes)


def _style(**values: object) -> str:
    return "".join(f"{name}={value};" for name, value in values.items())


def _title(root: ET.Element, diagram: Diagram) -> None:
    style = "text;" + _style(html=1, fontSize=TITLE_SIZE, fontStyle=1, align="left", verticalAlign="middle")
    cell = _cell(root, {"id": "title", "value": diagram.title, "style": style, "vertex": "1", "parent": LAYER})
    _geometry(cell, Box(36, 16, diagram.width - 72, 32), None)


def _group_style(group: Group) -> str:
    filled = {"fillColor": "#f8fafc", "dashed": 1} if group.within else {"fillColor": "none"}
    x, y = group.label_at[0] - group.box.x, group.label_at[1] - group.box.y - LABEL_SIZE
    return _style(
        rounded=1,
        arcSize=2,
        html=1,
        container=1,
        collapsible=0,
        align="left",
        verticalAlign="top",
        spacingLeft=x,
        spacingTop=y,
        fontSize=LABEL_SIZE,
        fontColor=FAINT,
        strokeColor=FAINT,
        **filled,
    )


def _node_style(node: Node, kind: Kind) -> str:
    return _style(
        rounded=1,
        arcSize=10,
        html=1,
        whiteSpace="wrap",
        fontSize=LABEL_SIZE,
        fillColor=kind.fill,
        strokeColor=kind.line,
        strokeWidth=2,
        dashed=int(node.is_planned),
    )


def _node_label(node: Node) -> str:
    step = f"{node.step}. " if node.step is not None else ""
    lines = "".join(f'<br><span style="font-size: {TEXT_SIZE}px">{escape(line)}</span>' for line in node.text)
    return f"<b>{step}{escape(node.label)}</b>{lines}"


def _vertex(root: ET.Element, one: Group | Node, style: str, label: str, groups: dict[str, Box]) -> None:
    parent = one.within or LAYER
    cell = _cell(root, {"id": one.id, "value": label, "style": style, "vertex": "1", "parent": parent})
    _geometry(cell, one.box, groups.get(parent))


def _geometry(cell: ET.Element, box: Box, within: Box | None) -> None:
    """A place relative to that of the group that it lies in."""
    x, y = (box.x - within.x, box.y - within.y) if within else (box.x, box.y)
    sizes = {"x": x, "y": y, "width": box.width, "height": box.height}
    ET.SubElement(cell, "mxGeometry", {**{name: str(value) for name, value in sizes.items()}, "as": "geometry"})


def _edge(root: ET.Element, edge: Edge, boxes: dict[str, Box]) -> None:
    (exit_x, exit_y), (entry_x, entry_y) = (
        _share(boxes[name], point) for name, point in ((edge.source, edge.points[0]), (edge.target, edge.points[-1]))
    )
    style = _style(
        edgeStyle="orthogonalEdgeStyle" if len(edge.points) > 2 else "none",
        html=1,
        rounded=0,
        endArrow="block",
        endFill=1,
        strokeColor=FLOW,
        strokeWidth=2,
        fontSize=EDGE_SIZE,
        fontColor=FAINT,
        dashed=int(edge.is_planned),
        exitX=exit_x,
        exitY=exit_y,
        exitDx=0,
        exitDy=0,
        entryX=entry_x,
        entryY=entry_y,
        entryDx=0,
        entryDy=0,
    )
    cell = _cell(root, {"id": edge.id, "value": edge.label, "style": style, "edge": "1", "parent": LAYER})
    cell.attrib |= {"source": edge.source, "target": edge.target}
    geometry = ET.SubElement(cell, "mxGeometry", {"relative": "1", "as": "geometry"})
    if corners := edge.points[1:-1]:
        points = ET.SubElement(geometry, "Array", {"as": "points"})
        for x, y in corners:
            ET.SubElement(points, "mxPoint", x=str(x), y=str(y))


def _share(box: Box, point: tuple[int, int]) -> tuple[float, float]:
    """Where a point lies on a box, from 0 to 1 in both directions."""
    return round((point[0] - box.x) / box.width, 4), round((point[1] - box.y) / box.height, 4)
