"""Do the same locations sell more than a year ago, and is that more orders or larger ones?"""

from __future__ import annotations

import calendar
from datetime import date

from medallion.arithmetic import MONEY, count_where, money_sum, percent_change, ratio
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.spark import DataFrame, F, SparkColumn, Window

TABLE = Table(
    name="comparable_sales",
    layer=Layer.GOLD,
    grain=("month_start", "currency"),
    description="One row a month and currency: locations with orders both in it and in the same month a year earlier, "
    "if the currency's sales began on that month's first day or before. Of the month of as_of both years have the days "
    "up to as_of's day of the month. Orders that name no location are left out.",
    columns=(
        Column("month_start", "date", "First day of the month.", nullable=False),
        shared.CURRENCY,
        shared.AS_OF,
        Column("is_complete", "boolean", "Whether the month had ended by as_of.", nullable=False),
        Column(
            "location_count",
            "bigint",
            "Comparable locations.",
            "count",
            False,
            minimum=1,
            formula="count(locations that traded in both months)",
        ),
        Column(
            "order_count", "bigint", "Their orders of the month.", "count", False, minimum=1, formula="count(orders)"
        ),
        Column(
            "year_ago_order_count",
            "bigint",
            "Their orders a year earlier.",
            "count",
            False,
            minimum=1,
            formula="count(orders a year earlier)",
        ),
        Column("net_amount", MONEY, "Net amount of the month.", "currency", False, formula="sum(net_amount)"),
        Column(
            "year_ago_net_amount",
            MONEY,
            "Net amount a year earlier.",
            "currency",
            False,
            formula="sum(net_amount a year earlier)",
        ),
        Column(
            "average_order_value",
            "double",
            "net_amount / order_count.",
            "currency",
            False,
            formula="net_amount / order_count",
        ),
        Column(
            "year_ago_average_order_value",
            "double",
            "year_ago_net_amount / year_ago_order_count.",
            "currency",
            False,
            formula="year_ago_net_amount / year_ago_order_count",
        ),
        Column(
            "net_amount_change",
            MONEY,
            "net_amount less year_ago_net_amount.",
            "currency",
            False,
            formula="net_amount - year_ago_net_amount",
        ),
        Column(
            "traffic_amount",
            MONEY,
            "The part of the change that more or fewer orders make: change of order_count × mean of both average order "
            "values.",
            "currency",
            False,
            formula="(order_count - year_ago_order_count) * (average_order_value + year_ago_average_order_value) / 2",
        ),
        Column(
            "ticket_amount",
            MONEY,
            "The part that larger or smaller orders make: change of average_order_value × mean of both order counts. "
            "Both parts add up to net_amount_change.",
            "currency",
            False,
            formula="net_amount_change - traffic_amount",
        ),
        Column(
            "change_pct",
            "double",
            "net_amount against year_ago_net_amount; NULL if that is 0.",
            "percent",
            formula="100 * net_amount_change / year_ago_net_amount",
        ),
        Column(
            "order_count_change_pct",
            "double",
            "order_count against year_ago_order_count.",
            "percent",
            False,
            formula="100 * (order_count / year_ago_order_count - 1)",
        ),
        Column(
            "average_order_value_change_pct",
            "double",
            "average_order_value against year_ago_average_order_value; NULL if that is 0.",
            "percent",
            formula="100 * (average_order_value / year_ago_average_order_value - 1)",
        ),
        Column(
            "net_amount_share",
            "double",
            "Share of comparable locations in the month's net amount of the currency; NULL if that is 0.",
            "rate",
            formula="net_amount / the month's net_amount of all locations",
        ),
    ),
    checks=(
        Check(
            name="change_is_the_difference",
            expression="net_amount_change = net_amount - year_ago_net_amount",
            description="net_amount_change is net_amount less year_ago_net_amount",
        ),
        Check(
            name="change_is_traffic_and_ticket",
            expression="net_amount_change = traffic_amount + ticket_amount",
            description="traffic_amount and ticket_amount add up to net_amount_change",
        ),
    ),
    sort=("currency", "month_start"),
    exclusions="Orders after as_of, and those of locations that did not trade in both months.",
)

_COUNTS = ("order_count", "year_ago_order_count")
_AMOUNTS = ("net_amount", "year_ago_net_amount")


def build(sales_by_location: DataFrame, *, as_of: date) -> DataFrame:
    """Comparable locations' sales of each month. Grain: (month_start, currency)."""
    locations = (
        _in_both_years(sales_by_location, as_of)
        .groupBy("month_start", "currency", "restaurant_id")
        .agg(*_sums(F.lit(True)), F.min("order_date").alias("first_date"))
    )
    is_comparable = (
        F.col("restaurant_id").isNotNull() & (F.col("order_count") > 0) & (F.col("year_ago_order_count") > 0)
    )
    months = locations.groupBy("month_start", "currency").agg(
        count_where(is_comparable).alias("location_count"),
        *_sums(is_comparable),
        money_sum("net_amount").alias("all_net_amount"),
        F.min("first_date").alias("first_date"),
    )
    first_date = F.min("first_date").over(Window.partitionBy("currency"))
    known = months.withColumn("first_date", first_date).where(F.add_months("month_start", -12) >= F.col("first_date"))
    return TABLE.conform(_compared(known.where("location_count > 0"), as_of))


def _in_both_years(sales_by_location: DataFrame, as_of: date) -> DataFrame:
    """Each day's sales twice: as those of its month, and as those of a year earlier in the month a year later.

    A year earlier than the month of as_of, if that has not ended, only days up to as_of's day of the month count.
    """
    this_month = as_of.replace(day=1)
    is_ended = as_of.day == calendar.monthrange(as_of.year, as_of.month)[1]
    own, later = F.trunc("order_date", "month"), F.add_months(F.trunc("order_date", "month"), 12)
    days = sales_by_location.withColumn(
        "role",
        F.explode(
            F.array(
                F.struct(F.lit(False).alias("is_year_ago"), own.alias("month_start")),
                F.struct(F.lit(True).alias("is_year_ago"), later.alias("month_start")),
            )
        ),
    ).select("*", "role.*")
    counts = F.lit(True) if is_ended else _is_of_the_same_days(as_of)
    is_year_ago = F.col("is_year_ago")
    return days.where((F.col("month_start") <= F.lit(this_month)) & counts).select(
        "month_start",
        "currency",
        "restaurant_id",
        "order_date",
        *(F.when(~is_year_ago, F.col(name)).alias(name) for name in ("order_count", "net_amount")),
        *(F.when(is_year_ago, F.col(name)).alias(f"year_ago_{name}") for name in ("order_count", "net_amount")),
    )


def _is_of_the_same_days(as_of: date) -> SparkColumn:
    is_this_month = F.col("month_start") == F.lit(as_of.replace(day=1))
    return ~is_this_month | (F.dayofmonth("order_date") <= as_of.day)


def _sums(condition: SparkColumn) -> list[SparkColumn]:
    """The exact sums of the rows for which the condition holds; 0 of none."""
    no_orders = F.lit(0).cast("bigint")
    counts = (F.coalesce(F.sum(F.when(condition, F.col(name))), no_orders).alias(name) for name in _COUNTS)
    return [*counts, *(money_sum(F.when(condition, F.col(name))).alias(name) for name in _AMOUNTS)]


def _compared(months: DataFrame, as_of: date) -> DataFrame:
    averaged = months.withColumns(
        {
            "average_order_value": ratio("net_amount", "order_count"),
            "year_ago_average_order_value": ratio("year_ago_net_amount", "year_ago_order_count"),
            "net_amount_change": (F.col("net_amount") - F.col("year_ago_net_amount")).cast(MONEY),
        }
    )
    more_orders = (F.col("order_count") - F.col("year_ago_order_count")).cast("double")
    both_values = F.col("average_order_value") + F.col("year_ago_average_order_value")
    # To the cent by hand: engines differ in how they round a double to a decimal.
    traffic = (F.floor(more_orders * both_values * F.lit(50.0) + F.lit(0.5)).cast("double") / F.lit(100.0)).cast(MONEY)
    month_end = F.last_day("month_start")
    split = averaged.withColumn("traffic_amount", traffic)
    return split.withColumns(
        {
            "as_of": F.lit(as_of),
            "is_complete": month_end <= F.lit(as_of),
            "ticket_amount": (F.col("net_amount_change") - F.col("traffic_amount")).cast(MONEY),
            "change_pct": percent_change("net_amount", "year_ago_net_amount"),
            "order_count_change_pct": percent_change("order_count", "year_ago_order_count"),
            "average_order_value_change_pct": percent_change("average_order_value", "year_ago_average_order_value"),
            "net_amount_share": ratio("net_amount", "all_net_amount"),
        }
    )
