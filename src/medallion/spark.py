"""`F` and `Window` of PySpark, loaded at first use.

Table modules import them from here, so that contracts and plans can be read where Spark is not installed, and a run
that has nothing to do does not pay for loading it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame, SparkSession, Window
    from pyspark.sql import functions as F
else:

    class _Lazy:
        """Stands for a module or class and fetches its attributes when they are asked for."""

        def __init__(self, module: str, attribute: str = "") -> None:
            self._module, self._attribute = module, attribute

        def __getattr__(self, name: str) -> Any:
            target = import_module(self._module)
            return getattr(getattr(target, self._attribute) if self._attribute else target, name)

    F = _Lazy("pyspark.sql.functions")
    Window = _Lazy("pyspark.sql", "Window")
    SparkColumn = DataFrame = SparkSession = Any

__all__ = ["DataFrame", "F", "SparkColumn", "SparkSession", "Window"]
