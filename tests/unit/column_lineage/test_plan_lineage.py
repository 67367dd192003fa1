"""Each kind of relation and expression says which input columns its columns are computed from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import WindowSpec
from shop_plans import Build, names

from medallion.column_lineage.origins import Relation
from medallion.spark import F, Window


def latest() -> WindowSpec:
    return Window.partitionBy("customer").orderBy(F.desc("day_no"))


# What is built, one of its columns, what that is computed from, and what decides it.
VALUES: dict[str, tuple[Build, str, str, str]] = {
    "project": (lambda o, c: o.select((F.col("amount") * 2).alias("twice")), "twice", "orders.amount", ""),
    "project all": (lambda o, c: o.select("*", F.lit(1).alias("one")), "day_no", "orders.day_no", ""),
    "literal": (lambda o, c: o.select(F.lit(1).alias("one")), "one", "", ""),
    "cast": (lambda o, c: o.select(F.col("day_no").cast("string").alias("text")), "text", "orders.day_no", ""),
    "with columns": (
        lambda o, c: o.withColumn("sum", F.col("id") + F.col("day_no")),
        "sum",
        "orders.day_no orders.id",
        "",
    ),
    "replaced": (lambda o, c: o.withColumn("day_no", F.col("id")), "day_no", "orders.id", ""),
    "replaced at once": (
        lambda o, c: o.withColumns({"day_no": F.col("id"), "id": F.col("day_no")}),
        "id",
        "orders.day_no",
        "",
    ),
    "rename": (lambda o, c: o.withColumnRenamed("amount", "paid"), "paid", "orders.amount", ""),
    "rename several": (lambda o, c: o.withColumnsRenamed({"amount": "a", "day_no": "d"}), "d", "orders.day_no", ""),
    "to df": (lambda o, c: c.toDF("a", "b", "c"), "b", "customers.name", ""),
    "drop": (lambda o, c: o.drop("id").select("*"), "day_no", "orders.day_no", ""),
    "filter": (lambda o, c: o.where(F.col("day_no") > 1), "amount", "orders.amount", ""),
    "distinct": (lambda o, c: o.distinct(), "day_no", "orders.day_no", ""),
    "function of batches": (
        lambda o, c: o.select("id", F.lit(1).alias("one"), "day_no").mapInArrow(lambda rows: rows, "`a` int, b double"),
        "b",
        "orders.day_no orders.id",
        "",
    ),
    "hint": (lambda o, c: o.hint("broadcast"), "day_no", "orders.day_no", ""),
    "fill": (lambda o, c: o.fillna(0, ["day_no"]), "day_no", "orders.day_no", ""),
    "sort and limit": (lambda o, c: o.orderBy("day_no").limit(3), "amount", "orders.amount", ""),
    "join of both": (
        lambda o, c: o.join(c, ["customer"], "left").select(F.concat("name", "day_no").alias("x")),
        "x",
        "customers.name orders.day_no",
        "",
    ),
    "left join, shared": (lambda o, c: o.join(c, ["customer"], "left"), "customer", "orders.customer", ""),
    "right join, shared": (lambda o, c: o.join(c, ["customer"], "right"), "customer", "customers.customer", ""),
    "full join, shared": (
        lambda o, c: o.join(c, ["customer"], "full"),
        "customer",
        "customers.customer orders.customer",
        "",
    ),
    "join by condition": (
        lambda o, c: o.join(c, o["customer"] == c["customer"]).select(c["customer"].alias("x")),
        "x",
        "customers.customer",
        "",
    ),
    "join under aliases": (
        lambda o, c: o.alias("a").join(c.alias("b"), F.col("a.customer") == F.col("b.customer")).select("b.customer"),
        "customer",
        "customers.customer",
        "",
    ),
    "anti join": (lambda o, c: o.join(c, ["customer"], "left_anti"), "day_no", "orders.day_no", ""),
    "aggregate": (
        lambda o, c: o.groupBy("customer").agg(F.sum("amount").alias("total")),
        "total",
        "orders.amount",
        "",
    ),
    "group": (lambda o, c: o.groupBy("customer").agg(F.max("day_no").alias("d")), "customer", "orders.customer", ""),
    "count of rows": (lambda o, c: o.groupBy("day_no").agg(F.count(F.lit(1)).alias("n")), "n", "orders.*", ""),
    "count of joined rows": (
        lambda o, c: o.join(c, ["customer"]).agg(F.count(F.lit(1)).alias("n")),
        "n",
        "customers.* orders.*",
        "",
    ),
    "union": (
        lambda o, c: o.select("day_no", "id").union(c.select("name", "city")),
        "day_no",
        "customers.name orders.day_no",
        "",
    ),
    "union by name": (
        lambda o, c: o.select("customer", "id").unionByName(c.select("name", "customer"), allowMissingColumns=True),
        "customer",
        "customers.customer orders.customer",
        "",
    ),
    "except": (lambda o, c: o.select("customer").exceptAll(c.select("customer")), "customer", "orders.customer", ""),
    "window": (
        lambda o, c: o.withColumn("before", F.lag("amount").over(latest())),
        "before",
        "orders.amount",
        "orders.customer orders.day_no",
    ),
    "rank": (lambda o, c: o.withColumn("r", F.rank().over(latest())), "r", "", "orders.customer orders.day_no"),
    "case": (
        lambda o, c: o.select(F.when(F.col("day_no") > 1, F.col("amount")).otherwise(F.col("id")).alias("x")),
        "x",
        "orders.amount orders.id",
        "orders.day_no",
    ),
    "value at the least": (
        lambda o, c: o.groupBy("customer").agg(F.min_by("amount", "day_no").alias("first")),
        "first",
        "orders.amount",
        "orders.day_no",
    ),
    "field of a struct": (
        lambda o, c: o.withColumn("s", F.struct("day_no", F.col("id").alias("key"))).select(F.col("s.key").alias("x")),
        "x",
        "orders.id",
        "",
    ),
    "exploded structs": (
        lambda o, c: o.select(
            F.explode(F.array(*(F.struct(F.col(n).alias("v"), F.lit(n).alias("k")) for n in ("day_no", "id")))).alias(
                "e"
            )
        ).select("e.*"),
        "v",
        "orders.day_no orders.id",
        "",
    ),
    "field taken out": (
        lambda o, c: o.withColumn("s", F.struct("day_no", "id")).select(F.col("s").getField("day_no").alias("x")),
        "x",
        "orders.day_no",
        "",
    ),
    "text of an expression": (
        lambda o, c: o.select(F.expr("substring(day_no, 2) || 'id'").alias("x")),
        "x",
        "orders.day_no",
        "",
    ),
    "text with a name": (lambda o, c: o.selectExpr("day_no + 1 AS next"), "next", "orders.day_no", ""),
}


@pytest.mark.parametrize("case", VALUES)
def test_a_column_is_computed_from(case: str, relation: Callable[[Build], Relation]) -> None:
    build, column, values, decided = VALUES[case]

    origin = relation(build).origin(column)

    assert (names(origin.values), names(origin.decided), origin.is_known) == (values, decided, True)


# What is built, and by which columns its rows are chosen, matched and grouped.
CHOSEN: dict[str, tuple[Build, str]] = {
    "project": (lambda o, c: o.select("day_no"), ""),
    "filter": (lambda o, c: o.where((F.col("day_no") > 1) & F.col("id").isNotNull()), "orders.day_no orders.id"),
    "filter as text": (lambda o, c: o.where("day_no > 1 AND amount IS NOT NULL"), "orders.amount orders.day_no"),
    "join": (lambda o, c: o.join(c, ["customer"]), "customers.customer orders.customer"),
    "semi join": (lambda o, c: o.join(c, ["customer"], "left_semi"), "customers.customer orders.customer"),
    "filter below a join": (
        lambda o, c: o.join(c.where("city > 1"), ["customer"]),
        "customers.city customers.customer orders.customer",
    ),
    "aggregate": (lambda o, c: o.groupBy("customer").agg(F.sum("amount").alias("x")), "orders.customer"),
    "dedupe": (lambda o, c: o.dropDuplicates(["customer"]), "orders.customer"),
    "distinct": (lambda o, c: c.distinct(), "customers.city customers.customer customers.name"),
    "sort": (lambda o, c: o.orderBy("day_no"), ""),
    "sort and limit": (lambda o, c: o.orderBy(F.desc("day_no")).limit(3), "orders.day_no"),
    "except": (lambda o, c: o.select("id").exceptAll(c.select("name")), "customers.name orders.id"),
    "latest of each": (
        lambda o, c: o.withColumn("place", F.row_number().over(latest())).where("place = 1"),
        "orders.customer orders.day_no",
    ),
}


@pytest.mark.parametrize("case", CHOSEN)
def test_rows_are_chosen_by(case: str, relation: Callable[[Build], Relation]) -> None:
    build, expected = CHOSEN[case]

    chosen = relation(build).chosen_by

    assert (names(chosen.all), chosen.is_known) == (expected, True)
