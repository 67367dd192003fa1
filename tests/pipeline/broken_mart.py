"""A product with a defect in the code of a mart."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from medallion.data_product import DataProduct


def with_every_row_twice(known: DataProduct) -> DataProduct:
    """The product, whose last mart has each of its rows twice."""
    *others, last = known.steps

    def build(*inputs: DataFrame, **given: Any) -> DataFrame:
        built = last.build(*inputs, **given)
        return built.unionAll(built)

    build.__signature__ = inspect.signature(last.build)  # type: ignore[attr-defined]
    return replace(known, steps=(*others, replace(last, build=build)))
