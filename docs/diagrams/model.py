"""What a diagram consists of, read from YAML: boxes at given places, and edges along given ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SIDES = ("left", "right", "top", "bottom")
Point = tuple[int, int]


class DiagramError(ValueError):
    """A source that cannot be drawn; one line says where and why."""


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def middle_of(self, side: str) -> Point:
        """The point in the middle of a side."""
        across, down = self.x + self.width // 2, self.y + self.height // 2
        return {
            "left": (self.x, down),
            "right": (self.right, down),
            "top": (across, self.y),
            "bottom": (across, self.bottom),
        }[side]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What boxes of one colour have in common."""

    name: str
    fill: str
    line: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """A frame around boxes; it may lie in another. Its label begins at `label_at`."""

    id: str
    label: str
    label_at: Point
    box: Box
    within: str | None


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box with a label and lines of text; `step` is its place in the flow of data."""

    id: str
    label: str
    text: tuple[str, ...]
    kind: str
    box: Box
    within: str | None
    step: int | None
    is_planned: bool


@dataclass(frozen=True, kw_only=True)
class Edge:
    """An arrow from a side of one box to a side of another; `points` are its corners, ends included."""

    source: str
    target: str
    sides: tuple[str, str]
    label: str
    points: tuple[Point, ...]
    is_planned: bool

    @property
    def id(self) -> str:
        return f"{self.source}--{self.target}"


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """All of it. Groups stand before those that lie in them."""

    title: str
    width: int
    height: int
    kinds: Mapping[str, Kind]
    legend: Point
    groups: tuple[Group, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def read_diagram(file: Path) -> Diagram:
    """The diagram of a YAML file. Raises DiagramError that names what is wrong in it."""
    source: Mapping[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    kinds = {name: Kind(**given) for name, given in source["kinds"].items()}
    groups = tuple(_group(one) for one in source["groups"])
    nodes = tuple(_node(one) for one in source["nodes"])
    boxes = _boxes(groups, nodes)
    for node in nodes:
        if node.kind not in kinds:
            raise DiagramError(f"node {node.id}: kind '{node.kind}' is unknown; choose one of: {', '.join(kinds)}")
        if node.within is not None and node.within not in {group.id for group in groups}:
            raise DiagramError(f"node {node.id}: group '{node.within}' is unknown; add it to groups")
    width, height = source["size"]
    return Diagram(
        title=source["title"],
        width=width,
        height=height,
        kinds=kinds,
        legend=(source["legend"][0], source["legend"][1]),
        groups=groups,
        nodes=nodes,
        edges=tuple(_edge(one, boxes) for one in source["edges"]),
    )


def _group(given: Mapping[str, Any]) -> Group:
    x, y = given["label_at"]
    return Group(id=given["id"], label=given["label"], label_at=(x, y), box=Box(*given["box"]), within=given.get("in"))


def _node(given: Mapping[str, Any]) -> Node:
    return Node(
        id=given["id"],
        label=given["label"],
        text=tuple(given.get("text", ())),
        kind=given["kind"],
        box=Box(*given["box"]),
        within=given.get("in"),
        step=given.get("step"),
        is_planned=given.get("planned", False),
    )


def _boxes(groups: Sequence[Group], nodes: Sequence[Node]) -> dict[str, Box]:
    boxes: dict[str, Box] = {}
    for name, box in (*((one.id, one.box) for one in groups), *((one.id, one.box) for one in nodes)):
        if name in boxes:
            raise DiagramError(f"box {name}: is there twice; give each its own id")
        boxes[name] = box
    return boxes


def _edge(given: Mapping[str, Any], boxes: Mapping[str, Box]) -> Edge:
    source, target = given["from"], given["to"]
    for end in (source, target):
        if end not in boxes:
            raise DiagramError(f"edge {source} to {target}: box '{end}' is unknown; correct its id")
    sides = (given["sides"][0], given["sides"][1])
    if not set(sides) <= set(SIDES):
        raise DiagramError(f"edge {source} to {target}: sides are {', '.join(SIDES)}; correct {list(sides)}")
    via = [(x, y) for x, y in given.get("via", ())]
    return Edge(
        source=source,
        target=target,
        sides=sides,
        label=given.get("label", ""),
        points=_points(boxes[source], boxes[target], sides, via, given.get("at")),
        is_planned=given.get("planned", False),
    )


def _points(
    source: Box, target: Box, sides: tuple[str, str], via: Sequence[Point], at: int | None
) -> tuple[Point, ...]:
    """The corners of an edge. Without `at` it begins in the middle of its side and goes straight to what is next."""
    first = _moved(source.middle_of(sides[0]), sides[0], at)
    last = target.middle_of(sides[1])
    if not via:  # straight: the smaller box says where
        is_smaller = _length(target, sides[1]) < _length(source, sides[0])
        first = _moved(first, sides[0], _along(last, sides[1]) if is_smaller and at is None else at)
        last = _moved(last, sides[1], _along(first, sides[0]))
    return (first, *via, last)


def _length(box: Box, side: str) -> int:
    return box.height if side in ("left", "right") else box.width


def _along(point: Point, side: str) -> int:
    return point[1] if side in ("left", "right") else point[0]


def _moved(point: Point, side: str, at: int | None) -> Point:
    """The point, moved along its side to the coordinate `at`."""
    if at is None:
        return point
    return (point[0], at) if side in ("left", "right") else (at, point[1])
