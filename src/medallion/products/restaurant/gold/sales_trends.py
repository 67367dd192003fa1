"""How are sales developing by day, week and month, against the period before and the year before?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from medallion.arithmetic import MONEY, percent_change, ratio
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.gold.periods import DAY, MONTH, PERIODS, WEEK, period_sales
from medallion.spark import DataFrame, F, SparkColumn, Window

if TYPE_CHECKING:
    from pyspark.sql.window import WindowSpec

# The same weekdays a year earlier: 52 whole weeks, which are 364 days.
PERIODS_A_YEAR = {DAY: 364, WEEK: 52, MONTH: 12}

TABLE = Table(
    name="sales_trends",
    layer=Layer.GOLD,
    grain=("period", "period_start", "currency"),
    description="One row a day, ISO week or month and currency, from the product's first order date to as_of, without "
    "gaps: zeros where there are no orders.",
    columns=(
        Column("period", "varchar(5)", "Length of the period.", nullable=False, accepted=PERIODS),
        Column("period_start", "date", "The day, the week's Monday, or the month's first day.", nullable=False),
        shared.CURRENCY,
        shared.AS_OF,
        shared.ORDER_COUNT,
        shared.CUSTOMER_COUNT,
        shared.ITEM_QUANTITY,
        shared.GROSS_AMOUNT,
        shared.DISCOUNT_AMOUNT,
        shared.REFUND_AMOUNT,
        shared.NET_AMOUNT,
        shared.AVERAGE_ORDER_VALUE,
        Column(
            "previous_net_amount",
            MONEY,
            "Net amount of the period before; NULL for the first.",
            "currency",
            formula="net_amount of the period before",
        ),
        Column(
            "change_pct",
            "double",
            "net_amount against previous_net_amount; NULL if that is 0.",
            "percent",
            formula="100 * (net_amount - previous_net_amount) / previous_net_amount",
        ),
        Column(
            "year_ago_net_amount",
            MONEY,
            "Net amount 364 days, 52 weeks or 12 months earlier; NULL where the table does not reach back.",
            "currency",
            formula="net_amount of the period 364 days, 52 weeks or 12 months earlier",
        ),
        Column(
            "year_over_year_pct",
            "double",
            "net_amount against year_ago_net_amount; NULL if that is 0.",
            "percent",
            formula="100 * (net_amount - year_ago_net_amount) / year_ago_net_amount",
        ),
        Column(
            "is_partial",
            "boolean",
            "Whether the period starts before the first order date or ends after as_of; never for a day.",
            nullable=False,
        ),
        Column(
            "net_amount_avg_7d",
            "double",
            "Mean of 7 days up to this one; NULL until there are 7.",
            "currency",
            formula="mean(net_amount) of the 7 days up to period_start",
        ),
        Column(
            "net_amount_avg_28d",
            "double",
            "Mean of 28 days up to this one; NULL until there are 28.",
            "currency",
            formula="mean(net_amount) of the 28 days up to period_start",
        ),
        Column("is_weekend", "boolean", "Saturday or Sunday; on days only."),
        Column("is_holiday", "boolean", "Whether the day is a holiday; NULL where the calendar does not say."),
        Column("holiday_name", "varchar(255)", "Name of the holiday; on days only."),
    ),
    checks=(
        shared.NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND,
        Check(
            name="days_are_whole",
            expression="period <> 'day' OR NOT is_partial",
            description="a day is never partial",
        ),
    ),
    sort=("period", "period_start"),
    exclusions="Orders after as_of.",
)


def build(location_days: DataFrame, customer_days: DataFrame, date_dim: DataFrame, *, as_of: date) -> DataFrame:
    """Sales of each period, compared. Grain: (period, period_start, currency)."""
    sales = period_sales(location_days, customer_days, as_of)
    in_order = Window.partitionBy("period", "currency").orderBy("period_start")
    compared = sales.withColumns(
        {
            "previous_net_amount": F.lag("net_amount", 1).over(in_order),
            "year_ago_net_amount": _by_period(
                {period: F.lag("net_amount", back).over(in_order) for period, back in PERIODS_A_YEAR.items()}
            ),
            "net_amount_avg_7d": _trailing_mean(in_order, 7),
            "net_amount_avg_28d": _trailing_mean(in_order, 28),
        }
    )
    return TABLE.conform(
        _with_calendar(compared, date_dim).withColumns(
            {
                "as_of": F.lit(as_of),
                "average_order_value": ratio("net_amount", "order_count"),
                "change_pct": percent_change("net_amount", "previous_net_amount"),
                "year_over_year_pct": percent_change("net_amount", "year_ago_net_amount"),
                "is_partial": (F.col("period_start") < F.col("first_date")) | (_period_end() > F.lit(as_of)),
            }
        )
    )


def _by_period(values: dict[str, SparkColumn]) -> SparkColumn:
    chosen = F.lit(None).cast(MONEY)
    for period, value in values.items():
        chosen = F.when(F.col("period") == period, value).otherwise(chosen)
    return chosen


def _trailing_mean(in_order: WindowSpec, days: int) -> SparkColumn:
    """Mean net amount of the last `days` rows; NULL on rows other than days, and until there are that many."""
    trailing = in_order.rowsBetween(1 - days, Window.currentRow)
    is_full_day = (F.col("period") == DAY) & (F.count(F.lit(1)).over(trailing) == days)
    return F.when(is_full_day, ratio(F.sum("net_amount").over(trailing), F.lit(days)))


def _period_end() -> SparkColumn:
    start = F.col("period_start")
    return (
        F.when(F.col("period") == WEEK, F.date_add(start, 6))
        .when(F.col("period") == MONTH, F.last_day(start))
        .otherwise(start)
    )


def _with_calendar(sales: DataFrame, date_dim: DataFrame) -> DataFrame:
    """Day rows with what the calendar says of them; days it does not reach are weekends by the weekday."""
    calendar = date_dim.select(
        F.lit(DAY).alias("period"),
        F.col("date_key").alias("period_start"),
        F.col("is_weekend").alias("calendar_is_weekend"),
        "is_holiday",
        "holiday_name",
    )
    # Many to one: date_key is the grain of date_dim.
    joined = sales.join(F.broadcast(calendar), ["period", "period_start"], how="left")
    is_weekend = F.coalesce(F.col("calendar_is_weekend"), F.dayofweek("period_start").isin(1, 7))
    return joined.withColumn("is_weekend", F.when(F.col("period") == DAY, is_weekend))
