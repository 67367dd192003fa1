"""How much the sales of an item change with its price, from the months in which it was sold.

A month's demand is units per order of the currency, so that growth, season and holidays are not taken for effects of
the price. Its price is the mean of its days' log prices, each day counting once: a mean over lines would move with what
was sold at which price. Slope of an ordinary least-squares line of log demand on log price, see
`medallion.models.log_log_elasticity`.

Price points are prices that were asked: the lowest and the highest of days. Means are as many as there are mixes of two
list prices.

Months tell nothing of prices that change within them alone, by weekday, size or place: what their means differ by is
chance, and the slope on it near zero whatever the elasticity. So the variance of the months' prices must be that of the
days' prices within months at least, and ten times what that makes of the mean of a month's days: what is chance in the
price then takes at most a tenth off the slope (Wooldridge, Introductory Econometrics, ch. 9.4, on errors in variables).

The error is the larger of the robust one (HC1) and the classical one, as Angrist, Pischke (Mostly Harmless
Econometrics, 2009, ch. 8.1) advise for few observations: where only a month or two have another price, the line passes
close to them, and HC1 takes that for precision.
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
FEWEST_DAYS_A_MONTH = 2  # on average: fewer do not show how prices vary within months
LEAST_VARIANCE_RATIO = 10  # of the months' mean prices, to what chance among their days explains
KEYS = ("item_name", "currency")
_LOG = "decimal(18,12)"  # sums of logarithms are exact, in any order
_PRODUCT = "decimal(38,18)"
_MOMENTS = {"xx": (2, 0), "xy": (1, 1), "yy": (0, 2), "xxyy": (2, 2), "xxxy": (3, 1), "xxxx": (4, 0)}
# Of the days' log prices: their squares, those of the months' sums by day, and the sum of 1 / days of a month.
_WITHIN = ("squares", "squares_of_sums", "per_day")
_ROUNDING = 1e-12  # squares less squares explained leave rounding alone where nothing varies


ELASTICITY = (
    Column(
        "price_elasticity",
        "double",
        "Per cent that units per order of the currency change with one per cent more price: slope of log units on log "
        "price over the months with sales.",
        formula="slope of log(item_quantity / orders of the currency) on mean over days of log(mean unit price of the "
        "day), by month",
    ),
    Column(
        "price_elasticity_standard_error",
        "double",
        "Its standard error: that robust to unequal variance (HC1), or the classical one where it is larger.",
        formula="max(sqrt(n / (n - 2) * sum(x^2 * residual^2)) / sum(x^2), sqrt(sum(residual^2) / (n - 2) / "
        "sum(x^2))), x centred log price, n months",
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
        "Distinct prices above 0 that were the lowest or the highest of a day.",
        "count",
        False,
        minimum=0,
        formula="count(distinct lowest and highest unit price of days, above 0)",
    ),
    Column(
        "price_elasticity_reason",
        "varchar(200)",
        "Why there is no elasticity; NULL where there is one. It takes 3 price points, 3 months, 2 days with a price a "
        "month, and prices that vary between months as much as within them, and ten times what chance among a month's "
        "days explains.",
    ),
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

    Lines taken back have a negative price, which is none: a day with one counts by its highest price. Items without any
    price have no row.
    """
    months = _months(up_to(item_days, as_of), up_to(hour_days, as_of))
    own = Window.partitionBy(*KEYS)
    count = F.count("x").over(own)
    centred = months.withColumns(
        {f"{one}_rest": F.col(one).cast("double") - ratio(F.sum(one).over(own), count) for one in "xy"}
    )
    sums = centred.groupBy(*KEYS).agg(
        F.count("x").alias("month_count"),
        F.sum("days").cast("double").alias("days"),
        F.size(F.array_distinct(F.flatten(F.collect_list("prices")))).cast("bigint").alias("price_point_count"),
        *(F.sum(_product(*powers)).cast("double").alias(name) for name, powers in _MOMENTS.items()),
        *(F.sum(name).cast("double").alias(name) for name in _WITHIN),
    )
    numbers = ["days", *_MOMENTS, *_WITHIN]
    return by_row(sums.fillna(0.0, numbers), ["month_count", "price_point_count", *numbers], _slopes, _RESULT)


def _months(item_days: DataFrame, hour_days: DataFrame) -> DataFrame:
    """Log price (x) and log demand (y) of each month with sales, with its days, their prices and sums _WITHIN."""
    is_regular = F.col("lowest_unit_price") > 0
    mean = F.when(is_regular, ratio("unit_price_sum", "priced_line_count")).otherwise(
        F.col("highest_unit_price").cast("double")
    )
    sold = item_days.where("highest_unit_price > 0 AND item_quantity > 0").select(
        *KEYS,
        F.trunc("order_date", "month").alias("month"),
        "item_quantity",
        F.when(is_regular, F.col("lowest_unit_price")).otherwise(F.col("highest_unit_price")).alias("low"),
        F.col("highest_unit_price").alias("high"),
        F.log(mean).cast(_LOG).alias("log"),
    )
    # By price first: sets of prices are quick to collect from these few rows, and slow from days.
    at_price = sold.groupBy(*KEYS, "month", "low", "high").agg(
        F.sum("item_quantity").alias("quantity"),
        F.count("log").alias("days"),
        F.sum("log").alias("logs"),
        F.sum((F.col("log").cast("double") * F.col("log").cast("double")).cast(_PRODUCT)).alias("squares"),
    )
    by_month = at_price.groupBy(*KEYS, "month").agg(
        *(F.sum(name).alias(name) for name in ("quantity", "days", "squares")),
        F.sum("logs").cast("double").alias("logs"),
        F.flatten(F.collect_list(F.array("low", "high"))).alias("prices"),
    )
    orders = hour_days.groupBy("currency", F.trunc("order_date", "month").alias("month")).agg(
        F.sum("order_count").alias("orders")
    )
    # Many to one: `orders` has one row a currency and month.
    joined = by_month.join(orders, ["currency", "month"], how="inner")
    days = F.col("days").cast("double")
    return joined.select(
        *KEYS,
        *("days", "prices", "squares"),
        ratio("logs", "days").cast(_LOG).alias("x"),
        F.log(ratio("quantity", "orders")).cast(_LOG).alias("y"),
        (F.col("logs") * F.col("logs") / days).cast(_PRODUCT).alias("squares_of_sums"),
        (F.lit(1.0) / days).cast(_PRODUCT).alias("per_day"),
    )


def _product(x_power: int, y_power: int) -> SparkColumn:
    factors = [F.col("x_rest")] * x_power + [F.col("y_rest")] * y_power
    product = factors[0]
    for factor in factors[1:]:
        product = product * factor
    return product.cast(_PRODUCT)


def _slopes(sums: Mapping[str, Any]) -> Mapping[str, Any]:
    """The slopes with their errors, or the reasons why there are none."""
    import numpy as np

    count, xx, xy, yy = (sums[name] for name in ("month_count", "xx", "xy", "yy"))
    missing = _missing(sums)
    is_known = ~np.any([lacks for _, lacks in missing], axis=0)
    rest, width = np.where(is_known, count - 2.0, NAN), np.where(is_known, xx, NAN)
    slope = xy / width
    # Sums of squared residuals times squared prices, multiplied out.
    squares = sums["xxyy"] - slope * sums["xxxy"] * 2.0 + slope * slope * sums["xxxx"]
    robust = np.sqrt(count / rest * np.maximum(squares, 0.0)) / width
    error = np.maximum(robust, np.sqrt((yy - slope * xy) / rest / width))
    reasons = [
        next((reason.format(**of_item) for reason, lacks in missing if lacks[place]), None)
        for place, of_item in enumerate(_whole(sums))
    ]
    found = with_interval(slope, error, rest)
    return {**{name: found[one] for name, one in _FOUND.items()}, "price_elasticity_reason": reasons}


def _missing(sums: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Why there may be no slope, the first reason first, each with the items that it holds for."""
    import numpy as np

    count, days, xx, xy, yy = (sums[name] for name in ("month_count", "days", "xx", "xy", "yy"))
    within = sums["squares"] - sums["squares_of_sums"]
    within = np.where(within > sums["squares"] * _ROUNDING, within, 0.0) / np.maximum(days - count, 1.0)
    least = within * np.maximum(LEAST_VARIANCE_RATIO * sums["per_day"] / count, 1.0)
    residual = yy - xy * np.divide(xy, xx, out=np.zeros_like(xx), where=xx > 0)
    return [
        (
            f"{{price_point_count}} prices; {FEWEST_PRICE_POINTS} are needed",
            sums["price_point_count"] < FEWEST_PRICE_POINTS,
        ),
        ("{month_count} months; more than 2 are needed", count <= 2),
        (
            f"{{days}} days with a price in {{month_count}} months; {FEWEST_DAYS_A_MONTH} a month are needed",
            days < FEWEST_DAYS_A_MONTH * count,
        ),
        ("the months' prices are all the same", xx <= 0),
        (
            "prices differ within months, and between them hardly by more than chance",
            xx / np.maximum(count - 1.0, 1.0) < least,
        ),
        ("nothing but the price varies, which leaves no error to tell", residual <= yy * _ROUNDING),
    ]


def _whole(sums: Mapping[str, Any]) -> list[dict[str, int]]:
    names = ("month_count", "price_point_count", "days")
    return [dict(zip(names, map(int, row), strict=True)) for row in zip(*(sums[name] for name in names), strict=True)]
