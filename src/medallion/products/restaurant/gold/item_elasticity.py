"""How much the sales of an item change with its price, from the months in which it was sold.

A month's demand is units per order of the currency, so that growth, season and holidays are not taken for effects of
the price; its price is the mean unit price of the lines. Slope of an ordinary least-squares line of log demand on log
price, with HC1 errors: see `medallion.models.log_log_elasticity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from medallion.arithmetic import ratio
from medallion.confidence import with_interval
from medallion.contracts import Column
from medallion.effects import NAN
from medallion.grouped_arrays import by_row
from medallion.products.restaurant.amounts import up_to
from medallion.spark import DataFrame, F, SparkColumn, Window

FEWEST_PRICE_POINTS = 3
KEYS = ("item_name", "currency")
_LOG = "decimal(18,12)"  # sums of logarithms are exact, in any order
_PRODUCT = "decimal(38,18)"
_PRICE_SUM = "decimal(38,12)"
_MOMENTS = {"xx": (2, 0), "xy": (1, 1), "xxyy": (2, 2), "xxxy": (3, 1), "xxxx": (4, 0)}


ELASTICITY = (
    Column(
        "price_elasticity",
        "double",
        "Per cent that units per order of the currency change with one per cent more price: slope of log units on "
        "log mean price over the months with sales.",
        formula="slope of log(item_quantity / orders of the currency) on log(mean unit price), by month",
    ),
    Column(
        "price_elasticity_standard_error",
        "double",
        "Its standard error, robust to unequal variance (HC1).",
        formula="sqrt(n / (n - 2) * sum(x^2 * residual^2)) / sum(x^2), x centred log price, n months",
    ),
    Column(
        "price_elasticity_low",
        "double",
        "Lower end of its 95 % confidence interval.",
        formula="price_elasticity - t(0.975, month_count - 2) * price_elasticity_standard_error",
    ),
    Column(
        "price_elasticity_high",
        "double",
        "Upper end of its 95 % confidence interval.",
        formula="price_elasticity + t(0.975, month_count - 2) * price_elasticity_standard_error",
    ),
    Column(
        "month_count",
        "bigint",
        "Months with sales at a price above 0.",
        "count",
        False,
        minimum=0,
        formula="count(months with sales at a price above 0)",
    ),
    Column(
        "price_point_count",
        "bigint",
        "Distinct mean prices of a day, to the cent.",
        "count",
        False,
        minimum=0,
        formula="count(distinct round(mean unit price of a day, 2))",
    ),
    Column("price_elasticity_reason", "varchar(200)", "Why there is no elasticity; NULL where there is one."),
)
_RESULT = (*(Column(name, "varchar(255)", "Key.") for name in KEYS), *ELASTICITY)
_FOUND = {
    "price_elasticity": "estimate",
    "price_elasticity_standard_error": "standard_error",
    "price_elasticity_low": "confidence_low",
    "price_elasticity_high": "confidence_high",
}


def elasticities(item_days: DataFrame, hour_days: DataFrame, as_of: date) -> DataFrame:
    """The columns ELASTICITY of items. Grain: KEYS.

    Refunded lines have a negative price: a day with one counts by its highest price. Items without any price have no
    row.
    """
    months = _months(up_to(item_days, as_of), up_to(hour_days, as_of))
    own = Window.partitionBy(*KEYS)
    count = F.count("x").over(own)
    centred = months.withColumns(
        {f"{one}_rest": F.col(one).cast("double") - ratio(F.sum(one).over(own), count) for one in "xy"}
    )
    sums = centred.groupBy(*KEYS).agg(
        F.count("x").alias("month_count"),
        F.size(F.array_distinct(F.flatten(F.collect_list("prices")))).cast("bigint").alias("price_point_count"),
        *(F.sum(_product(*powers)).cast("double").alias(name) for name, powers in _MOMENTS.items()),
    )
    return by_row(sums.fillna(0.0, [*_MOMENTS]), ["month_count", "price_point_count", *_MOMENTS], _slopes, _RESULT)


def _months(item_days: DataFrame, hour_days: DataFrame) -> DataFrame:
    """Log price (x) and log demand (y) of each month with sales, and its days' prices."""
    is_regular = F.col("lowest_unit_price") > 0
    highest = F.col("highest_unit_price").cast("decimal(18,2)") * F.col("priced_line_count").cast("decimal(10,0)")
    price_sum = F.when(is_regular, F.col("unit_price_sum").cast(_PRICE_SUM)).otherwise(highest.cast(_PRICE_SUM))
    sold = item_days.where("highest_unit_price > 0").select(
        *KEYS,
        F.trunc("order_date", "month").alias("month"),
        "item_quantity",
        "priced_line_count",
        price_sum.alias("price_sum"),
        F.round(ratio(price_sum, "priced_line_count"), 2).alias("price"),
    )
    # By price first: sets of prices are quick to collect from these few rows, and slow from days.
    at_price = sold.groupBy(*KEYS, "month", "price").agg(
        *(F.sum(name).alias(name) for name in ("item_quantity", "priced_line_count", "price_sum"))
    )
    by_month = at_price.groupBy(*KEYS, "month").agg(
        F.sum("item_quantity").alias("quantity"),
        ratio(F.sum("price_sum"), F.sum("priced_line_count")).alias("price"),
        F.collect_list("price").alias("prices"),
    )
    orders = hour_days.groupBy("currency", F.trunc("order_date", "month").alias("month")).agg(
        F.sum("order_count").alias("orders")
    )
    # Many to one: `orders` has one row a currency and month.
    joined = by_month.join(orders, ["currency", "month"], how="inner").where("quantity > 0")
    logs = {"x": F.log("price"), "y": F.log(ratio("quantity", "orders"))}
    return joined.select(*KEYS, "prices", *(value.cast(_LOG).alias(name) for name, value in logs.items()))


def _product(x_power: int, y_power: int) -> SparkColumn:
    factors = [F.col("x_rest")] * x_power + [F.col("y_rest")] * y_power
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product.cast(_PRODUCT)


def _slopes(sums: Mapping[str, Any]) -> Mapping[str, Any]:
    """The slopes with their errors, or the reasons why there are none."""
    import numpy as np

    count, points, xx, xy = (sums[name] for name in ("month_count", "price_point_count", "xx", "xy"))
    is_known = (points >= FEWEST_PRICE_POINTS) & (count > 2) & (xx > 0)
    rest, width = np.where(is_known, count - 2.0, NAN), np.where(is_known, xx, NAN)
    slope = xy / width
    # Sums of squared residuals times squared prices, multiplied out.
    squares = sums["xxyy"] - slope * sums["xxxy"] * 2.0 + slope * slope * sums["xxxx"]
    error = np.sqrt(count / rest * np.maximum(squares, 0.0)) / width
    reasons = [
        None if known else _reason(int(months), int(prices))
        for known, months, prices in zip(is_known, count, points, strict=True)
    ]
    found = with_interval(slope, error, rest)
    return {**{name: found[one] for name, one in _FOUND.items()}, "price_elasticity_reason": reasons}


def _reason(months: int, prices: int) -> str:
    if prices < FEWEST_PRICE_POINTS:
        return f"{prices} prices; {FEWEST_PRICE_POINTS} are needed"
    return f"{months} months; more than 2 are needed" if months <= 2 else "the months' prices are all the same"
