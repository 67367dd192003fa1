"""Builds over two small tables, for tests of what their plans say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame

Build = Callable[[DataFrame, DataFrame], DataFrame]


def names(references: Any) -> str:
    return " ".join(sorted(f"{one.table}.{one.column}" for one in references))
