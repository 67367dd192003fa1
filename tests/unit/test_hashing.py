"""Hashes of keys on the engine of this test run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from medallion.hashing import key_hash

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


def hashes(spark: SparkSession, file: Path, *columns: str) -> list[int]:
    return [row["key"] for row in spark.read.parquet(str(file)).select(key_hash(*columns).alias("key")).collect()]


def test_columns_that_have_one_value_throughout_a_file_can_be_hashed(spark: SparkSession, tmp_path: Path) -> None:
    pq.write_table(pa.table({"order_id": ["o1"] * 3, "lineitem_id": ["l1"] * 3}), tmp_path / "repeats.parquet")
    found = hashes(spark, tmp_path / "repeats.parquet", "order_id", "lineitem_id")
    assert (len(found), len(set(found))) == (3, 1)


def test_many_keys_have_as_many_hashes(spark: SparkSession, tmp_path: Path) -> None:
    keys = [f"order-{number}" for number in range(200_000)]  # of 32 bits, four or five pairs would share one
    pq.write_table(pa.table({"order_id": keys}), tmp_path / "orders.parquet")
    assert len(set(hashes(spark, tmp_path / "orders.parquet", "order_id"))) == len(keys)
