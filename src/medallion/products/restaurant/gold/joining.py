"""Customers before and after they joined the loyalty programme, and others as they might have joined."""

from __future__ import annotations

from datetime import date, timedelta

from medallion.arithmetic import MONEY, NO_MONEY
from medallion.effects import sums_of
from medallion.products.restaurant.amounts import up_to
from medallion.spark import DataFrame, F, SparkColumn

METRICS = ("net_amount", "order_count")
_EPOCH, _DAYS, _PRIME = date(1970, 1, 1), 100_000, 65_537
_CUSTOMER = ("user_id", "currency")


def joining_strata(customer_days: DataFrame, *, as_of: date, window_days: int) -> DataFrame:
    """The changes of joiners (first) and of never-joiners (second): columns `<metric>_` and each of MEASURES.

    Grain: (currency, cohort, spend_class), of customers who could have joined.
    """
    # Who ordered on one day alone has no time before joining.
    days = up_to(customer_days, as_of).where("order_day_number > 1 OR next_order_date IS NOT NULL")
    customers = _before_and_after(days, as_of - timedelta(days=window_days), window_days)
    strata = customers.withColumns(
        {"cohort": F.trunc("first_order_date", "quarter"), "spend_class": _doublings(F.col("net_amount_before"))}
    ).groupBy("currency", "cohort", "spend_class")
    return strata.agg(
        *(
            one
            for metric in METRICS
            for one in sums_of(F.col(f"{metric}_after") - F.col(f"{metric}_before"), F.col("is_joiner"), f"{metric}_")
        )
    )


def _before_and_after(days: DataFrame, last_day: date, window_days: int) -> DataFrame:
    """What customers spent and ordered in the windows before and after their index day, which counts in neither.

    The index day of a joiner is that of the first loyal order; of a never-joiner one of the days after the first, drawn
    evenly by a hash of it and the first. Who was loyal from the first order on has no time before, and is left out, as
    is who joined so late that the window after has not ended. Grain: (user_id, currency).
    """
    is_later = F.col("order_date") > F.col("first_order_date")
    drawn = F.min(F.when(is_later, _lot()))
    index = (
        days.groupBy(*_CUSTOMER)
        .agg(
            F.min("first_order_date").alias("first_order_date"),
            F.min(F.when(F.col("loyalty_order_count") > 0, F.col("order_date"))).alias("joined_date"),
            drawn.alias("lot"),
        )
        .select(
            *_CUSTOMER,
            "first_order_date",
            F.col("joined_date").isNotNull().alias("is_joiner"),
            F.coalesce(F.col("joined_date"), F.date_add(F.lit(_EPOCH), (F.col("lot") % _DAYS).cast("int"))).alias(
                "index_date"
            ),
        )
        .where((F.col("index_date") > F.col("first_order_date")) & (F.col("index_date") <= F.lit(last_day)))
    )
    # Many to one: `index` has one row a customer and currency; each has its index day among the days.
    distance = F.datediff(F.col("order_date"), F.col("index_date"))
    is_before, is_after = distance.between(-window_days, -1), distance.between(1, window_days)
    sums = [
        total.alias(f"{metric}_{name}")
        for name, is_within in (("before", is_before), ("after", is_after))
        for metric, total in (("net_amount", _money(is_within)), ("order_count", _orders(is_within)))
    ]
    near = days.select(*_CUSTOMER, "order_date", "net_amount", "order_count").join(index, list(_CUSTOMER), how="inner")
    return near.groupBy(*_CUSTOMER).agg(
        F.min("first_order_date").alias("first_order_date"), F.bool_or("is_joiner").alias("is_joiner"), *sums
    )


def _lot() -> SparkColumn:
    """A number for each of a customer's days, the least of which is drawn; its last digits are the day."""
    day, first = (F.datediff(F.col(name), F.lit(_EPOCH)).cast("bigint") for name in ("order_date", "first_order_date"))
    mixed = (day * 48_271 + first * 69_621) % _PRIME
    return mixed * mixed % _PRIME * _DAYS + day


def _money(is_within: SparkColumn) -> SparkColumn:
    return F.coalesce(F.sum(F.when(is_within, F.col("net_amount"))).cast(MONEY), F.expr(NO_MONEY))


def _orders(is_within: SparkColumn) -> SparkColumn:
    return F.coalesce(F.sum(F.when(is_within, F.col("order_count"))), F.lit(0).cast("bigint"))


def _doublings(amount: SparkColumn) -> SparkColumn:
    """How often 0.01 must be doubled to reach an amount: those of a class differ by less than twice; -1 for none."""
    # A little is added because engines take the logarithm of a power of two a little differently.
    hundredths = F.when(amount > F.expr(NO_MONEY), amount.cast("double") * F.lit(100.0))
    return F.coalesce(F.floor(F.log2(hundredths) + F.lit(1e-9)).cast("bigint"), F.lit(-1).cast("bigint"))
