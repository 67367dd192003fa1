"""The architecture's diagram: one source, two drawings that agree with it, and nothing that covers anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from docs.diagrams.__main__ import main
from docs.diagrams.drawio import drawio
from docs.diagrams.model import Box, Diagram, DiagramError, Edge, Point, read_diagram
from docs.diagrams.svg import EDGE_SIZE, LABEL_SIZE, TEXT_SIZE, label_lines, svg, width_of

DOCS = Path(__file__).parents[2] / "docs"
SOURCE = DOCS / "architecture.yaml"
Segment = tuple[Point, Point]
Change = Callable[[dict[str, Any]], None]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def diagram() -> Diagram:
    return read_diagram(SOURCE)


@pytest.fixture(scope="module")
def cells() -> dict[str, ET.Element]:
    """The cells of the draw.io file by id."""
    found = list(ET.parse(SOURCE.with_suffix(".drawio")).iter("mxCell"))
    by_id = {cell.attrib["id"]: cell for cell in found}
    assert len(by_id) == len(found), "an id is there twice"
    return by_id


def segments(edge: Edge) -> Iterator[Segment]:
    yield from zip(edge.points, edge.points[1:], strict=False)


def covers(box: Box, segment: Segment) -> bool:
    """Whether an upright or level line runs through the inside of a box."""
    (left, right), (top, bottom) = (sorted(values) for values in zip(*segment, strict=True))
    return left < box.right and right > box.x and top < box.bottom and bottom > box.y


def meet(one: Box, other: Box) -> bool:
    return one.x < other.right and one.right > other.x and one.y < other.bottom and one.bottom > other.y


def label_boxes(edge: Edge) -> list[Box]:
    """What the lines of an edge's label cover."""
    found = []
    for (x, y), text, anchor in label_lines(edge) if edge.label else ():
        width = round(width_of(text, EDGE_SIZE))
        found.append(Box(x - (width // 2 if anchor == "middle" else 0), y - 10, width, 12))
    return found


def test_the_drawings_are_those_of_the_source(diagram: Diagram) -> None:
    assert SOURCE.with_suffix(".svg").read_text(encoding="utf-8") == svg(diagram), "make diagrams"
    assert SOURCE.with_suffix(".drawio").read_text(encoding="utf-8") == drawio(diagram), "make diagrams"


def test_the_svg_has_every_box_and_edge_of_the_source(diagram: Diagram) -> None:
    root = ET.parse(SOURCE.with_suffix(".svg")).getroot()
    boxes = {one.attrib["id"] for one in root.iter(f"{SVG}g")}
    edges = {one.attrib["id"] for one in root.iter(f"{SVG}path") if "id" in one.attrib}
    assert boxes == {one.id for one in (*diagram.groups, *diagram.nodes)}
    assert edges == {edge.id for edge in diagram.edges}


def test_the_svg_says_every_label_of_the_source(diagram: Diagram) -> None:
    said = " ".join("".join(one.itertext()) for one in ET.parse(SOURCE.with_suffix(".svg")).iter(f"{SVG}text"))
    labels = [one.label for one in (*diagram.groups, *diagram.nodes, *diagram.edges)]
    assert [label for label in labels if label not in said] == []


def test_the_drawio_file_has_every_box_and_edge_of_the_source(diagram: Diagram, cells: dict[str, ET.Element]) -> None:
    vertices = {name for name, cell in cells.items() if cell.get("vertex") == "1"}
    ends = {(cell.get("source"), cell.get("target")) for cell in cells.values() if cell.get("edge") == "1"}
    assert vertices == {"title", *(one.id for one in (*diagram.groups, *diagram.nodes))}
    assert ends == {(edge.source, edge.target) for edge in diagram.edges}


def test_cells_of_the_drawio_file_lie_in_cells_and_have_a_size(cells: dict[str, ET.Element]) -> None:
    assert cells["0"].get("parent") is None
    assert {cell.get("parent") for name, cell in cells.items() if name != "0"} <= set(cells)
    for cell in (one for one in cells.values() if one.get("vertex") == "1"):
        geometry = cell.find("mxGeometry")
        assert geometry is not None
        assert geometry.get("as") == "geometry"
        assert min(int(geometry.attrib[side]) for side in ("x", "y", "width", "height")) >= 0


def test_edges_of_the_drawio_file_join_vertices(cells: dict[str, ET.Element]) -> None:
    for cell in (one for one in cells.values() if one.get("edge") == "1"):
        ends = [cells[cell.attrib[end]].get("vertex") for end in ("source", "target")]
        geometry = cell.find("mxGeometry")
        assert ends == ["1", "1"]
        assert geometry is not None
        assert geometry.get("relative") == "1"


def test_places_in_the_drawio_file_are_those_of_the_source(diagram: Diagram, cells: dict[str, ET.Element]) -> None:
    def corner(name: str) -> Point:
        geometry = cells[name].find("mxGeometry")
        assert geometry is not None
        x, y = int(geometry.attrib["x"]), int(geometry.attrib["y"])
        parent = cells[name].attrib["parent"]
        left, top = (0, 0) if parent == "1" else corner(parent)
        return left + x, top + y

    boxes = (*diagram.groups, *diagram.nodes)
    assert {one.id: corner(one.id) for one in boxes} == {one.id: (one.box.x, one.box.y) for one in boxes}


def test_boxes_do_not_cover_each_other(diagram: Diagram) -> None:
    assert [(one.id, other.id) for one, other in combinations(diagram.nodes, 2) if meet(one.box, other.box)] == []


def test_boxes_lie_within_their_group(diagram: Diagram) -> None:
    frames = {group.id: group.box for group in diagram.groups}
    page = Box(0, 0, diagram.width, diagram.height)
    for one in (*diagram.groups, *diagram.nodes):
        frame = frames[one.within] if one.within else page
        assert frame.x <= one.box.x, one.id
        assert one.box.right <= frame.right, one.id
        assert frame.y <= one.box.y, one.id
        assert one.box.bottom <= frame.bottom, one.id


def test_text_fits_into_its_box(diagram: Diagram) -> None:
    for node in diagram.nodes:
        widest = max(width_of(node.label, LABEL_SIZE), *(width_of(line, TEXT_SIZE) for line in ("", *node.text)))
        assert widest <= node.box.width, node.id
        assert LABEL_SIZE + 15 * len(node.text) <= node.box.height, node.id


def test_edges_are_upright_or_level_and_cross_no_box(diagram: Diagram) -> None:
    for edge in diagram.edges:
        for segment in segments(edge):
            assert segment[0][0] == segment[1][0] or segment[0][1] == segment[1][1], edge.id
            assert [node.id for node in diagram.nodes if covers(node.box, segment)] == [], edge.id


def test_edges_do_not_cross_each_other(diagram: Diagram) -> None:
    for one, other in combinations(diagram.edges, 2):
        for first in segments(one):
            (left, right), (top, bottom) = (sorted(values) for values in zip(*first, strict=True))
            line = Box(left - 1, top - 1, right - left + 2, bottom - top + 2)
            assert not any(covers(line, second) for second in segments(other)), (one.id, other.id)


def test_labels_of_edges_cover_neither_boxes_nor_edges_nor_each_other(diagram: Diagram) -> None:
    labels = [(edge.id, box) for edge in diagram.edges for box in label_boxes(edge)]
    for name, box in labels:
        assert [node.id for node in diagram.nodes if meet(box, node.box)] == [], name
        assert [edge.id for edge in diagram.edges if any(covers(box, one) for one in segments(edge))] == [], name
    assert [(one[0], other[0]) for one, other in combinations(labels, 2) if meet(one[1], other[1])] == []


def test_steps_count_up_along_the_flow(diagram: Diagram) -> None:
    steps = [node.step for node in diagram.nodes if node.step is not None]
    assert steps == list(range(1, len(steps) + 1))


def _unknown_kind(source: dict[str, Any]) -> None:
    source["nodes"][0]["kind"] = "cloud"


def _unknown_group(source: dict[str, Any]) -> None:
    source["nodes"][0]["in"] = "moon"


def _unknown_end(source: dict[str, Any]) -> None:
    source["edges"][0]["to"] = "nowhere"


def _unknown_side(source: dict[str, Any]) -> None:
    source["edges"][0]["sides"] = ["front", "top"]


def _same_id(source: dict[str, Any]) -> None:
    source["nodes"][1]["id"] = source["nodes"][0]["id"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_unknown_kind, "node drive: kind 'cloud' is unknown; choose one of: compute, control"),
        (_unknown_group, "node drive: group 'moon' is unknown; add it to groups"),
        (_unknown_end, "edge drive to nowhere: box 'nowhere' is unknown; correct its id"),
        (_unknown_side, r"edge drive to drive_ingest: sides are left, right, top, bottom; correct \['front', 'top'\]"),
        (_same_id, "box drive: is there twice; give each its own id"),
    ],
)
def test_a_source_that_cannot_be_drawn_is_refused_with_a_line(change: Change, message: str, tmp_path: Path) -> None:
    source = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    change(source)
    file = tmp_path / "broken.yaml"
    file.write_text(yaml.safe_dump(source), encoding="utf-8")
    with pytest.raises(DiagramError, match=message):
        read_diagram(file)


def test_a_source_that_is_not_there_is_named() -> None:
    with pytest.raises(SystemExit, match=r"error: no\.yaml: .*No such file"):
        main(["no.yaml"])


def test_both_drawings_are_written_beside_the_source(tmp_path: Path) -> None:
    file = tmp_path / "copy.yaml"
    file.write_bytes(SOURCE.read_bytes())
    main([str(file)])
    assert sorted(one.name for one in tmp_path.iterdir()) == ["copy.drawio", "copy.svg", "copy.yaml"]
