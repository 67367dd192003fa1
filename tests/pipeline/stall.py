"""Code of a stall, a product that is written to files, imported, changed and imported again, as between two runs."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from datetime import date
from textwrap import dedent
from types import ModuleType
from typing import TYPE_CHECKING

from kiosk import PRODUCT, Rules

from medallion.contracts import Layer, Table
from medallion.data_product import Step
from medallion.pipeline import fingerprint
from medallion.pipeline.fingerprint import definition_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from pydantic import BaseModel

AS_OF = date(2024, 5, 31)
TABLE = Table(name="sales", layer=Layer.GOLD, grain=(), description="Sales.", columns=())

Code = Callable[..., ModuleType]


def importer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Code:
    """Imports source text as module `medallion.products.stall.<name>`, in place of what was there, in a fresh start."""

    def load(source: str, name: str = "sales") -> ModuleType:
        path = folder / f"{name}.py"
        path.write_text(dedent(source), encoding="utf-8")
        module_name = f"medallion.products.stall.{name}"
        spec = importlib.util.spec_from_file_location(module_name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, module_name, module)
        spec.loader.exec_module(module)
        read = (
            fingerprint._source,
            fingerprint._compiled,
            fingerprint._imported,
            fingerprint._attributes_of_rules,
        )
        for known in (*read, fingerprint._modules, fingerprint._code):
            known.cache_clear()  # what a process knows of its code, it knows to its end
        return module

    return load


def of(
    module: ModuleType, *, rules: BaseModel | None = None, as_of: date | None = AS_OF, cutoff: date | None = None
) -> str:
    return definition_of(PRODUCT, Step(table=TABLE, build=module.build), rules or Rules(), as_of, cutoff)
