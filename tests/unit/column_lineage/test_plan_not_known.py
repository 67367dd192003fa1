"""What the reading of plans does not understand: nothing is claimed of it, and the rest stays known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from shop_plans import Build, names

from medallion.column_lineage.origins import Origin, Relation
from medallion.spark import F

NOT_KNOWN: dict[str, tuple[Build, str]] = {
    "a relation that is not understood": (
        lambda o, c: o.unpivot(["id"], ["day_no", "amount"], "name", "value"),
        "value",
    ),
    "a function of columns that are not known": (
        lambda o, c: o.unpivot(["id"], ["day_no"], "name", "value").mapInArrow(lambda rows: rows, "value int"),
        "value",
    ),
    "pivot": (lambda o, c: o.groupBy("customer").pivot("day_no", [1]).agg(F.sum("amount")), "customer"),
    "a lambda": (
        lambda o, c: o.select(F.transform(F.array("day_no"), lambda x: x + F.col("id")).alias("x")),
        "x",
    ),
    "a lambda as text": (lambda o, c: o.select(F.expr("transform(array(day_no), x -> x + id)").alias("x")), "x"),
    "a word of SQL that is none": (lambda o, c: o.select(F.expr("day_no + strange").alias("x")), "x"),
    "CASE as text": (lambda o, c: o.select(F.expr("CASE WHEN day_no > 1 THEN id END").alias("x")), "x"),
    "a column that is not there": (lambda o, c: o.select(F.col("strange").alias("x")), "x"),
    "a column of either side": (lambda o, c: o.crossJoin(c).select(F.col("customer").alias("x")), "x"),
    "a dropped column": (lambda o, c: o.drop("day_no").withColumn("x", F.col("day_no")), "x"),
    "rows of the build's own": (lambda o, c: o.sparkSession.createDataFrame([(1,)], "x int").alias("orders"), "x"),
    "computed from what is not known": (
        lambda o, c: o.select(F.col("strange").alias("x")).select((F.col("x") + 1).alias("y")),
        "y",
    ),
}


@pytest.mark.parametrize("case", NOT_KNOWN)
def test_nothing_is_claimed_of(case: str, relation: Callable[[Build], Relation]) -> None:
    build, column = NOT_KNOWN[case]

    assert not relation(build).origin(column).is_known


def test_a_filter_that_is_not_understood_leaves_the_columns_known_but_not_the_choice(
    relation: Callable[[Build], Relation],
) -> None:
    found = relation(lambda o, c: o.where("EXISTS (SELECT 1)"))

    assert (found.origin("day_no").is_known, found.chosen_by.is_known) == (True, False)


def test_a_part_that_is_not_known_makes_the_whole_not_known(relation: Callable[[Build], Relation]) -> None:
    found: Origin = relation(lambda o, c: o.select(F.concat("day_no", "strange").alias("x"))).origin("x")

    assert (names(found.values), found.is_known) == ("orders.day_no", False)
