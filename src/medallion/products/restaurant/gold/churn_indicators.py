"""Which customers are we about to lose, and whose spending is falling?"""

from __future__ import annotations

from datetime import date, timedelta

from medallion.arithmetic import MONEY, percent_change, ratio
from medallion.checks import ForeignKey
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import a_year_before, money_sum_between, up_to
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F

AT_RISK, ACTIVE = "at risk", "active"
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
        Column("days_since_last_order", "integer", "Days from the last order to as_of.", "days", False, minimum=0),
        Column("order_day_count", "bigint", "Distinct days with an order.", "count", False, minimum=1),
        Column(
            "average_days_between_orders",
            "double",
            "(last − first order date) / (order_day_count − 1); NULL for customers of one day.",
            "days",
        ),
        Column(
            "churn_status",
            "varchar(7)",
            "`at risk` after more days of silence than rule churn_after_days.",
            nullable=False,
            accepted=(AT_RISK, ACTIVE),
        ),
        Column("spend_last_90d", MONEY, "Net amount of the 90 days up to as_of.", "currency", False),
        Column("spend_prior_90d", MONEY, "Net amount of the 90 days before those.", "currency", False),
        Column("spend_change_pct", "double", "spend_last_90d against spend_prior_90d; NULL if that is 0.", "percent"),
        Column("current_year_amount", MONEY, "Net amount from 1 January of as_of's year to as_of.", "currency", False),
        Column(
            "previous_year_amount",
            MONEY,
            "Net amount of the same days a year earlier; as of 29 February they end on 28 February.",
            "currency",
            False,
        ),
        Column(
            "yoy_percentage_change", "double", "Current against previous year's amount; NULL if that is 0.", "percent"
        ),
    ),
    foreign_keys=(ForeignKey(columns=("user_id", "currency"), references="customer_lifetime_value"),),
    distribution="user_id",
    sort=("currency", "days_since_last_order"),
)


def build(customer_days: DataFrame, *, as_of: date, rules: RestaurantRules) -> DataFrame:
    """Customers with their silence and spending. Grain: (user_id, currency)."""
    new_year_eve = date(as_of.year - 1, 12, 31)
    amounts = {
        "spend_last_90d": (as_of - SPEND_DAYS, as_of),
        "spend_prior_90d": (as_of - 2 * SPEND_DAYS, as_of - SPEND_DAYS),
        "current_year_amount": (new_year_eve, as_of),
        "previous_year_amount": (a_year_before(new_year_eve), a_year_before(as_of)),
    }
    customers = (
        up_to(customer_days, as_of)
        .groupBy("user_id", "currency")
        .agg(
            F.max("order_date").alias("last_order_date"),
            F.datediff(F.max("order_date"), F.min("order_date")).alias("first_to_last_days"),
            F.count(F.lit(1)).alias("order_day_count"),
            *(money_sum_between("net_amount", *span).alias(name) for name, span in amounts.items()),
        )
    )
    silent_days = F.datediff(F.lit(as_of), F.col("last_order_date"))
    is_at_risk = silent_days > rules.churn_after_days
    return TABLE.conform(
        customers.withColumns(
            {
                "as_of": F.lit(as_of),
                "days_since_last_order": silent_days,
                "average_days_between_orders": ratio("first_to_last_days", F.col("order_day_count") - 1),
                "churn_status": F.when(is_at_risk, F.lit(AT_RISK)).otherwise(F.lit(ACTIVE)),
                "spend_change_pct": percent_change("spend_last_90d", "spend_prior_90d"),
                "yoy_percentage_change": percent_change("current_year_amount", "previous_year_amount"),
            }
        )
    )
