"""Functions of whole groups of rows, and what they are given and return."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession

from medallion.contracts import Column
from medallion.grouped_arrays import by_group, by_row

RESULT = (
    Column("shop", "varchar(9)", "Key."),
    Column("total", "double", "Sum."),
    Column("rows", "bigint", "Count."),
    Column("most", "integer", "Greatest."),
    Column("note", "varchar(9)", "Text."),
    Column("is_many", "boolean", "More than one."),
)


def summed(keys: Mapping[str, Any], given: Mapping[str, Any], *, least: float) -> Mapping[str, Any]:
    """One row a group: None for what is less than `least`."""
    total = float(given["amount"].sum())
    return {
        "total": [total if total >= least else None],
        "rows": [len(given["amount"])],
        "most": [int(given["amount"].max()) if total >= least else None],
        "note": [f"of {keys['shop']}" if total >= least else None],
        "is_many": [len(given["amount"]) > 1 if total >= least else None],
    }


def squared(_: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Several rows a group, as arrays."""
    amounts = np.sort(given["amount"])
    return {"amount": amounts, "square": amounts**2}


@pytest.mark.parametrize("partitions", [1, 4])
def test_a_function_is_called_once_a_group_whatever_the_partitions(spark: SparkSession, partitions: int) -> None:
    rows = spark.createDataFrame([("n", 1), ("n", 2), ("s", 5), ("z", -4)], "shop string, amount int")

    found = by_group(rows.repartition(partitions), ["shop"], ["amount"], partial(summed, least=0.0), RESULT)

    assert sorted(map(tuple, found.collect())) == [
        ("n", 3.0, 2, 2, "of n", True),
        ("s", 5.0, 1, 5, "of s", False),
        ("z", None, 1, None, None, None),
    ]


def test_a_function_may_return_several_rows_and_keys_are_filled_in(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("n", 3), ("n", 2), ("s", 5)], "shop string, amount int")
    result = (RESULT[0], Column("amount", "integer", "Given."), Column("square", "double", "Its square."))

    found = by_group(rows, ["shop"], ["amount"], squared, result)

    assert sorted(map(tuple, found.collect())) == [("n", 2, 4.0), ("n", 3, 9.0), ("s", 5, 25.0)]


def test_a_function_may_return_no_rows_of_a_group(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("n", 1), ("s", 5)], "shop string, amount int")

    def many(keys: Mapping[str, Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
        found = summed(keys, given, least=0.0)
        return {name: list(values) if keys["shop"] == "s" else [] for name, values in found.items()}

    assert [*map(tuple, by_group(rows, ["shop"], ["amount"], many, RESULT).collect())] == [
        ("s", 5.0, 1, 5, "of s", False)
    ]


def test_no_rows_are_no_groups(spark: SparkSession) -> None:
    rows = spark.createDataFrame([], "shop string, amount int")

    assert by_group(rows, ["shop"], ["amount"], partial(summed, least=0.0), RESULT).collect() == []


def test_a_function_of_rows_adds_columns_to_those_that_are_kept(spark: SparkSession) -> None:
    rows = spark.createDataFrame([("n", 4, 2), ("s", 5, 0)], "shop string, amount int, parts int")
    result = (RESULT[0], Column("share", "double", "Of a part."), RESULT[4])

    def shares(given: Mapping[str, Any]) -> Mapping[str, Any]:
        with np.errstate(divide="ignore"):
            share = given["amount"] / given["parts"]
        return {
            "share": np.where(np.isfinite(share), share, np.nan),
            "note": [None if np.isfinite(one) else "no parts" for one in share],
        }

    found = by_row(rows, ["amount", "parts"], shares, result)

    assert sorted(map(tuple, found.collect())) == [("n", 2.0, None), ("s", None, "no parts")]


def test_no_rows_give_a_function_of_rows_none(spark: SparkSession) -> None:
    rows = spark.createDataFrame([], "amount int")

    found = by_row(rows, ["amount"], lambda given: {"amount": given["amount"]}, [Column("amount", "double", "Given.")])

    assert found.collect() == []
