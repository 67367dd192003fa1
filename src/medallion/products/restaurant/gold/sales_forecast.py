"""What will the next four weeks bring, and how far off may that be?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import ratio, rounded
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.gold.periods import DAY
from medallion.spark import DataFrame, F, SparkColumn, Window

DAYS_AHEAD = 28
WEEKS = 4  # whose same weekdays a forecast is the mean of; as many weeks ahead are forecast
BACKTEST_DAYS = 364  # up to as_of, which the method is tried on: each weekday and season once
FEWEST_ERRORS = 28
INTERVAL = (0.025, 0.975)  # shares of the errors below the bounds
DIGITS = 6  # of measured shares: engines differ in the last ones of a percentile

TOO_SHORT = "fewer than 28 days since the first order"
ALL_HOLIDAYS = "all four days of the weekday were holidays"
UNTRIED = "fewer than 28 past days to try the method on"

TABLE = Table(
    name="sales_forecast",
    layer=Layer.GOLD,
    grain=("currency", "forecast_date"),
    description="One row a currency and day of the 28 after as_of. Seasonal-naive: a day is expected to bring the mean "
    "of the last 4 same weekdays, holidays left out. The same is done for every one of the last 364 days: what it "
    "missed is the error stated and, in parts of the daily mean of 28 days then and now, gives the interval. Holidays, "
    "trends and seasons ahead are not foreseen.",
    columns=(
        shared.CURRENCY,
        Column("forecast_date", "date", "The day.", nullable=False),
        shared.AS_OF,
        Column(
            "week_ahead",
            "smallint",
            "1 for days 1 to 7 after as_of, up to 4.",
            "count",
            False,
            minimum=1,
            maximum=4,
            formula="ceil((forecast_date - as_of) / 7)",
        ),
        Column(
            "forecast_value",
            "double",
            "Net amount expected.",
            "currency",
            formula="mean of the same weekday of the last weeks",
        ),
        Column(
            "forecast_value_low",
            "double",
            "Forecast and the 2.5 % quantile of past errors this far ahead, in parts of the daily mean of the last 28 "
            "days; not below 0 where the forecast is not.",
            "currency",
            formula="forecast_value + 2.5 % quantile of past errors",
        ),
        Column(
            "forecast_value_high",
            "double",
            "Forecast and the 97.5 % quantile: 95 % of the days are between.",
            "currency",
            formula="forecast_value + 97.5 % quantile of past errors",
        ),
        Column(
            "backtest_day_count",
            "bigint",
            "Past days that were forecast this far ahead and held against what came.",
            "count",
            False,
            minimum=0,
            formula="count(days forecast before)",
        ),
        Column(
            "backtest_mean_absolute_error",
            "double",
            "Mean of what these missed, up or down.",
            "currency",
            minimum=0,
            formula="mean(abs(net_amount - forecast))",
        ),
        Column(
            "backtest_error_pct",
            "double",
            "Sum of what they missed / sum of what came (weighted absolute percentage error).",
            "percent",
            formula="100 * sum(abs(net_amount - forecast)) / sum(net_amount)",
        ),
        Column(
            "backtest_bias_pct",
            "double",
            "Sum of what came less what was forecast / sum of what came.",
            "percent",
            formula="100 * sum(net_amount - forecast) / sum(net_amount)",
        ),
        Column(
            "reason",
            "varchar(60)",
            "Why the forecast or its interval is missing; NULL where both are there.",
            accepted=(TOO_SHORT, ALL_HOLIDAYS, UNTRIED),
        ),
    ),
    checks=(
        Check(
            name="missing_figures_have_a_reason",
            expression="(reason IS NULL) = (forecast_value_high IS NOT NULL)",
            description="there is a reason where the forecast has no interval, and only there",
        ),
    ),
    sort=("currency", "forecast_date"),
    exclusions="Orders after as_of.",
)


def build(sales_trends: DataFrame, *, as_of: date) -> DataFrame:
    """The next 28 days of each currency. Grain: (currency, forecast_date)."""
    days = sales_trends.where(F.col("period") == DAY).select(
        "currency",
        F.col("period_start").alias("day"),
        F.dayofweek("period_start").alias("weekday"),
        F.col("net_amount").cast("double").alias("came"),
        F.when(~F.coalesce(F.col("is_holiday"), F.lit(False)), F.col("net_amount").cast("double")).alias("ordinary"),
        F.col("net_amount_avg_28d").alias("level"),
    )
    recent = days.where(F.col("day") > F.date_sub(F.lit(as_of), DAYS_AHEAD))
    # At most one match each: one row a currency and weekday, one row a currency and week.
    ahead = (
        _ahead(recent, as_of)
        .join(_expected(recent), ["currency", "weekday"], how="left")
        .join(_missed(days, as_of), ["currency", "week_ahead"], how="left")
    )
    return TABLE.conform(rounded(_forecast(ahead), TABLE).withColumn("as_of", F.lit(as_of)))


def _ahead(recent: DataFrame, as_of: date) -> DataFrame:
    """The days to forecast: (currency, forecast_date, weekday, week_ahead), with the daily mean of the last 28."""
    currencies = recent.groupBy("currency").agg(F.count(F.lit(1)).alias("known_days"), F.avg("came").alias("level_now"))
    spread = currencies.withColumn("number", F.explode(F.sequence(F.lit(1), F.lit(DAYS_AHEAD))))
    dated = spread.withColumn("forecast_date", F.date_add(F.lit(as_of), F.col("number")))
    week = F.floor((F.col("number") - 1) / F.lit(7.0)) + 1
    return dated.withColumns({"weekday": F.dayofweek("forecast_date"), "week_ahead": week.cast("int")})


def _expected(recent: DataFrame) -> DataFrame:
    """The mean of the weekday's last four days, without holidays. Grain: (currency, weekday)."""
    return recent.groupBy("currency", "weekday").agg(F.avg("ordinary").alias("expected"))


def _missed(days: DataFrame, as_of: date) -> DataFrame:
    """How far off the method was, by how many weeks ahead it was used. Grain: (currency, week_ahead)."""
    of_weekday = Window.partitionBy("currency", "weekday").orderBy("day")
    tries = []
    for week in range(1, WEEKS + 1):
        used = of_weekday.rowsBetween(1 - WEEKS - week, -week)
        is_whole = F.count(F.lit(1)).over(used) == WEEKS
        tries.append(
            F.struct(
                F.lit(week).alias("week_ahead"),
                F.when(is_whole, F.avg("ordinary").over(used)).alias("forecast"),
                F.lag("level", week).over(of_weekday).alias("level_then"),
            )
        )
    tried = days.select("day", "currency", "came", F.array(*tries).alias("tries"))
    each = tried.where(F.col("day") > F.date_sub(F.lit(as_of), BACKTEST_DAYS)).select(
        "*", F.explode("tries").alias("one")
    )
    missed = each.select("currency", "one.*", "came", (F.col("came") - F.col("one.forecast")).alias("missed"))
    measured = missed.where(F.col("missed").isNotNull() & (F.col("level_then") > 0))
    shares = F.array(*(F.lit(share) for share in INTERVAL))
    return measured.groupBy("currency", "week_ahead").agg(
        F.count(F.lit(1)).alias("tried_days"),
        F.percentile(F.col("missed") / F.col("level_then"), shares).alias("quantiles"),
        F.avg(F.abs("missed")).alias("backtest_mean_absolute_error"),
        (ratio(F.sum(F.abs("missed")), F.sum("came")) * F.lit(100.0)).alias("backtest_error_pct"),
        (ratio(F.sum("missed"), F.sum("came")) * F.lit(100.0)).alias("backtest_bias_pct"),
    )


def _forecast(ahead: DataFrame) -> DataFrame:
    is_known = F.col("known_days") == DAYS_AHEAD
    forecast = F.when(is_known, F.col("expected"))
    tried_days = F.coalesce(F.col("tried_days"), F.lit(0).cast("bigint"))
    is_tried = tried_days >= FEWEST_ERRORS
    low, high = (_bound(place, is_tried) for place in range(2))
    lowest = F.least(F.col("forecast_value"), F.lit(0.0))
    reason = (
        F.when(~is_known, F.lit(TOO_SHORT))
        .when(F.col("expected").isNull(), F.lit(ALL_HOLIDAYS))
        .when(~is_tried, F.lit(UNTRIED))
    )
    return ahead.withColumns(
        {"forecast_value": forecast, "backtest_day_count": tried_days, "reason": reason}
    ).withColumns({"forecast_value_low": F.when(low.isNotNull(), F.greatest(low, lowest)), "forecast_value_high": high})


def _bound(place: int, is_tried: SparkColumn) -> SparkColumn:
    """The forecast and a quantile of past errors at today's level; NULL without enough of them."""
    share = F.round(F.col("quantiles")[place], DIGITS)
    return F.when(is_tried, F.col("forecast_value") + share * F.col("level_now"))
