"""Where a column is defined: the line of the code that says what it is, for the help of every figure."""

from __future__ import annotations

import ast
import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.data_product import DataProduct

_PACKAGE = __name__.partition(".")[0]


def place_of(product: DataProduct, table: str, column: str) -> str:
    """`package/module.py:line` of a column's definition, or of its table's where the column has none of its own."""
    return _place(product.step(table).build.__module__, column)


@cache
def _place(module: str, column: str) -> str:
    shared, own = ".".join([*module.split(".")[:3], "columns"]), _defined(module)
    for name, lines in ((module, own), (shared, _defined(shared))):
        if column in lines:
            return f"{_path(name)}:{lines[column]}"
    return f"{_path(module)}:{own.get('', 1)}"


@cache
def _defined(module: str) -> dict[str, int]:
    """The line of each `Column("name", …)` of a module, and as "" that of its table."""
    spec = importlib.util.find_spec(module)  # a product need not have columns that its tables share
    if spec is None or not spec.origin:
        return {}
    found: dict[str, int] = {}
    for node in ast.walk(ast.parse(Path(spec.origin).read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "Column" and node.args and isinstance(node.args[0], ast.Constant):
            found.setdefault(str(node.args[0].value), node.lineno)
        elif node.func.id == "Table":
            found.setdefault("", node.lineno)
    return found


def _path(module: str) -> str:
    return module[module.index(_PACKAGE) :].replace(".", "/") + ".py"
