"""Order days with which customers joined the loyalty programme, or did not though they might have, and what changed."""

from __future__ import annotations

from datetime import date, timedelta

from medallion.arithmetic import MONEY, NO_MONEY, class_of, count_where
from medallion.products.restaurant.amounts import up_to
from medallion.spark import DataFrame, F, SparkColumn, Window

METRICS = ("net_amount", "order_count")
UNIT = ("is_joiner", "stratum", "customer", *METRICS)
# Of more order days without joining an even share is compared: its own error is small beside that of the joiners.
MOST_OTHERS = 50_000
# Upper bounds, in days since the order day before, of what counts as alike. Who answers a letter with the next order
# joins with one after a longer pause, and more orders follow a pause than went before it.
RECENCY_DAYS = (7, 30, 90)
_EPOCH, _PRIME = date(1970, 1, 1), 65_537
_CUSTOMER = ("user_id", "currency")


def joining_days(customer_days: DataFrame, *, as_of: date, window_days: int) -> DataFrame:
    """Order days after a customer's first: `is_joiner` 1 for the one of joining, 0 for those before it.

    Who had not joined by a day may join later, or never: what came afterwards has no say in who is compared. `customer`
    is a number for each, `stratum` one for the quarter of the first order, whether that lies in the window before, the
    class of days since the order day before, and that of spend in the window before (classes double); METRICS are those
    of the window after less those of the window before, the day itself in neither. Days before the currency's first
    loyal order, and windows after that have not ended by `as_of`, do not count. Grain: (currency, customer, day).
    """
    days = up_to(customer_days, as_of)
    sums = _before_and_after(days, _index_days(days, as_of - timedelta(days=window_days)), window_days)
    quarter = F.year("first_order_date") * 4 + F.quarter("first_order_date")
    recency = class_of(F.coalesce("days_since", F.lit(RECENCY_DAYS[-1] + 1)), RECENCY_DAYS)
    changes = (
        (F.col(f"{metric}_after") - F.col(f"{metric}_before")).cast("double").alias(metric) for metric in METRICS
    )
    # Who is new has had less time to spend as much.
    is_new = (F.datediff("index_date", "first_order_date") <= window_days).cast("int")
    stratum = ((quarter * 10 + recency) * 10 + is_new) * 100 + _doublings(F.col("net_amount_before"))
    # A number for each customer that says nothing about them.
    customer = F.dense_rank().over(Window.partitionBy("currency").orderBy("user_id"))
    return sums.select("currency", "is_joiner", stratum.alias("stratum"), customer.alias("customer"), *changes)


def _index_days(days: DataFrame, last_day: date) -> DataFrame:
    """Order days of joining, and others of customers who had not joined. Grain: (user_id, currency, index_date)."""
    joined = (
        days.where("loyalty_order_count > 0")
        .groupBy(*_CUSTOMER)
        .agg(F.min("order_date").alias("joined_date"), F.min("first_order_date").alias("first_order_date"))
    )
    # Who is loyal from the first order on has no time before.
    joiners = joined.where((F.col("joined_date") > F.col("first_order_date")) & (F.col("joined_date") <= last_day))
    is_later = (F.col("order_date") > F.col("first_order_date")) & (F.col("order_date") <= F.lit(last_day))
    launch = F.min(F.when(F.col("loyalty_order_count") > 0, F.col("order_date")))
    known = days.groupBy("currency").agg(launch.alias("launch_date"), count_where(is_later).alias("later_count"))
    share = F.lit(float(_PRIME * MOST_OTHERS)) / F.greatest(F.col("later_count"), F.lit(1)).cast("double")
    # Many to one: `known` has one row a currency, `joined` at most one a customer and currency.
    others = (
        days.where(is_later)
        .join(F.broadcast(known), "currency")
        .where((F.col("order_date") >= F.col("launch_date")) & (_lot().cast("double") < share))
        .join(joined.select(*_CUSTOMER, "joined_date"), list(_CUSTOMER), how="left")
        .where(F.col("joined_date").isNull() | (F.col("order_date") < F.col("joined_date")))
    )
    columns = (*_CUSTOMER, "first_order_date", "index_date", "is_joiner")
    of_joining = joiners.withColumnRenamed("joined_date", "index_date").withColumn("is_joiner", F.lit(1))
    of_others = others.withColumnRenamed("order_date", "index_date").withColumn("is_joiner", F.lit(0))
    return of_joining.select(*columns).unionByName(of_others.select(*columns))


def _before_and_after(days: DataFrame, index: DataFrame, window_days: int) -> DataFrame:
    """What customers spent and ordered in the windows before and after an index day. Grain: that of `index`.

    `days_since` the order day before is NULL where the window before has none. Days are looked for in the spans of a
    calendar that a day's windows touch, two at most: not in all of a customer's.
    """
    width = 2 * window_days + 1
    spans = (_span(F.col("index_date"), shift, width) for shift in (-window_days, window_days))
    spread = index.withColumn("span", F.explode(F.sequence(*spans)))
    near = days.select(*_CUSTOMER, "order_date", *METRICS, _span(F.col("order_date"), 0, width).alias("span"))
    distance = F.datediff(F.col("order_date"), F.col("index_date"))
    windows = {"before": distance.between(-window_days, -1), "after": distance.between(1, window_days)}
    return (
        spread.join(near, [*_CUSTOMER, "span"])
        .groupBy(*_CUSTOMER, "index_date", "first_order_date", "is_joiner")
        .agg(
            *(_money(is_within).alias(f"net_amount_{name}") for name, is_within in windows.items()),
            *(_orders(is_within).alias(f"order_count_{name}") for name, is_within in windows.items()),
            F.min(F.when(windows["before"], -distance)).alias("days_since"),
        )
    )


def _span(day: SparkColumn, shift: int, width: int) -> SparkColumn:
    """The number of the span of `width` days that a day lies in, shifted by some days."""
    return F.floor((F.datediff(day, F.lit(_EPOCH)) + shift) / F.lit(float(width))).cast("int")


def _lot() -> SparkColumn:
    """A number below the prime for each order day, spread evenly: of the day and the customer's first one alone."""
    day, first = (F.datediff(F.col(name), F.lit(_EPOCH)).cast("bigint") for name in ("order_date", "first_order_date"))
    mixed = (day * 48_271 + first * 69_621) % _PRIME
    return mixed * mixed % _PRIME


def _money(is_within: SparkColumn) -> SparkColumn:
    return F.coalesce(F.sum(F.when(is_within, F.col("net_amount"))).cast(MONEY), F.expr(NO_MONEY))


def _orders(is_within: SparkColumn) -> SparkColumn:
    return F.coalesce(F.sum(F.when(is_within, F.col("order_count"))), F.lit(0).cast("bigint"))


def _doublings(amount: SparkColumn) -> SparkColumn:
    """How often 0.01 must be doubled to reach an amount, and 1 more; 0 of none. Classes are one doubling wide."""
    # A little is added because engines take the logarithm of a power of two a little differently.
    hundredths = F.when(amount > F.expr(NO_MONEY), amount.cast("double") * F.lit(100.0))
    return F.coalesce(F.floor(F.log2(hundredths) + F.lit(1e-9)).cast("int") + 1, F.lit(0))
