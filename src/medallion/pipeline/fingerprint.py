"""What a table's content depends on, as a hash: its code and contract, the rules its build reads, as_of, its inputs.

Equal fingerprints mean equal content, so the table need not be built again.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from dis import opmap
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, cast

from pydantic import BaseModel

from medallion.data_product import DataProduct, Step

if TYPE_CHECKING:
    from importlib.abc import InspectLoader
    from importlib.resources.abc import Traversable

_PRODUCTS = "medallion.products."
# What builds of several products are made with: a change there may change what they build.
_SHARED = tuple(
    f"medallion.{name}"
    for name in (
        "arithmetic",
        "confidence",
        "delivered_text",
        "dispositions",
        "effects",
        "grouped_arrays",
        "hashing",
        "parsing",
    )
)
# Shared as well, but loaded only where a build computes with them.
_MODELS = "medallion.models"
_RULES = "rules"
# Read from the text: to parse a product's modules takes longer than all else that a plan does.
_IMPORT = re.compile(r"^\s*from (medallion[.\w]*) import (\([^)]*\)|[^(\n]*)", re.MULTILINE)
_NAME = re.compile(r"(?<!as )\b(?!as\b)\w+")
_RULE = re.compile(r"\brules\.(\w+)")
_NOTHING = bytes([opmap["NOP"]])


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
    """The rules, by name, that the build's module (or one it imports of its product) reads as `rules.<name>`.

    What the class computes, by a property or a method, may be of any rule: then all count, and the code that computes.
    """
    values = rules.model_dump(mode="json")
    if _RULES not in step.parameters:
        return {}
    read = {name for module in _modules(step.build.__module__) for name in _attributes_of_rules(module)}
    computed = read - values.keys()
    if computed:
        return values | dict.fromkeys(computed, _code_of_rules(type(rules)))
    return {name: value for name, value in values.items() if name in read}


@cache
def _code_of_rules(rules: type[BaseModel]) -> str:
    """The code of the class's module and of those it inherits from; the values count by themselves."""
    classes = (one for one in rules.__mro__ if issubclass(one, BaseModel) and one is not BaseModel)
    return _digest("".join(_code(module) for module in sorted({one.__module__ for one in classes})))


@cache
def _code(module: str) -> str:
    return _digest("".join(_compiled(name) for name in _modules(module)))


@cache
def _modules(module: str) -> tuple[str, ...]:
    """The module and, transitively, what it imports of its product and of shared code."""
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
    for package, listed in _IMPORT.findall(_source(module)):
        # `from package import module` names a module by its alias, `from module import thing` by its path.
        members = [f"{package}.{name}" for name in _NAME.findall(listed) if not _is_rules(package, name)]
        names.extend(member if _is_file(member) else package for member in members)
    return [name for name in names if _is_built_with(name) and _is_file(name)]


def _is_built_with(name: str) -> bool:
    """Whether a change of the module may change tables that are built with it."""
    return name in _SHARED or name == _MODELS or name.startswith((f"{_MODELS}.", _PRODUCTS))


def _is_rules(module: str, name: str) -> bool:
    """Whether it is a class of rules, of which the values count; what else a module of rules has counts as code."""
    found = getattr(sys.modules.get(module), name, None)
    return module.endswith(f".{_RULES}") and isinstance(found, type) and issubclass(found, BaseModel)


@cache
def _attributes_of_rules(module: str) -> set[str]:
    return set(_RULE.findall(_source(module)))


@cache
def _compiled(module: str) -> str:
    """What the module does: comments, layout, docstrings and assertions change nothing."""
    return repr(_content(compile(_source(module), module, "exec", dont_inherit=True, optimize=2)))


def _content(code: CodeType) -> tuple[object, ...]:
    constants = [
        _content(one) if isinstance(one, CodeType) else sorted(map(repr, one)) if isinstance(one, frozenset) else one
        for one in code.co_consts
    ]
    names = code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars
    counts = code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags
    return _instructions(code.co_code), code.co_exceptiontable, names, counts, constants


def _instructions(code: bytes) -> bytes:
    """Without those that do nothing, which stand where a docstring was, or for a line."""
    found, begin, at = [], 0, code.find(_NOTHING)
    while at >= 0:
        if at % 2 == 0:  # an instruction, not what another is given
            found.append(code[begin:at])
            begin = at + 2
        at = code.find(_NOTHING, at + 1)
    return b"".join((*found, code[begin:]))


def _is_file(name: str) -> bool:
    """Whether it is a module; those of a product were all imported with its steps, models need not be."""
    module = sys.modules.get(name)
    return bool(getattr(module, "__file__", None)) if module else name.startswith(_MODELS) and _place(name).is_file()


@cache
def _source(name: str) -> str:
    """The module's source, wherever it was imported from: Glue's jobs find the library in a zip."""
    module = sys.modules.get(name)
    if module is None:
        return _place(name).read_text(encoding="utf-8")
    file = Path(str(module.__file__))
    if file.is_file():
        return file.read_text(encoding="utf-8")
    return str(cast("InspectLoader", module.__loader__).get_source(name))


def _place(name: str) -> Traversable:
    """The file of a module of this package that is not loaded."""
    path = files("medallion").joinpath(*name.split(".")[1:-1])
    last = name.rpartition(".")[2]
    return path / last / "__init__.py" if (path / last).is_dir() else path / f"{last}.py"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
