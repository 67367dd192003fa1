"""Do customers come back more often after a discounted order than after one at full price?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from medallion.arithmetic import count_where, ratio
from medallion.confidence import significant, with_interval
from medallion.contracts import Column, Layer, Table
from medallion.effects import NAN, NO_VARIATION, SIDES, too_few
from medallion.grouped_arrays import by_group
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.silver.customer_days import known_on
from medallion.spark import DataFrame, F, SparkColumn

REPEAT_DAYS = (30, 60, 90)
# Upper bounds of what counts as alike: the customer's how manieth order day it is, and days since the one before.
ORDER_DAY_NUMBERS = (1, 2, 3, 5, 10)
RECENCY_DAYS = (7, 14, 30, 60, 90)
# Influences are summed exactly, in any order; squared they have 37 digits.
_INFLUENCE = "decimal(18,10)"

TABLE = Table(
    name="discount_repeat_effect",
    layer=Layer.GOLD,
    grain=("repeat_days", "currency"),
    description="Three rows a currency with customers: how much more often a customer's day with a discounted order is "
    "followed by another order than a comparable day at full price, within 30, 60 and 90 days. Comparable are days of "
    "the same place in the customer's history (1st, 2nd, 3rd, 4th to 5th, 6th to 10th, later) and the same time since "
    "the order day before (7, 14, 30, 60, 90 days, longer). It is an effect only if, among these, chance decides who "
    "has a discount; where discounts go to those who are leaving, or to those who come anyway, it shows that too. It "
    "says nothing of the basket, of who never ordered before, or of what customers would have paid.",
    columns=(
        Column("repeat_days", "integer", "Days within which another order counts.", "days", False, minimum=1),
        shared.CURRENCY,
        shared.AS_OF,
        *shared.estimate_columns(
            "discounted_repeat_rate - full_price_repeat_rate",
            "sqrt of the sum over customers of their squared influences on the estimate (CR1)",
            "rate",
        ),
        Column(
            "discounted_repeat_rate",
            "double",
            "Share of the discounted order days that were followed by an order on a later day within repeat_days.",
            "rate",
            minimum=0,
            maximum=1,
            formula="count(discounted order days followed within repeat_days) / discounted_count",
        ),
        Column(
            "full_price_repeat_rate",
            "double",
            "That share of the full-price order days, each class weighted by its discounted ones.",
            "rate",
            minimum=0,
            maximum=1,
            formula="sum over classes of discounted days * share of full-price days followed within repeat_days / "
            "discounted_count",
        ),
        Column(
            "discounted_count",
            "bigint",
            "Discounted order days that are compared.",
            "count",
            False,
            minimum=0,
            formula="count(discounted order days in classes with full-price ones)",
        ),
        Column(
            "full_price_count",
            "bigint",
            "Full-price order days that are compared.",
            "count",
            False,
            minimum=0,
            formula="count(full-price order days in classes with discounted ones)",
        ),
        Column(
            "customer_count",
            "bigint",
            "Customers of these days, by whom errors cluster.",
            "count",
            False,
            minimum=0,
            formula="count(distinct customers of the compared days)",
        ),
        Column(
            "unmatched_count",
            "bigint",
            "Discounted order days in classes without any at full price.",
            "count",
            False,
            minimum=0,
            formula="count(discounted order days in classes without full-price ones)",
        ),
        shared.REASON,
    ),
    exclusions="Orders of guests, and order days less than 90 days before as_of.",
)

_CLASS = ("currency", "number_class", "recency_class")
_COUNTS = ("first_count", "second_count", "unmatched_count", "customer_count", "class_count")
_SUMS = tuple(f"{name}_{within}" for name in (*SIDES, "squares") for within in REPEAT_DAYS)
_SHOWN = ("discounted_count", "full_price_count", "customer_count", "unmatched_count")


def build(customers: DataFrame, customer_days: DataFrame, *, as_of: date) -> DataFrame:
    """Order days that ended the longest window by as_of, compared. Grain: (repeat_days, currency)."""
    days = _watched(known_on(customer_days, as_of), as_of)
    classes = _classes(days)
    # At most one match each: all have one row a currency.
    measured = (
        customers.select("currency")
        .distinct()
        .join(_rates(classes), "currency", how="left")
        .join(_errors(days, classes), "currency", how="left")
        .fillna(0, [*_COUNTS, *_SUMS])
    )
    columns = [column for column in TABLE.columns if column.name != "as_of"]
    estimates = by_group(measured, ["currency"], [*_COUNTS, *_SUMS], _estimates, columns)
    return TABLE.conform(estimates.withColumn("as_of", F.lit(as_of)))


def _watched(days: DataFrame, as_of: date) -> DataFrame:
    """Order days that are old enough to judge, with their class and whether each window had an order."""
    gap = F.datediff(F.col("next_order_date"), F.col("order_date"))
    recency = F.datediff(F.col("order_date"), F.col("previous_order_date"))
    return days.where(F.col("order_date") <= F.lit(as_of - timedelta(days=max(REPEAT_DAYS)))).select(
        "user_id",
        "currency",
        _class_of(F.col("order_day_number"), ORDER_DAY_NUMBERS).alias("number_class"),
        F.coalesce(_class_of(recency, RECENCY_DAYS), F.lit(-1)).alias("recency_class"),
        (F.col("discounted_order_count") > 0).alias("is_discounted"),
        *(F.coalesce(gap <= within, F.lit(False)).cast("bigint").alias(f"repeat_{within}") for within in REPEAT_DAYS),
    )


def _class_of(value: SparkColumn, bounds: Iterable[int]) -> SparkColumn:
    """How many of the bounds a value is above; NULL stays NULL."""
    above = F.lit(0)
    for bound in bounds:
        above = above + (value > bound).cast("int")
    return above


def _classes(days: DataFrame) -> DataFrame:
    """Order days of each class by side, their repeats, and how many discounted ones each full-price one stands for."""
    sides = dict(zip(SIDES, (F.col("is_discounted"), ~F.col("is_discounted")), strict=True))
    counted = days.groupBy(*_CLASS).agg(
        *(count_where(is_there).alias(f"{side}_count") for side, is_there in sides.items()),
        *(
            F.coalesce(F.sum(F.when(is_there, F.col(f"repeat_{within}"))), F.lit(0).cast("bigint")).alias(
                f"{side}_repeats_{within}"
            )
            for side, is_there in sides.items()
            for within in REPEAT_DAYS
        ),
    )
    return counted.withColumns(
        {
            "is_compared": (F.col("first_count") > 0) & (F.col("second_count") > 0),
            "weight": ratio("first_count", "second_count"),
        }
    )


def _rates(classes: DataFrame) -> DataFrame:
    """Both sides' counts and repeat rates: a row a currency."""
    is_compared = F.col("is_compared")
    sums = {f"first_{within}": F.col(f"first_repeats_{within}") for within in REPEAT_DAYS}
    # Rounded, so that the order of a few dozen classes makes no difference.
    sums |= {
        f"second_{within}": F.round(F.col("weight") * F.col(f"second_repeats_{within}"), 10).cast("decimal(28,10)")
        for within in REPEAT_DAYS
    }
    return classes.groupBy("currency").agg(
        *(F.sum(F.when(is_compared, F.col(f"{side}_count"))).alias(f"{side}_count") for side in SIDES),
        F.sum(F.when(~is_compared, F.col("first_count"))).alias("unmatched_count"),
        count_where(is_compared).alias("class_count"),
        *(F.sum(F.when(is_compared, value)).cast("double").alias(name) for name, value in sums.items()),
    )


def _errors(days: DataFrame, classes: DataFrame) -> DataFrame:
    """Customers, and the sums of their squared influences on the difference: a row a currency."""
    compared = classes.where("is_compared")
    # Many to one: a class has one row.
    joined = days.join(F.broadcast(compared), list(_CLASS), how="inner")
    influences = []
    for within in REPEAT_DAYS:
        repeat = F.col(f"repeat_{within}")
        first = repeat - ratio(f"first_repeats_{within}", "first_count")
        second = F.col("weight") * (ratio(f"second_repeats_{within}", "second_count") - repeat)
        influence = F.when(F.col("is_discounted"), first).otherwise(second).cast(_INFLUENCE)
        influences.append(F.sum(influence).cast(_INFLUENCE).alias(f"influence_{within}"))
    of_customers = joined.groupBy("user_id", "currency").agg(*influences)
    return of_customers.groupBy("currency").agg(
        F.count(F.lit(1)).alias("customer_count"),
        *(
            F.sum(F.col(f"influence_{within}") * F.col(f"influence_{within}")).cast("double").alias(f"squares_{within}")
            for within in REPEAT_DAYS
        ),
    )


def _estimates(_: Mapping[str, Any], measured: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rows of a currency: differences with errors clustered by customer (CR1), or the reason why there are none."""
    import numpy as np

    first, second, unmatched, customers, classes = (int(measured[name][0]) for name in _COUNTS)
    sums = {name: np.array([measured[f"{name}_{within}"][0] for within in REPEAT_DAYS]) for name in (*SIDES, "squares")}
    free = first + second - 2 * classes  # what is left of the days after a rate for each side of each class
    rates = {side: sums[side] / first if first else np.full(len(REPEAT_DAYS), NAN) for side in SIDES}
    is_known = sums["squares"] > 0
    reasons = [None if known else NO_VARIATION for known in is_known]
    if min(first, second, customers) < 2 or free <= 0:
        is_known = np.zeros_like(is_known)
        no_freedom = "the classes leave no variation to take an error from"
        reasons = [too_few(first, second) if min(first, second, customers) < 2 else no_freedom] * len(REPEAT_DAYS)
    correction = customers / max(customers - 1, 1) * (first + second - 1) / max(free, 1)
    error = np.where(is_known, np.sqrt(correction * sums["squares"]) / max(first, 1), NAN)
    freedom = np.where(is_known, customers - 1.0, NAN)
    return {
        "repeat_days": list(REPEAT_DAYS),
        **with_interval(rates["first"] - rates["second"], error, freedom),
        "discounted_repeat_rate": significant(rates["first"]),
        # Weights that are no finite decimals may add a little to it.
        "full_price_repeat_rate": significant(np.minimum(rates["second"], 1.0)),
        **{
            name: [count] * len(REPEAT_DAYS)
            for name, count in zip(_SHOWN, (first, second, customers, unmatched), strict=True)
        },
        "reason": reasons,
    }
