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

    class _Functions:
        """The functions of the session that there is: PySpark's own look it up anew with every call of one."""

        def __getattr__(self, name: str) -> Any:
            is_remote = import_module("pyspark.sql.utils").is_remote()
            return getattr(import_module(f"pyspark.sql{'.connect' if is_remote else ''}.functions"), name)

    F = _Functions()
    Window = _Lazy("pyspark.sql", "Window")
    SparkColumn = DataFrame = SparkSession = Any

__all__ = ["DataFrame", "F", "SparkColumn", "SparkSession", "Window"]
