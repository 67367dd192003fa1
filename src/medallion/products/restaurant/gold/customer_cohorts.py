"""Do customers won in one month come back and spend more than those won in another?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, count_where, money_sum, ratio
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.products.restaurant.silver.customer_days import is_first_of
from medallion.spark import DataFrame, F, SparkColumn, Window

TABLE = Table(
    name="customer_cohorts",
    layer=Layer.GOLD,
    grain=("cohort_month", "month_number", "currency"),
    description="One row a cohort (customers whose first order fell in one month), currency and month since then, up "
    "to the month of as_of; months without any order are there too.",
    columns=(
        Column("cohort_month", "date", "First day of the month of the customers' first order.", nullable=False),
        Column("month_number", "integer", "Months since cohort_month; 0 is that month.", "count", False, minimum=0),
        shared.CURRENCY,
        shared.AS_OF,
        Column(
            "customer_count",
            "bigint",
            "Customers of the cohort.",
            "count",
            False,
            minimum=1,
            formula="count(customers of the cohort)",
        ),
        Column(
            "active_customer_count",
            "bigint",
            "Those who ordered in the month.",
            "count",
            False,
            minimum=0,
            formula="count(distinct customers with an order in the month)",
        ),
        Column(
            "retention_rate",
            "double",
            "active_customer_count / customer_count.",
            "rate",
            False,
            minimum=0,
            maximum=1,
            formula="active_customer_count / customer_count",
        ),
        Column(
            "net_amount",
            MONEY,
            "Net amount of the cohort's orders in the month.",
            "currency",
            False,
            formula="sum(net_amount) of the month",
        ),
        Column(
            "cumulative_net_amount_per_customer",
            "double",
            "Net amount from month 0 up to this one / customer_count.",
            "currency",
            False,
            formula="sum(net_amount of months 0 to month_number) / customer_count",
        ),
        Column("is_complete", "boolean", "Whether the month had ended by as_of.", nullable=False),
    ),
    checks=(
        Check(
            name="all_are_active_in_month_0",
            expression="month_number > 0 OR active_customer_count = customer_count",
            description="in month 0 every customer of the cohort is active",
        ),
    ),
    sort=("currency", "cohort_month", "month_number"),
    exclusions="Orders after as_of, and those of guests.",
)

_COHORT = ("currency", "cohort_month")


def build(customer_days: DataFrame, *, as_of: date) -> DataFrame:
    """Cohorts month by month. Grain: (cohort_month, month_number, currency)."""
    # By numbers of months: to cut dates off takes the engines twice as long.
    cohort, month = _months("first_order_date"), _months("order_date")
    activity = (
        up_to(customer_days, as_of)
        .groupBy("currency", cohort.alias("cohort"), (month - cohort).alias("month"))
        .agg(
            F.trunc(F.min("first_order_date"), "month").alias("cohort_month"),
            count_where(is_first_of("month")).alias("active_customer_count"),
            F.sum("net_amount").cast(MONEY).alias("net_amount"),
        )
    )
    so_far = Window.partitionBy(*_COHORT).orderBy("month_number").rowsBetween(Window.unboundedPreceding, 0)
    # All customers of a cohort are active in month 0.
    filled = _without_gaps(activity, as_of).withColumn("customer_count", F.first("active_customer_count").over(so_far))
    month_end = F.last_day(F.add_months(F.col("cohort_month"), F.col("month_number")))
    return TABLE.conform(
        filled.withColumns(
            {
                "as_of": F.lit(as_of),
                "retention_rate": ratio("active_customer_count", "customer_count"),
                "cumulative_net_amount_per_customer": ratio(F.sum("net_amount").over(so_far), "customer_count"),
                "is_complete": month_end <= F.lit(as_of),
            }
        )
    )


def _without_gaps(activity: DataFrame, as_of: date) -> DataFrame:
    """`activity` with a row for each month up to as_of's. Grain: (currency, cohort_month, month_number).

    Month 0, which every cohort has, brings forth the others; so the activity is computed once.
    """
    last_month = F.lit(as_of.year * 12 + as_of.month) - F.col("cohort")
    months = F.when(F.col("month") == 0, F.sequence(F.lit(0), last_month)).otherwise(F.array("month"))
    spread = activity.withColumn("month_number", F.explode(months))
    is_own = F.col("month") == F.col("month_number")
    return spread.groupBy(*_COHORT, "month_number").agg(
        F.coalesce(F.sum(F.when(is_own, F.col("active_customer_count"))), F.lit(0).cast("bigint")).alias(
            "active_customer_count"
        ),
        money_sum(F.when(is_own, F.col("net_amount"))).alias("net_amount"),
    )


def _months(day: str) -> SparkColumn:
    """The number of a day's month, counted from the year 0."""
    return F.year(day) * 12 + F.month(day)
