"""What does each holiday do to sales?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from medallion.arithmetic import MONEY, NO_MONEY, count_where, money_sum, named, ratio, rounded
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.gold.periods import DAY
from medallion.spark import DataFrame, F, SparkColumn, Window

if TYPE_CHECKING:
    from pyspark.sql.window import WindowSpec

WEEKS = 4  # before and after, whose same weekdays a day is held against
FEWEST_ORDINARY_DAYS = 28  # from which the spread of ordinary days is measured
NORMAL_95 = 1.959963984540054

NOT_ORDINARY = "no ordinary day of the same weekday with sales within 4 weeks"
TOO_FEW = "fewer than 28 ordinary days to measure their spread"

TABLE = Table(
    name="holiday_uplift",
    layer=Layer.GOLD,
    grain=("holiday_name", "currency"),
    description="One row a holiday of the calendar and currency: its days' net amount against the mean of the same "
    "weekday in the 4 weeks before and after, holidays left out. The standard error is the spread of the same "
    "comparison over all ordinary days of the currency, so it holds whatever makes days differ. Days that the calendar "
    "does not know count as ordinary.",
    columns=(
        Column("holiday_name", "varchar(255)", "Name of the holiday; `(unknown)` where it has none.", nullable=False),
        shared.CURRENCY,
        shared.AS_OF,
        Column(
            "day_count",
            "bigint",
            "Days of the holiday up to as_of.",
            "count",
            False,
            minimum=1,
            formula="count(days of the holiday)",
        ),
        Column(
            "compared_day_count",
            "bigint",
            "Those to be held against ordinary days with sales (their mean above 0); all further figures are of them.",
            "count",
            False,
            minimum=0,
            formula="count(days whose mean of ordinary days within 4 weeks is above 0)",
        ),
        Column("net_amount", MONEY, "Net amount of these days.", "currency", False, formula="sum(net_amount)"),
        Column(
            "ordinary_net_value",
            "double",
            "What ordinary days in their place bring: sum of the means.",
            "currency",
            formula="sum(mean net_amount of the same weekday within 4 weeks, holidays left out)",
        ),
        Column(
            "uplift_pct",
            "double",
            "net_amount against ordinary_net_value.",
            "percent",
            formula="100 * (net_amount / ordinary_net_value - 1)",
        ),
        Column(
            "standard_error_pct",
            "double",
            "Standard deviation of the comparison over ordinary days / √compared_day_count, times net_amount / "
            "ordinary_net_value where that is above 1: busier days vary more.",
            "percent",
            minimum=0,
            formula="100 * deviation of ordinary days * max(1, net_amount / ordinary_net_value) / sqrt(days)",
        ),
        Column(
            "uplift_pct_low",
            "double",
            "Lower bound of the 95 % interval (normal).",
            "percent",
            formula="uplift_pct - 1.96 * standard_error_pct",
        ),
        Column(
            "uplift_pct_high", "double", "Its upper bound.", "percent", formula="uplift_pct + 1.96 * standard_error_pct"
        ),
        Column(
            "ordinary_day_count",
            "bigint",
            "Ordinary days that the spread is measured on.",
            "count",
            False,
            formula="count(ordinary days)",
        ),
        Column(
            "reason",
            "varchar(80)",
            "Why figures are missing; NULL where none is.",
            accepted=(NOT_ORDINARY, TOO_FEW),
        ),
    ),
    checks=(
        Check(
            name="missing_figures_have_a_reason",
            expression="(reason IS NULL) = (standard_error_pct IS NOT NULL)",
            description="there is a reason where the uplift has no interval, and only there",
        ),
    ),
    sort=("currency", "holiday_name"),
    exclusions="Orders after as_of. Of comparisons also: holidays among the ordinary days.",
)


def build(sales_trends: DataFrame, *, as_of: date) -> DataFrame:
    """Holidays against ordinary days of the same weekday. Grain: (holiday_name, currency)."""
    days = _compared(sales_trends.where(F.col("period") == DAY))
    spread = (
        days.where(~F.col("on_holiday"))
        .groupBy("currency")
        .agg(
            F.stddev_samp("change").alias("ordinary_spread"),
            F.count("change").alias("ordinary_days"),
        )
    )
    is_compared = F.col("change").isNotNull()
    holidays = (
        days.where(F.col("on_holiday"))
        .groupBy(named("holiday_name"), "currency")
        .agg(
            F.count(F.lit(1)).alias("day_count"),
            count_where(is_compared).alias("compared_day_count"),
            money_sum(F.when(is_compared, F.col("net_amount"))).alias("net_amount"),
            F.sum(F.when(is_compared, F.col("ordinary"))).alias("ordinary_net_value"),
        )
    )
    # Many to one: the spread has one row a currency, none where all days are holidays.
    measured = holidays.join(F.broadcast(spread), "currency", how="left")
    return TABLE.conform(rounded(_with_interval(measured), TABLE).withColumn("as_of", F.lit(as_of)))


def _compared(days: DataFrame) -> DataFrame:
    """Days with the mean of the same weekday's ordinary days around them, and the change against it.

    sales_trends has every day, so the fourth row of a weekday before or after is four weeks away.
    """
    around = (
        Window.partitionBy("currency", F.dayofweek("period_start")).orderBy("period_start").rowsBetween(-WEEKS, WEEKS)
    )
    on_holiday = F.coalesce(F.col("is_holiday"), F.lit(False))
    marked = days.select("currency", "period_start", "holiday_name", "net_amount", on_holiday.alias("on_holiday"))
    with_mean = marked.withColumn("ordinary", _mean_of_others(around))
    change = F.when(F.col("ordinary") > 0, ratio("net_amount", "ordinary") - F.lit(1.0))
    return with_mean.withColumn("change", change)


def _mean_of_others(around: WindowSpec) -> SparkColumn:
    """Mean net amount of the ordinary days around a day, without the day itself; NULL where there are none."""
    is_ordinary = ~F.col("on_holiday")
    # Exact, as the difference of two sums of doubles is not 0 where it ought to be.
    amount = F.when(is_ordinary, F.col("net_amount")).otherwise(F.expr(NO_MONEY))
    total, count = F.sum(amount).over(around), F.sum(is_ordinary.cast("bigint")).over(around)
    return ratio(total - amount, count - is_ordinary.cast("bigint"))


def _with_interval(measured: DataFrame) -> DataFrame:
    level = ratio("net_amount", "ordinary_net_value")
    is_measured = F.col("ordinary_days") >= FEWEST_ORDINARY_DAYS
    error = (
        F.col("ordinary_spread") * F.greatest(level, F.lit(1.0)) / F.sqrt(F.col("compared_day_count").cast("double"))
    )
    hundred = F.lit(100.0)
    figures = measured.withColumns(
        {
            "ordinary_day_count": F.coalesce(F.col("ordinary_days"), F.lit(0).cast("bigint")),
            "uplift_pct": (level - F.lit(1.0)) * hundred,
            "standard_error_pct": F.when(is_measured & (F.col("compared_day_count") > 0), error * hundred),
            "reason": F.when(F.col("compared_day_count") == 0, F.lit(NOT_ORDINARY)).when(
                ~F.coalesce(is_measured, F.lit(False)), F.lit(TOO_FEW)
            ),
        }
    )
    reach = F.lit(NORMAL_95) * F.col("standard_error_pct")
    return figures.withColumns(
        {"uplift_pct_low": F.col("uplift_pct") - reach, "uplift_pct_high": F.col("uplift_pct") + reach}
    )
