"""What a table's content depends on, as a hash: its code and contract, the rules its build reads, as_of, its inputs.

Equal fingerprints mean equal content, so the table need not be built again.
"""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from pydantic import BaseModel

from medallion.data_product import DataProduct, Step

_PRODUCTS = "medallion.products."
# What builds of several products are made with: a change there may change what they build.
_SHARED = tuple(f"medallion.{name}" for name in ("arithmetic", "delivered_text", "dispositions", "hashing", "parsing"))
_RULES = "rules"
_DOCUMENTED = (ast.Module, ast.FunctionDef, ast.ClassDef)


def definition_of(
    product: DataProduct, step: Step, rules: BaseModel, as_of: date | None, cutoff: date | None = None
) -> str:
    """The hash of how a table is built: code, contract, the rules and dates that it takes; its intermediates' too."""
    names = {one.table.name: one for one in product.intermediates}
    dates: Mapping[str, date | None] = {"as_of": as_of, "cutoff": cutoff}
    parts = {
        "code": _code(step.build.__module__),
        "key": step.key,
        "rules": rules_read(step, rules),
        "dates": {name: str(day) for name, day in dates.items() if name in step.parameters},
        "intermediates": {
            name: definition_of(product, names[name], rules, as_of, cutoff) for name in step.inputs if name in names
        },
    }
    return _digest(json.dumps(parts, sort_keys=True, default=str))


def table_fingerprint(definition: str, inputs: Mapping[str, str]) -> str:
    """The hash of a table's content: how it is built, and the fingerprints of the published tables it is built from."""
    return _digest(json.dumps({"definition": definition, "inputs": dict(inputs)}, sort_keys=True))


def deliveries_fingerprint(deliveries: Iterable[tuple[str, str]]) -> str:
    """The hash for a source: its deliveries as (batch id, sha256 of the file)."""
    return _digest(json.dumps(sorted(deliveries)))


def rules_read(step: Step, rules: BaseModel) -> dict[str, object]:
    """The rules, by name, that the build's module (or one it imports of its product) reads as `rules.<name>`."""
    values = rules.model_dump(mode="json")
    if _RULES not in step.parameters:
        return {}
    read = {name for module in _modules(step.build.__module__) for name in _attributes_of_rules(module)}
    return {name: value for name, value in values.items() if name in read}


@cache
def _code(module: str) -> str:
    return _digest("".join(_dump(name) for name in _modules(module)))


@cache
def _modules(module: str) -> tuple[str, ...]:
    """The module and, transitively, what it imports of its product and of shared code; rules count by value."""
    found: list[str] = []
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.append(name)
            waiting.extend(_imported(name))
    return tuple(sorted(found))


@cache
def _imported(module: str) -> list[str]:
    names: list[str] = []
    for node in _nodes(module):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "medallion":
            # `from package import module` names a module by its alias, `from module import thing` by its path.
            members = [f"{node.module}.{alias.name}" for alias in node.names]
            names.extend(member if _is_file(member) else node.module for member in members)
    return [name for name in names if _is_built_with(name) and _is_file(name)]


def _is_built_with(name: str) -> bool:
    """Whether a change of the module may change tables that are built with it."""
    return name in _SHARED or (name.startswith(_PRODUCTS) and not name.endswith(f".{_RULES}"))


@cache
def _attributes_of_rules(module: str) -> set[str]:
    return {
        node.attr
        for node in _nodes(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == _RULES
    }


@cache
def _dump(module: str) -> str:
    return ast.dump(_nodes(module)[0])


@cache
def _nodes(module: str) -> tuple[ast.AST, ...]:
    """The module's syntax, itself first, without docstrings: comments, layout and prose change no content."""
    nodes = tuple(ast.walk(ast.parse(_file(module).read_text(encoding="utf-8"))))
    for node in nodes:
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:]
    return nodes


def _is_file(name: str) -> bool:
    """Whether it is a module; those of a product were all imported with its steps."""
    module = sys.modules.get(name)
    return module is not None and bool(getattr(module, "__file__", None))


def _file(name: str) -> Path:
    return Path(str(sys.modules[name].__file__))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
