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
_RULES = "rules"


def table_fingerprint(step: Step, rules: BaseModel, as_of: date | None, inputs: Mapping[str, str]) -> str:
    """The hash for a table whose inputs have the given fingerprints; `as_of` counts where the build takes it."""
    parts = {
        "code": _code(step.build.__module__),
        "rules": rules_read(step, rules),
        "as_of": str(as_of) if "as_of" in step.parameters else None,
        "inputs": {name: inputs[name] for name in step.inputs},
    }
    return _digest(json.dumps(parts, sort_keys=True, default=str))


def step_fingerprint(
    product: DataProduct, step: Step, rules: BaseModel, as_of: date | None, known: Mapping[str, str]
) -> str:
    """The hash for a step of `product`, those of its intermediates included; `known` are those of all other inputs."""
    names = {one.table.name: one for one in product.intermediates}
    inputs = {
        name: step_fingerprint(product, names[name], rules, as_of, known) if name in names else known[name]
        for name in step.inputs
    }
    return table_fingerprint(step, rules, as_of, inputs)


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
    """The module and, transitively, those it imports of its product; the rules' own module counts by its values."""
    found: list[str] = []
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.append(name)
            waiting.extend(_imported_products(name))
    return tuple(sorted(found))


@cache
def _imported_products(module: str) -> list[str]:
    names: list[str] = []
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(_PRODUCTS.rstrip(".")):
            # `from package import module` names a module by its alias, `from module import thing` by its path.
            members = [f"{node.module}.{alias.name}" for alias in node.names]
            names.extend(member if _is_file(member) else node.module for member in members)
    return [name for name in names if not name.endswith(f".{_RULES}") and _is_file(name)]


@cache
def _attributes_of_rules(module: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(_tree(module))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == _RULES
    }


@cache
def _dump(module: str) -> str:
    return ast.dump(_tree(module))


@cache
def _tree(module: str) -> ast.Module:
    """The module's syntax without docstrings: comments, layout and prose change no content."""
    tree = ast.parse(_file(module).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return tree


def _is_file(name: str) -> bool:
    """Whether it is a module; those of a product were all imported with its steps."""
    module = sys.modules.get(name)
    return module is not None and bool(getattr(module, "__file__", None))


def _file(name: str) -> Path:
    return Path(str(sys.modules[name].__file__))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
