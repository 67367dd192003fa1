"""Choosing tables by dbt's graph syntax: `orders+`, `+customer_segments`, `2+sales_trends+1`, `@orders`, `a,b`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from medallion.contracts import BRONZE_PREFIX
from medallion.errors import UsageError

if TYPE_CHECKING:
    from medallion.data_product import DataProduct

_NODE = re.compile(r"(?P<all>@)?(?:(?P<up>\d*)\+)?(?P<name>[\w.:*]+)(?:\+(?P<down>\d*))?")
_EVERYTHING = 1 << 30
_LAYERS = ("silver", "gold")


def selected_tables(product: DataProduct, selectors: Sequence[str]) -> frozenset[str]:
    """The published tables that the selectors choose: those of any selector, of `a,b` those of both parts.

    `+` before (after) a name adds all it is built from (all built from it), `2+` up to two steps away; `@name` is
    `name+` with everything these are built from. Raises UsageError on a name that is no table, layer or source, and
    where no table is left.
    """
    parts = [part for selector in selectors for part in selector.split()]
    chosen: set[str] = set()
    for part in parts:
        chosen |= set.intersection(*(_resolved(product, node) for node in part.split(",")))
    if not chosen:
        raise UsageError(f"--select {' '.join(parts)}: no table is meant by this; see: medallion plan {product.name}")
    return frozenset(chosen)


def _resolved(product: DataProduct, node: str) -> set[str]:
    match = _NODE.fullmatch(node)
    if not match:
        raise UsageError(f"--select {node}: is not understood; write a table's name, with + before or after it")
    above = {step.table.name: set(product.published_inputs(step)) for step in product.steps}
    below: dict[str, set[str]] = {}
    for name, inputs in above.items():
        for one in inputs:
            below.setdefault(one, set()).add(name)
    start = _named(product, match["name"], node)
    found = set(start)
    if match["down"] is not None or match["all"]:
        found |= _walk(below, start, _steps(match["down"]))
    if match["up"] is not None:
        found |= _walk(above, start, _steps(match["up"]))
    if match["all"]:
        found |= _walk(above, found, _EVERYTHING)
    return found & {step.table.name for step in product.steps}


def _named(product: DataProduct, name: str, node: str) -> set[str]:
    tables = {step.table.name: step.table for step in product.steps}
    if name in tables:
        return {name}
    if name in _LAYERS:
        return {one for one, table in tables.items() if table.layer.value == name}
    source = name.removeprefix("source:")
    if source != name and source in {one.name for one in product.sources}:
        return {BRONZE_PREFIX + source}
    if name == "*":
        return set(tables)
    raise UsageError(
        f"--select {node}: {product.name} has no table '{name}'; choose from: {', '.join(tables)}, a layer (silver,"
        f" gold) or a source ({', '.join(f'source:{one.name}' for one in product.sources)})"
    )


def _walk(graph: Mapping[str, set[str]], start: Iterable[str], steps: int) -> set[str]:
    found, edge = set(start), set(start)
    while edge and steps > 0:
        edge = {one for name in edge for one in graph.get(name, ())} - found
        found |= edge
        steps -= 1
    return found


def _steps(digits: str | None) -> int:
    return int(digits) if digits else _EVERYTHING
