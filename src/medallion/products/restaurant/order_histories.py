"""What models of order days are fitted on, as expressions over a row of `customers`."""

from __future__ import annotations

from medallion.spark import F, SparkColumn


def repeat_day_count() -> SparkColumn:
    """Order days after the first, of a row of customers."""
    return (F.col("order_day_count") - 1).cast("int")


def first_to_last_days() -> SparkColumn:
    """Days from the first order day to the last, of a row of customers."""
    return F.datediff("last_order_date", "first_order_date")


def repeat_day_value() -> SparkColumn:
    """Mean net amount of the order days after the first, of a row of customers; NULL without any."""
    spent = (F.col("net_amount") - F.col("first_day_net_amount")).cast("double")
    return spent / F.nullif((F.col("order_day_count") - 1).cast("double"), F.lit(0.0))
