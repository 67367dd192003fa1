"""Do customers won in one month come back and spend more than those won in another?"""

from __future__ import annotations

from datetime import date

from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant.gold import columns as shared
from medallion.products.restaurant.gold.amounts import MONEY, NO_MONEY, of_customers, ratio, up_to
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
        Column("customer_count", "bigint", "Customers of the cohort.", "count", False, minimum=1),
        Column("active_customer_count", "bigint", "Those who ordered in the month.", "count", False, minimum=0),
        Column(
            "retention_rate", "double", "active_customer_count / customer_count.", "rate", False, minimum=0, maximum=1
        ),
        Column("net_amount", MONEY, "Net amount of the cohort's orders in the month.", "currency", False),
        Column(
            "cumulative_net_amount_per_customer",
            "double",
            "Net amount from month 0 up to this one / customer_count.",
            "currency",
            False,
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
)

_COHORT = ("currency", "cohort_month")


def build(orders: DataFrame, customer_segments: DataFrame, *, as_of: date) -> DataFrame:
    """Cohorts month by month. Grain: (cohort_month, month_number, currency)."""
    customers = customer_segments.select("user_id", *_COHORT)
    this_month = F.trunc(F.lit(as_of), "month")
    months = (
        customers.groupBy(*_COHORT)
        .agg(F.count(F.lit(1)).alias("customer_count"))
        .withColumn("month_number", F.explode(F.sequence(F.lit(0), _months(F.col("cohort_month"), this_month))))
    )
    own_months = (
        of_customers(up_to(orders, as_of))
        .withColumn("month", F.trunc("order_date", "month"))
        .groupBy("user_id", "currency", "month")
        .agg(F.sum("net_amount").alias("net_amount"))
    )
    # Many to one: (user_id, currency) is the grain of customer_segments.
    activity = (
        own_months.join(customers, ["user_id", "currency"], how="inner")
        .groupBy(*_COHORT, _months(F.col("cohort_month"), F.col("month")).alias("month_number"))
        .agg(F.count(F.lit(1)).alias("active_customer_count"), F.sum("net_amount").cast(MONEY).alias("active_amount"))
    )
    so_far = Window.partitionBy(*_COHORT).orderBy("month_number").rowsBetween(Window.unboundedPreceding, 0)
    filled = months.join(activity, [*_COHORT, "month_number"], how="left").withColumns(
        {
            "active_customer_count": F.coalesce(F.col("active_customer_count"), F.lit(0).cast("bigint")),
            "net_amount": F.coalesce(F.col("active_amount"), F.expr(NO_MONEY)),
        }
    )
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


def _months(first: SparkColumn, later: SparkColumn) -> SparkColumn:
    """Whole months between two first days of months."""
    return ((F.year(later) - F.year(first)) * 12 + F.month(later) - F.month(first)).cast("int")
