"""What is each customer worth so far and in the year to come, and which few customers bring most of the revenue?"""

from __future__ import annotations

from datetime import date

from medallion.arithmetic import MONEY, ratio
from medallion.checks import Check
from medallion.contracts import Column, Layer, Table
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.gold.predictions import PREDICTIONS, with_predictions
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F, SparkColumn, Window

HIGH, MEDIUM, LOW = "High", "Medium", "Low"

TABLE = Table(
    name="customer_lifetime_value",
    layer=Layer.GOLD,
    grain=("user_id", "currency"),
    description="One row a customer and currency: all that the customer ordered up to as_of, ranked by revenue, and "
    "what the models of clv_model expect of the customer. Predictions are of days with an order (orders of one day are "
    "one), for customers dealt with as now; they are NULL where clv_model has no model, and says why.",
    columns=(
        shared.USER_ID,
        shared.CURRENCY,
        shared.AS_OF,
        shared.FIRST_ORDER_DATE,
        shared.LAST_ORDER_DATE,
        Column("order_count", "bigint", "Orders of the customer.", "count", False, minimum=1, formula="count(orders)"),
        shared.ITEM_QUANTITY,
        Column("total_items_value", MONEY, "Sum of the item amounts.", "currency", False, formula="sum(item_amount)"),
        Column(
            "total_options_value",
            MONEY,
            "Sum of the option amounts, discounts deducted.",
            "currency",
            False,
            formula="sum(option_amount)",
        ),
        Column(
            "customer_lifetime_value",
            MONEY,
            "Items and options together: the net amount.",
            "currency",
            False,
            formula="total_items_value + total_options_value",
        ),
        shared.GROSS_AMOUNT,
        shared.DISCOUNT_AMOUNT,
        shared.REFUND_AMOUNT,
        Column(
            "average_order_value",
            "double",
            "customer_lifetime_value / order_count.",
            "currency",
            False,
            formula="customer_lifetime_value / order_count",
        ),
        Column(
            "tenure_days",
            "integer",
            "Days from the first order to as_of.",
            "days",
            False,
            minimum=0,
            formula="as_of - first_order_date",
        ),
        Column(
            "revenue_rank",
            "bigint",
            "Rank by value within the currency, 1 is most; ties share.",
            "rank",
            False,
            formula="rank() over (partition by currency order by customer_lifetime_value desc)",
        ),
        Column(
            "cumulative_revenue_share",
            "double",
            "Share of the currency's revenue that customers ranked up to this one bring; NULL if it is zero.",
            "rate",
            formula="sum(customer_lifetime_value of customers with revenue_rank up to this one) / "
            "sum(customer_lifetime_value of the currency)",
        ),
        Column(
            "value_tier",
            "varchar(6)",
            "By revenue_rank / customers of the currency: top, middle and bottom share (rule value_tiers).",
            nullable=False,
            accepted=(HIGH, MEDIUM, LOW),
            formula="High if revenue_rank / customers <= value_tiers.high; Medium if <= 1 - value_tiers.low; else Low",
        ),
        *PREDICTIONS,
        Column(
            "predicted_tier",
            "varchar(6)",
            "By the rank of predicted_clv_365d within the currency, as value_tier; NULL without a prediction.",
            accepted=(HIGH, MEDIUM, LOW),
            formula="by rank of predicted_clv_365d / customers of the currency",
        ),
    ),
    checks=(
        Check(
            name="value_is_items_and_options",
            expression="customer_lifetime_value = total_items_value + total_options_value",
            description="customer_lifetime_value is total_items_value plus total_options_value",
        ),
        Check(
            name="value_is_gross_less_discount_and_refund",
            expression="customer_lifetime_value = gross_amount - discount_amount - refund_amount",
            description="customer_lifetime_value is gross_amount less discount_amount and refund_amount",
        ),
        Check(
            name="more_is_expected_of_a_longer_time",
            expression="expected_orders_30d <= expected_orders_90d AND expected_orders_90d <= expected_orders_365d",
            description="no fewer orders are expected within a longer time",
        ),
    ),
    distribution="user_id",
    sort=("currency", "revenue_rank"),
    exclusions="Orders after as_of, and those of guests.",
)

# What the sums of orders are called here.
_VALUES = {
    "item_amount": "total_items_value",
    "option_amount": "total_options_value",
    "net_amount": "customer_lifetime_value",
}


def build(customers: DataFrame, clv_model: DataFrame, *, as_of: date, rules: RestaurantRules) -> DataFrame:
    """Customers with their orders summed, ranked, and what is expected of them. Grain: (user_id, currency)."""
    tenure_days = F.datediff(F.lit(as_of), F.col("first_order_date"))
    predicted = with_predictions(customers.withColumn("tenure_days", tenure_days), clv_model, rules)
    # Many to one: `_ranks` has one row a currency and value.
    ranked = predicted.withColumnsRenamed(_VALUES).join(_ranks(customers), ["currency", "customer_lifetime_value"])
    # Not as `_ranks`: that would make all predictions twice.
    in_currency = Window.partitionBy("currency")
    predicted_rank = F.rank().over(in_currency.orderBy(F.desc("predicted_clv_365d")))
    predicted_share = ratio(predicted_rank, F.count("predicted_clv_365d").over(in_currency))
    return TABLE.conform(
        ranked.withColumns(
            {
                "as_of": F.lit(as_of),
                "average_order_value": ratio("customer_lifetime_value", "order_count"),
                "cumulative_revenue_share": ratio("running_value", "currency_value"),
                "value_tier": _value_tier(ratio("revenue_rank", "currency_customers"), rules),
                "predicted_tier": F.when(F.col("predicted_clv_365d").isNotNull(), _value_tier(predicted_share, rules)),
            }
        )
    )


def _ranks(customers: DataFrame) -> DataFrame:
    """Where a value stands among its currency's. Grain: (currency, customer_lifetime_value).

    Customers who tie count all together, so values are ranked, not customers: far fewer rows to sort in one place.
    """
    values = customers.groupBy("currency", F.col("net_amount").alias("customer_lifetime_value")).agg(
        F.count(F.lit(1)).alias("customers"), F.sum("net_amount").alias("value")
    )
    in_currency = Window.partitionBy("currency")
    best_first = in_currency.orderBy(F.desc("customer_lifetime_value"))
    down_to_this_value = best_first.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    return values.select(
        "currency",
        "customer_lifetime_value",
        (F.lit(1) + F.sum("customers").over(down_to_this_value) - F.col("customers")).alias("revenue_rank"),
        F.sum("value").over(down_to_this_value).alias("running_value"),
        F.sum("value").over(in_currency).alias("currency_value"),
        F.sum("customers").over(in_currency).alias("currency_customers"),
    )


def _value_tier(rank_share: SparkColumn, rules: RestaurantRules) -> SparkColumn:
    tiers = rules.value_tiers
    # 1 − low is rounded because binary fractions are inexact: 1 − 0.9 must not be a little less than 0.1.
    is_high, is_above_low = rank_share <= tiers.high, rank_share <= round(1 - tiers.low, 12)
    return F.when(is_high, F.lit(HIGH)).when(is_above_low, F.lit(MEDIUM)).otherwise(F.lit(LOW))
