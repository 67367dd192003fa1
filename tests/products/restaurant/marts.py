"""Any table of the product from a few orders and their lines, through the steps that a run takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from frames import Row, frame
from pyspark.sql import DataFrame, SparkSession
from rows import calendar_of, lines_of, orders_of

from medallion.catalog import product
from medallion.products.restaurant.rules import RestaurantRules

RULES = RestaurantRules()
PRODUCT = product("restaurant")


def built(
    spark: SparkSession,
    table: str,
    orders: Sequence[Row],
    lines: Sequence[Row] = (),
    *,
    calendar: Sequence[Row] = (),
    as_of: date,
    rules: RestaurantRules = RULES,
    earlier: Mapping[str, DataFrame] | None = None,
) -> DataFrame:
    """The table, seen from `as_of`. A line is of its order's day where it names none. `earlier` are marts of then."""
    days = {row["order_id"]: row["order_date"] for row in orders}
    dated = [{"order_date": days.get(row["order_id"]), **row} for row in lines]
    known = {
        "orders": orders_of(spark, *orders),
        "order_lines": lines_of(spark, *dated),
        "date_dim": calendar_of(spark, *calendar),
        **{one.name: frame(spark, one.contract, ()) for one in PRODUCT.earlier},
    }
    known |= {f"earlier_{name}": rows for name, rows in (earlier or {}).items()}
    is_beyond = any(day > as_of for day in days.values())
    given = {"as_of": as_of, "cutoff": as_of if is_beyond else None, "rules": rules}

    def resolved(name: str) -> DataFrame:
        if name not in known:
            step = PRODUCT.step(name)
            inputs = [resolved(one) for one in step.inputs]
            known[name] = step.build(*inputs, **{one: given[one] for one in step.parameters})
        return known[name]

    return resolved(table)
