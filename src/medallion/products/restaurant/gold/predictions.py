"""Columns of customer_lifetime_value that predict, from the parameters of each currency in clv_model."""

from __future__ import annotations

from functools import partial

from medallion.contracts import Column
from medallion.grouped_arrays import by_group
from medallion.products.restaurant.expected_orders import RESULTS, expected_if_active
from medallion.products.restaurant.lifetime_models import BG_NBD, MBG_NBD, OF_DAYS, OF_SPEND
from medallion.products.restaurant.order_histories import first_to_last_days, repeat_day_count, repeat_day_value
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F, SparkColumn

# What the last digits of logarithms and powers are, engines do not agree on.
_DIGITS = 6
_EXPECTED = ("expected_orders_30d", "expected_orders_90d", "expected_orders_365d", "discounted_orders_365d")
_STATES = (
    Column("currency", "varchar(3)", "Currency.", nullable=False),
    Column("x", "integer", "repeat_day_count.", nullable=False),
    Column("age", "integer", "tenure_days.", nullable=False),
    *(Column(name, "double", "Order days expected of who has not stopped.") for name in RESULTS),
)

_STATE_NAMES = {"repeat_day_count": "x", "tenure_days": "age"}
_STATE = ("currency", *_STATE_NAMES)

PREDICTIONS = (
    Column(
        "repeat_day_count",
        "integer",
        "Order days after the first (x of the models).",
        "count",
        False,
        minimum=0,
        formula="order_day_count - 1",
    ),
    Column(
        "first_to_last_days",
        "integer",
        "Days from the first order day to the last (t_x of the models; T is tenure_days).",
        "days",
        False,
        minimum=0,
        formula="last_order_date - first_order_date",
    ),
    Column(
        "repeat_day_value",
        "double",
        "Mean net amount of the order days after the first; NULL without any.",
        "currency",
        formula="net amount of the order days after the first / repeat_day_count",
    ),
    Column(
        "model",
        "varchar(7)",
        "Model that order days are expected by, the more likely one of the currency; NULL without one.",
        accepted=(BG_NBD, MBG_NBD),
    ),
    Column(
        "p_alive",
        "double",
        "Probability that the customer has not stopped: 1 / (1 + a / (b+s-1) ((alpha+T) / (alpha+t_x))^(r+x)), "
        "s = x in BG/NBD (1 at x = 0) and x + 1 in MBG/NBD. Fader, Hardie, Lee (2005); Batislam et al. (2007).",
        "rate",
        minimum=0,
        maximum=1,
        formula="1 / (1 + a / (b + s - 1) * ((alpha + T) / (alpha + t_x)) ^ (r + x))",
    ),
    *(
        Column(
            f"expected_orders_{days}d",
            "double",
            f"Order days expected in the {days} days after as_of: "
            f"p_alive E[(1 - (1 + p {days} / (alpha+T))^-(r+x)) / p], p beta distributed with a and b + s. "
            "Fader, Hardie, Lee (2005), eq. 10; Batislam et al. (2007).",
            "count",
            minimum=0,
            formula=f"p_alive * orders of {days} days expected of who has not stopped",
        )
        for days in (30, 90, 365)
    ),
    Column(
        "discounted_orders_365d",
        "double",
        "expected_orders_365d, those of days 1-30, 31-90, 91-180, 181-270 and 271-365 each discounted from their "
        "middle by rule annual_discount_rate.",
        "count",
        minimum=0,
        formula="sum(expected orders of a span * (1 + annual_discount_rate) ^ -(its middle / 365))",
    ),
    Column(
        "expected_average_order_value",
        "double",
        "Net amount expected of an order day to come: p (v + x m) / (p x + q - 1), m = repeat_day_value, or 0 if "
        "that is negative. Fader, Hardie (2013), gamma-gamma.",
        "currency",
        minimum=0,
        formula="p * (v + x * repeat_day_value) / (p * x + q - 1)",
    ),
    Column(
        "predicted_clv_365d",
        "double",
        "discounted_orders_365d × expected_average_order_value, to the cent: present worth of the year after as_of.",
        "currency",
        minimum=0,
        formula="discounted_orders_365d * expected_average_order_value",
    ),
)


def with_predictions(customers: DataFrame, clv_model: DataFrame, rules: RestaurantRules) -> DataFrame:
    """`customers` (with tenure_days) and the columns of PREDICTIONS."""
    parameters = clv_model.select("currency", "model", *OF_DAYS, *OF_SPEND)
    # Many to one, twice: a currency has one row of parameters, and one of each repeat_day_count and tenure_days.
    known = customers.withColumns(
        {
            "repeat_day_count": repeat_day_count(),
            "first_to_last_days": first_to_last_days(),
            "repeat_day_value": repeat_day_value(),
        }
    ).join(F.broadcast(parameters), "currency", how="left")
    found = known.join(F.broadcast(_if_active(known, rules)), [*_STATE], how="left")
    predicted = found.withColumns(
        {
            "p_alive": F.round(_p_alive(), _DIGITS),
            "expected_average_order_value": F.round(_expected_value(), _DIGITS - 2),
            **{
                name: F.round(_p_alive() * F.col(if_active), _DIGITS)
                for name, if_active in zip(_EXPECTED, RESULTS, strict=True)
            },
        }
    )
    worth = F.col("discounted_orders_365d") * F.col("expected_average_order_value")
    return predicted.withColumn("predicted_clv_365d", F.round(worth, 2))


def _if_active(known: DataFrame, rules: RestaurantRules) -> DataFrame:
    """Order days expected of who has not stopped. Grain: (currency, repeat_day_count, tenure_days)."""
    model = ["currency", "model", *OF_DAYS]
    states = known.where("model IS NOT NULL").select(*model, *_STATE[1:]).distinct().withColumnsRenamed(_STATE_NAMES)
    function = partial(expected_if_active, rate=rules.annual_discount_rate)
    expected = by_group(states, model, ["x", "age"], function, _STATES)
    return expected.withColumnsRenamed({short: name for name, short in _STATE_NAMES.items()})


def _p_alive() -> SparkColumn:
    r, alpha, a, b, x = (F.col(name) for name in ("r", "alpha", "a", "b", "repeat_day_count"))
    occasions = x + F.when(F.col("model") == MBG_NBD, F.lit(1)).otherwise(F.lit(0))
    silence = F.log((alpha + F.col("tenure_days")) / (alpha + F.col("first_to_last_days")))
    odds = a / (b + F.greatest(occasions, F.lit(1)) - 1) * F.exp((r + x) * silence)
    alive = F.when(occasions > 0, F.lit(1.0) / (F.lit(1.0) + odds)).otherwise(F.lit(1.0))
    return F.when(F.col("model").isNotNull(), alive)


def _expected_value() -> SparkColumn:
    p, q, v, x = (F.col(name) for name in ("p", "q", "v", "repeat_day_count"))
    mean = F.greatest(F.coalesce(F.col("repeat_day_value"), F.lit(0.0)), F.lit(0.0))
    return p * (v + x * mean) / (p * x + q - 1)
