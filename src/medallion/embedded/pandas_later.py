"""pandas, loaded when something of it is used: PySpark imports it for conversions that a run never makes.

Half a second that every run would wait for nothing. What is not provided for here loads it, so that all works as ever
but for one thing: once DuckDB has found no NaT and NA, it does not know these values later. So this is for processes of
the command line, whose statements have none.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

_TYPES = "pandas.api.types"
_NAMES = ("pandas", _TYPES)
_loading = threading.RLock()


def load_pandas_later() -> None:
    """Let `import pandas` cost nothing until it is used; no change where it is loaded already, or not installed."""
    try:
        installed = version("pandas")
    except PackageNotFoundError:
        return
    if not any(name in sys.modules for name in _NAMES):
        for name in _NAMES:
            sys.modules[name] = _Later(name, installed)


class _Later(ModuleType):
    """Stands for a module until something of it is used, then for the loaded module."""

    def __init__(self, name: str, installed: str) -> None:
        super().__init__(name)
        self.__version__ = installed  # PySpark looks whether it is new enough

    def __getattr__(self, name: str) -> Any:
        user = sys._getframe(1)
        if self.__name__ == _TYPES and user.f_globals.get("__name__") == "pyspark.sql.connect.session":
            if name.startswith("is_"):  # imported with the module, called with frames of pandas only
                return lambda *arguments: getattr(_loaded(_TYPES), name)(*arguments)
            if name == "__path__":  # asked for by the import statement
                raise AttributeError(name)
        if name == "DataFrame" and user.f_code.co_name == "SparkConnectClient":
            return object  # an annotation in the body of the class
        if name in ("NaT", "NA") and user.f_globals.get("__name__") == "medallion.warehouse.duckdb_session":
            raise AttributeError(name)  # DuckDB looks whether a parameter is one; none can be before pandas is loaded
        return getattr(_loaded(self.__name__), name)


def _loaded(name: str) -> ModuleType:
    with _loading:
        for one in _NAMES:
            if isinstance(sys.modules.get(one), _Later):
                del sys.modules[one]
        return import_module(name)
