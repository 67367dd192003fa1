"""Rows as DataFrames of a contract's columns, delivered records among them; a test names what matters to it.

Records are numbered in the order in which they are given, as in a file; `delivery` says which file they came with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from pyspark.sql import DataFrame, SparkSession

from medallion.contracts import Table
from medallion.data_product import Source

Row = dict[str, Any]


def frame(spark: SparkSession, table: Table, rows: Iterable[Row]) -> DataFrame:
    """A DataFrame with the contract's columns; what a row does not name is NULL."""
    schema = ", ".join(f"`{column.name}` {column.data_type.spark}" for column in table.columns)
    values = [tuple(row.get(name) for name in table.column_names) for row in rows]
    return spark.createDataFrame(values, schema)


def values(df: DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """The named columns of all rows, sorted, NULLs last."""
    found = [tuple(row) for row in df.select(*columns).collect()]
    return sorted(found, key=lambda row: [(value is None, value if value is not None else 0) for value in row])


def delivered(spark: SparkSession, source: Source, *records: Row) -> DataFrame:
    """The source's bronze table with these records."""
    place: Counter[int] = Counter()
    rows = []
    for record in records:
        text = dict(record)
        delivery = text.pop("delivery")
        place[delivery] += 1
        lineage = {
            "_source_file": f"{source.name}_{delivery}.csv",
            "_row_number": place[delivery],
            "_batch_id": f"{delivery:08d}",
            "_ingested_at": datetime(2024, 6, 1, tzinfo=UTC),
        }
        rows.append(text | lineage)
    return frame(spark, source.bronze, rows)


def accepted(built: DataFrame) -> DataFrame:
    return built.where("_disposition = 'accepted'")


def rejected(built: DataFrame) -> DataFrame:
    return built.where("_disposition = 'rejected'")


def fates(built: DataFrame) -> dict[str, int]:
    """How many delivered records met which fate."""
    return dict(Counter(row[0] for row in built.select("_disposition").collect()))
