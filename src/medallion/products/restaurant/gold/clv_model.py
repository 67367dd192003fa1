"""Which models are the predictions of customer_lifetime_value made with, and how far can they be trusted?"""

from __future__ import annotations

from datetime import date

from medallion.checks import Check, Severity
from medallion.contracts import Column, Layer, Table
from medallion.grouped_arrays import by_group
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.amounts import up_to
from medallion.products.restaurant.gold.model_parameters import ORDER_DAYS, SPEND
from medallion.products.restaurant.lifetime_models import (
    BG_NBD,
    CALIBRATION,
    CALIBRATION_SHARE,
    KNOWN,
    MBG_NBD,
    fitted,
)
from medallion.products.restaurant.order_histories import first_to_last_days, repeat_day_count, repeat_day_value
from medallion.spark import DataFrame, F

TABLE = Table(
    name="clv_model",
    layer=Layer.GOLD,
    grain=("currency",),
    description="One row a currency with customers: the model of their order days (BG/NBD or MBG/NBD, the more likely "
    "one) and of their spend (gamma-gamma), fitted by maximum likelihood on counts of distinct histories, and a check "
    "on days that the model was not shown. Unit of time: days; orders of one day are one. It describes customers "
    "as they are dealt with now; it does not know of prices, seasons or campaigns to come. Sources: Fader, Hardie, Lee "
    "(2005), Marketing Science 24(2); Batislam, Denizel, Filiztekin (2007), IJRM 24(3); Fader, Hardie (2013), The "
    "gamma-gamma model of monetary value.",
    columns=(
        shared.CURRENCY,
        shared.AS_OF,
        Column(
            "customer_count",
            "bigint",
            "Customers of the currency.",
            "count",
            False,
            minimum=1,
            formula="count(customers)",
        ),
        Column(
            "repeat_customer_count",
            "bigint",
            "Those of several order days.",
            "count",
            False,
            minimum=0,
            formula="count(customers where repeat_day_count > 0)",
        ),
        Column(
            "cell_count",
            "bigint",
            "Distinct (repeat_day_count, first_to_last_days, tenure_days).",
            "count",
            False,
            formula="count(distinct repeat_day_count, first_to_last_days, tenure_days)",
        ),
        Column(
            "model",
            "varchar(7)",
            "Model of order days: in BG/NBD customers may stop after each repeat day, in MBG/NBD after the first, too.",
            accepted=(BG_NBD, MBG_NBD),
        ),
        Column("model_reason", "varchar(255)", "Why this model and not the other; NULL without one."),
        Column("reason", "varchar(255)", "Why there is no model of order days; NULL where there is one."),
        Column("converged", "boolean", "Whether a maximum of the likelihood was found.", nullable=False),
        *ORDER_DAYS,
        Column(
            "log_likelihood",
            "double",
            "Of the model chosen, of all customers' order days; unit of time: days.",
            formula="of model, at its maximum",
        ),
        Column(
            "bg_nbd_log_likelihood",
            "double",
            "Greatest log-likelihood of BG/NBD; NULL where none was found.",
            formula="maximum over r, alpha, a, b",
        ),
        Column(
            "mbg_nbd_log_likelihood",
            "double",
            "Greatest log-likelihood of MBG/NBD; NULL where none was found.",
            formula="maximum over r, alpha, a, b",
        ),
        Column(
            "spend_customer_count",
            "bigint",
            "Customers with a repeat_day_value above 0, on whom the model of spend is fitted.",
            "count",
            False,
            minimum=0,
            formula="count(customers where repeat_day_value > 0)",
        ),
        Column("spend_converged", "boolean", "Whether a maximum of its likelihood was found.", nullable=False),
        Column("spend_reason", "varchar(255)", "Why there is no model of spend; NULL where there is one."),
        *SPEND,
        Column(
            "spend_log_likelihood",
            "double",
            "Of repeat_day_value, to half a percent of itself.",
            formula="maximum over p, q, v",
        ),
        Column(
            "repeat_value_correlation",
            "double",
            "Correlation (Pearson) of repeat_day_count and repeat_day_value over customers of several days. The model "
            "of spend takes it to be 0. NULL where one of the two is the same for all.",
            minimum=-1,
            maximum=1,
            formula="corr(repeat_day_count, repeat_day_value)",
        ),
        Column(
            "holdout_days",
            "integer",
            "Days at the end of the currency's that the check predicts from a model of those before (the first 70 %).",
            "days",
            False,
            minimum=0,
            formula="days - floor(0.7 * days)",
        ),
        Column(
            "holdout_customer_count",
            "bigint",
            "Customers whose first order was before them.",
            "count",
            False,
            formula="count(customers whose first order was before the hold-out)",
        ),
        Column(
            "holdout_actual_orders",
            "bigint",
            "Order days of these customers in them.",
            "count",
            False,
            formula="sum(order days in the hold-out)",
        ),
        Column(
            "holdout_predicted_orders",
            "double",
            "Order days that the model expected.",
            "count",
            formula="sum(order days expected in the hold-out)",
        ),
        Column(
            "holdout_error_pct",
            "double",
            "Predicted against actual order days; NULL if that is 0.",
            "percent",
            formula="100 * (holdout_predicted_orders - holdout_actual_orders) / holdout_actual_orders",
        ),
        Column(
            "holdout_decile_error_pct",
            "double",
            "Absolute differences of predicted and actual order days in tenths of the customers by prediction, "
            "summed, of all actual ones; NULL if that is 0.",
            "percent",
            formula="100 * sum(abs(predicted - actual) of tenths) / holdout_actual_orders",
        ),
        Column(
            "holdout_deciles",
            "varchar(2000)",
            "JSON: of each tenth, least expected first, its customers and their mean predicted and actual order days.",
        ),
        Column("holdout_reason", "varchar(255)", "Why there is no check; NULL where there is one."),
    ),
    checks=(
        Check(
            name="order_days_have_a_model",
            expression="reason IS NULL",
            description="customers' order days have a model to predict with",
            severity=Severity.WARN,
        ),
        Check(
            name="spend_has_a_model",
            expression="spend_reason IS NULL",
            description="customers' spend has a model to predict with",
            severity=Severity.WARN,
        ),
        Check(
            name="no_model_without_a_reason",
            expression="(model IS NULL) = (reason IS NOT NULL) AND (p IS NULL) = (spend_reason IS NOT NULL)",
            description="either there is a model, or a reason why not",
        ),
    ),
    sort=("currency",),
    exclusions="Orders after as_of, and those of guests. Of spend also: customers whose repeat days brought nothing.",
)

_HISTORY = ("part", "x", "t_x", "age", "value", "customers", "later")


def build(customers: DataFrame, customer_days: DataFrame, *, as_of: date) -> DataFrame:
    """Currencies with their models. Grain: currency."""
    histories = _known(customers, as_of).unionByName(_before_hold_out(customers, customer_days, as_of))
    columns = [column for column in TABLE.columns if column.name != "as_of"]
    models = by_group(histories, ["currency"], _HISTORY, fitted, columns)
    return TABLE.conform(models.withColumn("as_of", F.lit(as_of)))


def _known(customers: DataFrame, as_of: date) -> DataFrame:
    """How many customers have one history and mean spend of repeat days."""
    return (
        customers.select(
            "currency",
            F.lit(KNOWN).alias("part"),
            repeat_day_count().alias("x"),
            first_to_last_days().alias("t_x"),
            F.datediff(F.lit(as_of), F.col("first_order_date")).alias("age"),
            F.coalesce(repeat_day_value(), F.lit(0.0)).alias("value"),
        )
        .groupBy("currency", "part", "x", "t_x", "age", "value")
        .agg(F.count(F.lit(1)).alias("customers"), F.lit(0).cast("bigint").alias("later"))
    )


def _before_hold_out(customers: DataFrame, customer_days: DataFrame, as_of: date) -> DataFrame:
    """As `_known`, at the end of the currency's first days, with the customers' order days since then."""
    part, whole = CALIBRATION_SHARE
    first = F.min("first_order_date")
    kept = F.floor(F.datediff(F.lit(as_of), first) * part / F.lit(float(whole))).cast("int")
    until = customers.groupBy("currency").agg(F.date_add(first, kept).alias("until"))
    is_before = F.col("order_date") <= F.col("until")
    # Many to one: `until` has one row a currency.
    return (
        up_to(customer_days, as_of)
        .join(F.broadcast(until), "currency")
        .where("first_order_date <= until")
        .groupBy("user_id", "currency", "first_order_date", "until")
        .agg(
            F.sum(is_before.cast("int")).alias("days"),
            F.max(F.when(is_before, F.col("order_date"))).alias("last"),
            F.count(F.lit(1)).alias("all_days"),
        )
        .groupBy(
            "currency",
            F.lit(CALIBRATION).alias("part"),
            (F.col("days") - 1).cast("int").alias("x"),
            F.datediff("last", "first_order_date").alias("t_x"),
            F.datediff("until", "first_order_date").alias("age"),
            F.lit(0.0).alias("value"),
        )
        .agg(F.count(F.lit(1)).alias("customers"), F.sum(F.col("all_days") - F.col("days")).alias("later"))
    )
