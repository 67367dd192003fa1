"""How long do customers stay: what share of a cohort is still with us so many days after the first order?"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from medallion.arithmetic import count_where, ratio
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.rules import RestaurantRules
from medallion.products.restaurant.silver.customer_days import known_on
from medallion.spark import DataFrame, F, SparkColumn, Window

if TYPE_CHECKING:
    from pyspark.sql.window import WindowSpec

NORMAL_95 = 1.959963984540054  # the 97.5 % quantile of the normal distribution

TABLE = Table(
    name="customer_survival",
    layer=Layer.GOLD,
    grain=("cohort_month", "currency", "days_since_first_order"),
    description="The Kaplan-Meier curve of each cohort (customers whose first order fell in one month): one row for "
    "day 0 and for each day on which customers churned; between two rows the rate is that of the earlier one. A "
    "customer churns, once and for good, on the first day on which the silence since an order is longer than rule "
    "churn_after_days, also if orders follow later; who has not by as_of is censored then. Source: Kaplan, Meier 1958.",
    columns=(
        Column("cohort_month", "date", "First day of the month of the customers' first order.", nullable=False),
        shared.CURRENCY,
        Column(
            "days_since_first_order", "integer", "Days since each customer's own first order.", "days", False, minimum=0
        ),
        shared.AS_OF,
        Column(
            "at_risk_count",
            "bigint",
            "Customers observed that long who had not churned before; the whole cohort on day 0.",
            "count",
            False,
            minimum=1,
            formula="customers - churned before - censored before",
        ),
        Column(
            "churned_count",
            "bigint",
            "Those of them who churned on that day.",
            "count",
            False,
            minimum=0,
            formula="count(customers silent for more than churn_after_days from that day)",
        ),
        Column(
            "survival_rate",
            "double",
            "Product of 1 − churned_count / at_risk_count over the days up to this one.",
            "rate",
            False,
            minimum=0,
            maximum=1,
            formula="product(1 - churned_count / at_risk_count)",
        ),
        Column(
            "survival_rate_low",
            "double",
            "Lower bound of the 95 % interval: Greenwood's variance, on the log(−log) scale; NULL where the rate is 0 "
            "or 1, which have none.",
            "rate",
            minimum=0,
            maximum=1,
            formula="survival_rate ^ exp(+1.96 * standard error of log(-log))",
        ),
        Column(
            "survival_rate_high",
            "double",
            "Its upper bound.",
            "rate",
            minimum=0,
            maximum=1,
            formula="survival_rate ^ exp(-1.96 * standard error of log(-log))",
        ),
    ),
    checks=(
        Check(
            name="churned_were_at_risk",
            expression="churned_count <= at_risk_count",
            description="no more customers churn than are at risk",
        ),
        Check(
            name="rate_is_within_its_interval",
            expression="survival_rate_low IS NULL OR survival_rate BETWEEN survival_rate_low AND survival_rate_high",
            description="survival_rate is between its bounds",
        ),
    ),
    sort=("currency", "cohort_month", "days_since_first_order"),
    exclusions="Orders after as_of, and those of guests.",
)

_COHORT = ("currency", "cohort_month")


def build(customer_days: DataFrame, *, as_of: date, rules: RestaurantRules) -> DataFrame:
    """The curve of each cohort. Grain: (cohort_month, currency, days_since_first_order)."""
    ends = (
        _observed(customer_days, as_of, rules.churn_after_days)
        .groupBy(*_COHORT, "days_since_first_order")
        .agg(F.count(F.lit(1)).alias("customers"), count_where(F.col("is_churned")).alias("churned_count"))
    )
    in_cohort = Window.partitionBy(*_COHORT)
    so_far = in_cohort.orderBy("days_since_first_order").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    all_customers = F.sum("customers").over(in_cohort)
    left = all_customers - F.sum("customers").over(so_far) + F.col("customers")
    at_risk = ends.select("*", left.alias("at_risk_count"), all_customers.alias("customer_count"))
    return TABLE.conform(_with_rates(_with_day_0(at_risk), so_far).withColumn("as_of", F.lit(as_of)))


_COUNTS = ("at_risk_count", "churned_count")


def _observed(customer_days: DataFrame, as_of: date, churn_after_days: int) -> DataFrame:
    """How long each customer was observed and what ended that: (currency, cohort_month, days, is_churned)."""
    silence_ends = F.coalesce(F.col("next_order_date"), F.lit(as_of))
    is_lapse = F.datediff(silence_ends, F.col("order_date")) > churn_after_days
    # A customer's newest day is always among the rows, so nobody is left out; the others are the lapses.
    customers = (
        known_on(customer_days, as_of)
        .where(F.col("next_order_date").isNull() | is_lapse)
        .groupBy("user_id", "currency")
        .agg(
            F.min("first_order_date").alias("first_order_date"),
            F.min(F.when(is_lapse, F.col("order_date"))).alias("last_before_lapse"),
        )
    )
    observed_until = F.coalesce(F.date_add("last_before_lapse", churn_after_days + 1), F.lit(as_of))
    return customers.select(
        "currency",
        F.trunc("first_order_date", "month").alias("cohort_month"),
        F.datediff(observed_until, "first_order_date").alias("days_since_first_order"),
        F.col("last_before_lapse").isNotNull().alias("is_churned"),
    )


def _with_day_0(at_risk: DataFrame) -> DataFrame:
    """The days on which customers churned, and a row of day 0, on which nobody can have, for each cohort.

    The first row of a cohort, at which all are at risk, brings forth that of day 0; so the counts are made once.
    """
    days = (
        F.struct(day.alias("day"), churned.cast("bigint").alias("churned"), F.lit(is_day_0).alias("is_day_0"))
        for day, churned, is_day_0 in (
            (F.col("days_since_first_order"), F.col("churned_count"), False),
            (F.lit(0), F.lit(0), True),
        )
    )
    is_whole = F.col("at_risk_count") == F.col("customer_count")
    return (
        at_risk.withColumn("of_day", F.explode(F.array(*days)))
        .select(*_COHORT, "at_risk_count", "of_day.*", is_whole.alias("is_whole"))
        .where("CASE WHEN is_day_0 THEN is_whole ELSE churned > 0 END")
        .select(
            *_COHORT,
            "at_risk_count",
            F.col("day").alias("days_since_first_order"),
            F.col("churned").alias("churned_count"),
        )
    )


def _with_rates(steps: DataFrame, so_far: WindowSpec) -> DataFrame:
    """The product of the daily rates as the sum of their logarithms, and its interval; 0 from where nobody is left."""
    at_risk, churned = F.col("at_risk_count").cast("double"), F.col("churned_count").cast("double")
    left = at_risk - churned
    is_over = F.max((left == 0).cast("int")).over(so_far) == 1
    logarithm = F.sum(F.when(left > 0, F.log(left / at_risk)).otherwise(F.lit(0.0))).over(so_far)
    variance = F.sum(F.when(left > 0, churned / (at_risk * left)).otherwise(F.lit(0.0))).over(so_far)
    summed = steps.select("*", logarithm.alias("logarithm"), variance.alias("variance"), is_over.alias("is_over"))
    rate = F.when(F.col("is_over"), F.lit(0.0)).otherwise(F.exp("logarithm"))
    spread = F.lit(NORMAL_95) * ratio(F.sqrt("variance"), F.abs(F.col("logarithm")))
    return summed.select(
        *_COHORT,
        "days_since_first_order",
        *_COUNTS,
        rate.alias("survival_rate"),
        _bound(F.exp(spread)).alias("survival_rate_low"),
        _bound(F.exp(-spread)).alias("survival_rate_high"),
    )


def _bound(power: SparkColumn) -> SparkColumn:
    """The rate to a power; NULL where the rate is 0 or 1."""
    is_between = ~F.col("is_over") & (F.col("logarithm") < 0)
    return F.when(is_between, F.exp(F.col("logarithm") * power))
