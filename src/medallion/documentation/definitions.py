"""Where the columns of tables are defined: file and line, read from the modules' syntax."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from medallion.data_product import Step

_PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True, order=True)
class Definition:
    """A line of a file, whose path is from the root of the package's source, such as `medallion/contracts.py`."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


def definition_of(step: Step, column: str) -> Definition:
    """Where a column of a table is defined: its name in a `Column(…)` of the build's module, or of one it imports.

    Where its name is put together, the line of the module that spells it out, or of its table.
    """
    module = step.build.__module__
    for name in (module, *_imported(module)):
        line = _columns(name).get(column)
        if line:
            return Definition(_path(name), line)
    for name in (module, *_imported(module)):
        line = _spelled(name).get(column)
        if line:
            return Definition(_path(name), line)
    return Definition(_path(module), _table_line(module))


def build_of(step: Step) -> Definition:
    """Where the function that builds a step's table begins."""
    return Definition(_path(step.build.__module__), step.build.__code__.co_firstlineno)


def member_of(kind: type, name: str) -> Definition:
    """Where a field or a property of a class is defined; the class itself where it has none of that name."""
    module, own = kind.__module__, (node for node in _nodes(kind.__module__) if isinstance(node, ast.ClassDef))
    found = next(node for node in own if node.name == kind.__name__)
    lines = {
        node.name if isinstance(node, ast.FunctionDef) else ast.unparse(node.target): node.lineno
        for node in found.body
        if isinstance(node, ast.FunctionDef | ast.AnnAssign)
    }
    return Definition(_path(module), lines.get(name, found.lineno))


def question_of(step: Step) -> str:
    """The question that a table answers: the first paragraph of its module's docstring."""
    first = (sys.modules[step.build.__module__].__doc__ or "").strip().split("\n\n")[0]
    return " ".join(first.split())


@cache
def _columns(module: str) -> dict[str, int]:
    """The line of the name in each `Column("name", …)`."""
    calls = (node for node in _nodes(module) if isinstance(node, ast.Call) and node.args)
    named = (call.args[0] for call in calls if _called(call) == "Column")
    return _first((name.value, name.lineno) for name in named if isinstance(name, ast.Constant))


@cache
def _spelled(module: str) -> dict[str, int]:
    return _first((node.value, node.lineno) for node in _nodes(module) if isinstance(node, ast.Constant))


@cache
def _table_line(module: str) -> int:
    assigned = (
        node for node in _nodes(module) if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    )
    return next((node.lineno for node in assigned if ast.unparse(node.targets[0]) == "TABLE"), 1)


@cache
def _imported(module: str) -> tuple[str, ...]:
    """The modules of the package that a module imports, each by `from … import …`."""
    found: list[str] = []
    for node in _nodes(module):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{_PACKAGE.name}.products."):
            members = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [member if member in sys.modules else node.module for member in members]
    return tuple(dict.fromkeys(found))


@cache
def _nodes(module: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(_file(module).read_text(encoding="utf-8"))))


def _first(lines: Iterator[tuple[object, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, line in lines:
        if isinstance(name, str):
            found[name] = min(line, found.get(name, line))
    return found


def _called(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def _file(module: str) -> Path:
    return Path(str(sys.modules[module].__file__))


def _path(module: str) -> str:
    return _file(module).relative_to(_PACKAGE.parent).as_posix()
