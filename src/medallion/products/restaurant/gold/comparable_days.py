"""Order days in classes of comparable ones, and what each customer's days do to the difference of discounted ones."""

from __future__ import annotations

from datetime import date, timedelta

from medallion.arithmetic import class_of, count_where, ratio
from medallion.spark import DataFrame, F, Window

REPEAT_DAYS = (30, 60, 90)
# Upper bounds of what counts as alike: the customer's how manieth order day it is, and days since the one before.
ORDER_DAY_NUMBERS = (1, 2, 3, 5, 10)
RECENCY_DAYS = (7, 14, 30, 60, 90)
# A single day lies on its own mean, so nothing tells how far days of its class and side spread.
FEWEST_OF_A_CLASS = 2
# Influences are summed exactly, in any order; squared they have 37 digits. To the fourth, up to the highest square
# that a sum of a hundred has room for, as much is kept as degrees of freedom need.
_INFLUENCE, _FOURTH, _HIGHEST_SQUARE = "decimal(18,10)", "decimal(38,16)", 1e10

CLASS = ("currency", "number_class", "recency_class")
COUNTS = ("day_count", "first_count", "second_count", *(f"repeats_{within}" for within in REPEAT_DAYS))
CUSTOMERS = ("customer_count", "first_customers", "second_customers")
POWERS = ("squares", "fourths")


def watched(days: DataFrame, as_of: date) -> DataFrame:
    """Order days that are old enough to judge, with their class and whether each window had an order."""
    gap = F.datediff(F.col("next_order_date"), F.col("order_date"))
    recency = F.datediff(F.col("order_date"), F.col("previous_order_date"))
    return days.where(F.col("order_date") <= F.lit(as_of - timedelta(days=max(REPEAT_DAYS)))).select(
        "user_id",
        "currency",
        class_of(F.col("order_day_number"), ORDER_DAY_NUMBERS).alias("number_class"),
        F.coalesce(class_of(recency, RECENCY_DAYS), F.lit(-1)).alias("recency_class"),
        (F.col("discounted_order_count") > 0).alias("is_discounted"),
        *(F.coalesce(gap <= within, F.lit(False)).alias(f"repeat_{within}") for within in REPEAT_DAYS),
    )


def by_class(days: DataFrame) -> DataFrame:
    """Days and repeats of each class and kind, with the class's counts of both. Grain: (class, is_discounted)."""
    counted = days.groupBy(*CLASS, "is_discounted").agg(
        F.count(F.lit(1)).alias("day_count"),
        *(count_where(F.col(f"repeat_{within}")).alias(f"repeats_{within}") for within in REPEAT_DAYS),
    )
    of_class = Window.partitionBy(*CLASS)
    counts = {
        name: F.coalesce(F.sum(F.when(is_there, F.col("day_count"))).over(of_class), F.lit(0).cast("bigint"))
        for name, is_there in (("first_count", F.col("is_discounted")), ("second_count", ~F.col("is_discounted")))
    }
    return counted.withColumns(counts)


def influences(days: DataFrame, sides: DataFrame) -> DataFrame:
    """Customers, and sums of powers of their influences on the sum of differences: a row a currency.

    Customers count by the kinds of their compared days too: CUSTOMERS, and POWERS for each of REPEAT_DAYS.
    """
    of_day = {
        within: F.when(F.col(f"repeat_{within}"), F.col(f"followed_{within}")).otherwise(F.col(f"alone_{within}"))
        for within in REPEAT_DAYS
    }
    # Many to one: a class has one row of each kind.
    of_customers = (
        days.join(F.broadcast(_of_a_day(sides)), [*CLASS, "is_discounted"], how="inner")
        .groupBy("user_id", "currency")
        .agg(
            F.bool_or("is_discounted").alias("is_first"),
            F.bool_or(~F.col("is_discounted")).alias("is_second"),
            *(F.sum(value).cast(_INFLUENCE).alias(f"influence_{within}") for within, value in of_day.items()),
        )
    )
    own = {within: F.col(f"influence_{within}") for within in REPEAT_DAYS}
    squares = {within: value * value for within, value in own.items()}
    bounded = {within: F.least(value.cast("double"), F.lit(_HIGHEST_SQUARE)) for within, value in squares.items()}
    return of_customers.groupBy("currency").agg(
        F.count(F.lit(1)).alias("customer_count"),
        count_where(F.col("is_first")).alias("first_customers"),
        count_where(F.col("is_second")).alias("second_customers"),
        *(F.sum(value).cast("double").alias(f"squares_{within}") for within, value in squares.items()),
        *(
            F.sum((value * value).cast(_FOURTH)).cast("double").alias(f"fourths_{within}")
            for within, value in bounded.items()
        ),
    )


def _of_a_day(sides: DataFrame) -> DataFrame:
    """The influence of a day that was followed, and of one that was not, of each compared class and kind.

    Residuals of n days are too small by sqrt((n - 1) / n), as the days are part of their own mean. A full-price day
    takes away from the difference, as many times as it stands for a discounted one.
    """
    weight = F.when(F.col("is_discounted"), F.lit(1.0)).otherwise(-ratio("first_count", "second_count"))
    scaled = weight * F.sqrt(ratio("day_count", F.col("day_count") - 1))
    values = []
    for within in REPEAT_DAYS:
        rate = ratio(f"repeats_{within}", "day_count")
        values.append((scaled * (F.lit(1.0) - rate)).cast(_INFLUENCE).alias(f"followed_{within}"))
        values.append((scaled * -rate).cast(_INFLUENCE).alias(f"alone_{within}"))
    is_compared = F.least("first_count", "second_count") >= FEWEST_OF_A_CLASS
    return sides.where(is_compared).select(*CLASS, "is_discounted", *values)
