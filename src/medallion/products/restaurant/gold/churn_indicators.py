"""Which customers are we about to lose, and whose spending is falling?"""

from __future__ import annotations

from datetime import date, timedelta
from functools import reduce
from operator import or_

from medallion.arithmetic import MONEY, NO_MONEY, percent_change, ratio
from medallion.checks import ForeignKey
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import a_year_before, is_between, money_sum_between
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F, SparkColumn

AT_RISK, ACTIVE = "at risk", "active"
ONE_DAY, OVERDUE, LOST = "one day", "overdue", "lost"
LOST_FOR_GOOD = 0.01  # below this p_alive nothing is left to be lost, and its reciprocal is of rounded digits
SPEND_DAYS = timedelta(days=90)  # the window whose spending is compared with the one before it

TABLE = Table(
    name="churn_indicators",
    layer=Layer.GOLD,
    grain=("user_id", "currency"),
    description="One row a customer and currency: how long silent, how often before, and spending now against earlier.",
    columns=(
        shared.USER_ID,
        shared.CURRENCY,
        shared.AS_OF,
        shared.LAST_ORDER_DATE,
        Column(
            "days_since_last_order",
            "integer",
            "Days from the last order to as_of.",
            "days",
            False,
            minimum=0,
            formula="as_of - last_order_date",
        ),
        shared.ORDER_DAY_COUNT,
        Column(
            "average_days_between_orders",
            "double",
            "(last − first order date) / (order_day_count − 1); NULL for customers of one day.",
            "days",
            formula="(last_order_date - first_order_date) / (order_day_count - 1)",
        ),
        shared.MEDIAN_DAYS_BETWEEN_ORDERS,
        Column(
            "churn_status",
            "varchar(7)",
            "`at risk` after more days of silence than rule churn_after_days.",
            nullable=False,
            accepted=(AT_RISK, ACTIVE),
            formula="at risk if days_since_last_order > churn_after_days, else active",
        ),
        Column(
            "spend_last_90d",
            MONEY,
            "Net amount of the 90 days up to as_of.",
            "currency",
            False,
            formula="sum(net_amount) of (as_of - 90, as_of]",
        ),
        Column(
            "spend_prior_90d",
            MONEY,
            "Net amount of the 90 days before those.",
            "currency",
            False,
            formula="sum(net_amount) of (as_of - 180, as_of - 90]",
        ),
        Column(
            "spend_change_pct",
            "double",
            "spend_last_90d against spend_prior_90d; NULL if that is 0.",
            "percent",
            formula="100 * (spend_last_90d - spend_prior_90d) / spend_prior_90d",
        ),
        Column(
            "current_year_amount",
            MONEY,
            "Net amount from 1 January of as_of's year to as_of.",
            "currency",
            False,
            formula="sum(net_amount) of [1 January, as_of]",
        ),
        Column(
            "gap_ratio",
            "double",
            "days_since_last_order / average_days_between_orders; NULL for customers of one day.",
            "count",
            minimum=0,
            formula="days_since_last_order / average_days_between_orders",
        ),
        Column(
            "rhythm_status",
            "varchar(7)",
            "By the customer's own rhythm: `one day` where there is none yet; `lost` at a gap_ratio above rule "
            "lost_gap_ratio and after more than churn_after_days of silence; else `overdue` at one above "
            "overdue_gap_ratio and after more than overdue_after_days; else `active`.",
            nullable=False,
            accepted=(ONE_DAY, ACTIVE, OVERDUE, LOST),
            formula="by gap_ratio and days_since_last_order",
        ),
        Column(
            "p_alive",
            "double",
            "Probability that the customer has not stopped ordering, of customer_lifetime_value; NULL where clv_model "
            "says why.",
            "rate",
            minimum=0,
            maximum=1,
            formula="customer_lifetime_value.p_alive",
        ),
        Column(
            "value_at_risk",
            "double",
            "What is expected to be lost in the 365 days after as_of: predicted_clv_365d × (1 − p_alive) / p_alive, "
            "the worth of a customer who has certainly not stopped less the worth predicted. NULL where p_alive "
            "is below 0.01 (lost already, not at risk) or there is no prediction.",
            "currency",
            minimum=0,
            formula="predicted_clv_365d * (1 - p_alive) / p_alive",
        ),
        Column(
            "previous_year_amount",
            MONEY,
            "Net amount of the same days a year earlier; as of 29 February they end on 28 February.",
            "currency",
            False,
            formula="sum(net_amount) of the same days a year earlier",
        ),
        Column(
            "yoy_percentage_change",
            "double",
            "Current against previous year's amount; NULL if that is 0.",
            "percent",
            formula="100 * (current_year_amount - previous_year_amount) / previous_year_amount",
        ),
    ),
    foreign_keys=(ForeignKey(columns=("user_id", "currency"), references="customer_lifetime_value"),),
    distribution="user_id",
    sort=("currency", "days_since_last_order"),
    exclusions="Orders after as_of, and those of guests.",
)


_CUSTOMER = ("user_id", "currency")


def build(
    customers: DataFrame,
    customer_days: DataFrame,
    customer_lifetime_value: DataFrame,
    *,
    as_of: date,
    rules: RestaurantRules,
) -> DataFrame:
    """Customers with their silence and spending. Grain: (user_id, currency)."""
    silent_days = F.datediff(F.lit(as_of), F.col("last_order_date"))
    measured = customers.select(
        *_CUSTOMER,
        "last_order_date",
        "order_day_count",
        "median_days_between_orders",
        silent_days.alias("days_since_last_order"),
        ratio(F.datediff("last_order_date", "first_order_date"), F.col("order_day_count") - 1).alias(
            "average_days_between_orders"
        ),
    )
    predicted = customer_lifetime_value.select(*_CUSTOMER, "p_alive", "predicted_clv_365d")
    # At most one match each: all have one row a customer and currency. Who spent nothing lately has no spending.
    spending = measured.join(_spending(customer_days, as_of), list(_CUSTOMER), how="left").join(
        predicted, list(_CUSTOMER), how="left"
    )
    return TABLE.conform(
        spending.withColumns({name: _or_nothing(name) for name in _SPANS})
        .withColumn("gap_ratio", ratio("days_since_last_order", "average_days_between_orders"))
        .withColumns(
            {
                "as_of": F.lit(as_of),
                "churn_status": _churn_status(rules),
                "rhythm_status": _rhythm_status(rules),
                "value_at_risk": _value_at_risk(),
                "spend_change_pct": percent_change("spend_last_90d", "spend_prior_90d"),
                "yoy_percentage_change": percent_change("current_year_amount", "previous_year_amount"),
            }
        )
    )


_SPANS = ("spend_last_90d", "spend_prior_90d", "current_year_amount", "previous_year_amount")


def _spending(customer_days: DataFrame, as_of: date) -> DataFrame:
    """The net amount of each span, from the few days that are in one. Grain: (user_id, currency)."""
    new_year_eve = date(as_of.year - 1, 12, 31)
    bounds = (
        (as_of - SPEND_DAYS, as_of),
        (as_of - 2 * SPEND_DAYS, as_of - SPEND_DAYS),
        (new_year_eve, as_of),
        (a_year_before(new_year_eve), a_year_before(as_of)),
    )
    in_a_span = reduce(or_, (is_between(*span) for span in bounds))
    return (
        customer_days.where(in_a_span)
        .groupBy(*_CUSTOMER)
        .agg(*(money_sum_between("net_amount", *span).alias(name) for name, span in zip(_SPANS, bounds, strict=True)))
    )


def _or_nothing(amount: str) -> SparkColumn:
    return F.coalesce(F.col(amount), F.expr(NO_MONEY))


def _value_at_risk() -> SparkColumn:
    """To the cent; the prediction is p_alive times the worth of a customer who has not stopped."""
    lost_share = (F.lit(1.0) - F.col("p_alive")) / F.nullif(F.col("p_alive"), F.lit(0.0))
    is_at_risk = F.col("p_alive") >= LOST_FOR_GOOD
    return F.when(is_at_risk, F.round(F.col("predicted_clv_365d") * lost_share, 2))


def _churn_status(rules: RestaurantRules) -> SparkColumn:
    is_at_risk = F.col("days_since_last_order") > rules.churn_after_days
    return F.when(is_at_risk, F.lit(AT_RISK)).otherwise(F.lit(ACTIVE))


def _rhythm_status(rules: RestaurantRules) -> SparkColumn:
    silent_days, gaps = F.col("days_since_last_order"), F.col("gap_ratio")
    is_lost = (gaps > rules.lost_gap_ratio) & (silent_days > rules.churn_after_days)
    is_overdue = (gaps > rules.overdue_gap_ratio) & (silent_days > rules.overdue_after_days)
    return (
        F.when(F.col("order_day_count") == 1, F.lit(ONE_DAY))
        .when(is_lost, F.lit(LOST))
        .when(is_overdue, F.lit(OVERDUE))
        .otherwise(F.lit(ACTIVE))
    )
