"""Where the nodes of a directed graph without cycles are drawn: in layers from left to right, with few crossings.

After Sugiyama: a node's layer is the longest way to it, long edges pass through places of their own in the layers
between, nodes are put near the middle of what they are joined to. The same graph gives the same picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

NODE_WIDTH, LAYER_GAP, NODE_GAP, BEND_GAP, MARGIN = 164, 40, 12, 10, 8
_SWEEPS = 12
Edge = tuple[str, str]


@dataclass(frozen=True)
class Layout:
    """The left upper corner of each node, the points that each edge passes, and the size of the whole, in pixels."""

    places: Mapping[str, tuple[float, float]]
    paths: Mapping[Edge, tuple[tuple[float, float], ...]]
    width: float
    height: float


def layout(nodes: Sequence[str], edges: Sequence[Edge], node_height: int) -> Layout:
    """Lay out a graph; its unconnected parts stand one below the other, in the order of their first nodes."""
    places: dict[str, tuple[float, float]] = {}
    paths: dict[Edge, tuple[tuple[float, float], ...]] = {}
    top, width = float(MARGIN), 0.0
    for part in _parts(nodes, edges):
        own = [edge for edge in edges if edge[0] in part]
        drawn = _Part([name for name in nodes if name in part], own, node_height)
        drawn.place()
        for name in part:
            x, y = drawn.corner(name)
            places[name] = (x, y + top)
        for edge in own:
            paths[edge] = tuple((x, y + top) for x, y in drawn.path(edge))
        top += drawn.height + 2 * NODE_GAP
        width = max(width, drawn.width)
    return Layout(places, paths, width, top - 2 * NODE_GAP + MARGIN if places else 0)


def _parts(nodes: Sequence[str], edges: Sequence[Edge]) -> list[set[str]]:
    """The nodes of each connected part."""
    near: dict[str, set[str]] = defaultdict(set)
    for start, end in edges:
        near[start].add(end)
        near[end].add(start)
    parts: list[set[str]] = []
    for name in nodes:
        if any(name in part for part in parts):
            continue
        part, waiting = {name}, [name]
        while waiting:
            new = near[waiting.pop()] - part
            part |= new
            waiting += sorted(new)
        parts.append(part)
    return parts


class _Part:
    """One connected part: layers of nodes and of the places where long edges pass, each with its height's middle."""

    def __init__(self, nodes: Sequence[str], edges: Sequence[Edge], node_height: int) -> None:
        self._node_height = node_height
        self._layer = _layers(nodes, edges)
        self._chains: dict[Edge, list[str]] = {}
        self._rows: list[list[str]] = [[] for _ in range(max(self._layer.values()) + 1)]
        for name in nodes:
            self._rows[self._layer[name]].append(name)
        self._before: dict[str, list[str]] = defaultdict(list)
        self._after: dict[str, list[str]] = defaultdict(list)
        self._bends: set[str] = set()
        for edge in edges:
            self._join(edge)
        self._middle: dict[str, float] = {}

    def _join(self, edge: Edge) -> None:
        start, end = edge
        chain = [start]
        for layer in range(self._layer[start] + 1, self._layer[end]):
            bend = f"{start} → {end} at {layer}"
            self._bends.add(bend)
            self._rows[layer].append(bend)
            chain.append(bend)
        chain.append(end)
        self._chains[edge] = chain
        for one, other in pairwise(chain):
            self._after[one].append(other)
            self._before[other].append(one)

    def place(self) -> None:
        """Order the layers by what they are joined to, then find the heights."""
        best, fewest = [list(row) for row in self._rows], self._crossings()
        for sweep in range(_SWEEPS):
            forwards = sweep % 2 == 0
            rows = self._rows[1:] if forwards else self._rows[-2::-1]
            for row in rows:
                self._order(row, self._before if forwards else self._after)
            if (crossings := self._crossings()) < fewest:
                best, fewest = [list(row) for row in self._rows], crossings
        self._rows = best
        for row in self._rows:
            self._stack(row, dict.fromkeys(row, 0.0))
        for sweep in range(_SWEEPS):
            forwards = sweep % 2 == 0
            for row in self._rows if forwards else self._rows[::-1]:
                self._stack(row, {name: self._wish(name, forwards=forwards) for name in row})
        highest = min(self._middle[name] - self._height(name) / 2 for name in self._middle)
        self._middle = {name: y - highest for name, y in self._middle.items()}

    def _order(self, row: list[str], near: Mapping[str, list[str]]) -> None:
        position = {name: place for other in self._rows for place, name in enumerate(other)}
        now = {name: float(place) for place, name in enumerate(row)}
        means = {n: sum(position[o] for o in near[n]) / len(near[n]) if near.get(n) else now[n] for n in row}
        row.sort(key=lambda name: (means[name], now[name]))

    def _crossings(self) -> int:
        position = {name: place for row in self._rows for place, name in enumerate(row)}
        total = 0
        for row in self._rows:
            ends = [(position[name], position[after]) for name in row for after in self._after[name]]
            total += sum(a < c and b > d for a, b in ends for c, d in ends)
        return total

    def _wish(self, name: str, *, forwards: bool) -> float:
        """The height in the middle of what the node is joined to."""
        near = (self._before if forwards else self._after).get(name) or []
        return sum(self._middle[other] for other in near) / len(near) if near else self._middle[name]

    def _stack(self, row: list[str], wishes: Mapping[str, float]) -> None:
        """Heights near what is wished for, in order and apart: blocks that would overlap move together."""
        blocks: list[tuple[list[str], float]] = []  # names, and the height at which the first would stand
        offset, offsets = 0.0, {}
        for place, name in enumerate(row):
            if place:
                offset += self._apart(row[place - 1], name)
            offsets[name] = offset
            members, height = [name], wishes[name] - offset
            while blocks and blocks[-1][1] > height:
                others, above = blocks.pop()
                height = (height * len(members) + above * len(others)) / (len(members) + len(others))
                members = others + members
            blocks.append((members, height))
        for members, height in blocks:
            for name in members:
                self._middle[name] = height + offsets[name]

    def _apart(self, above: str, below: str) -> float:
        gap = BEND_GAP if above in self._bends or below in self._bends else NODE_GAP
        return (self._height(above) + self._height(below)) / 2 + gap

    def _height(self, name: str) -> float:
        return 0 if name in self._bends else self._node_height

    def _left(self, name: str) -> float:
        layer = next(number for number, row in enumerate(self._rows) if name in row)
        return MARGIN + layer * (NODE_WIDTH + LAYER_GAP)

    def corner(self, name: str) -> tuple[float, float]:
        """A node's left upper corner."""
        return self._left(name), round(self._middle[name] - self._node_height / 2, 1)

    def path(self, edge: Edge) -> list[tuple[float, float]]:
        """The points of an edge: out of its start, in and out of the layers between, into its end."""
        chain = self._chains[edge]
        points = [(self._left(chain[0]) + NODE_WIDTH, self._middle[chain[0]])]
        for bend in chain[1:-1]:
            points += [(self._left(bend), self._middle[bend]), (self._left(bend) + NODE_WIDTH, self._middle[bend])]
        points.append((self._left(chain[-1]), self._middle[chain[-1]]))
        return [(x, round(y, 1)) for x, y in points]

    @property
    def width(self) -> float:
        return 2 * MARGIN + len(self._rows) * NODE_WIDTH + (len(self._rows) - 1) * LAYER_GAP

    @property
    def height(self) -> float:
        return max(y + self._height(name) / 2 for name, y in self._middle.items())


def _layers(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way to each node; a node that nothing leads to stands right before what it leads to."""
    before: dict[str, list[str]] = defaultdict(list)
    after: dict[str, list[str]] = defaultdict(list)
    for start, end in edges:
        before[end].append(start)
        after[start].append(end)
    layer: dict[str, int] = {}

    def find(name: str) -> int:
        if name not in layer:
            layer[name] = max((find(one) + 1 for one in before[name]), default=0)
        return layer[name]

    for name in nodes:
        find(name)
    for name in nodes:
        if not before[name] and after[name]:
            layer[name] = min(layer[one] for one in after[name]) - 1
    return layer
