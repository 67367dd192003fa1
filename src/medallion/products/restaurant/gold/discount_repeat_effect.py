"""Do customers come back more often after a discounted order than after one at full price?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from medallion.confidence import significant, with_interval
from medallion.contracts import Column, Layer, Table
from medallion.effects import NAN
from medallion.grouped_arrays import by_group
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.gold.comparable_days import (
    COUNTS,
    CUSTOMERS,
    FEWEST_OF_A_CLASS,
    POWERS,
    REPEAT_DAYS,
    by_class,
    influences,
    watched,
)
from medallion.products.restaurant.silver.customer_days import known_on
from medallion.spark import DataFrame, F

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

# Of 10 days, or of 5 customers, simulated 95 % intervals hold the truth in 76 to 91 of 100 cases; of these in 93 and
# more. See docs/decisions/0026.
FEWEST_DAYS, FEWEST_CUSTOMERS = 20, 8

TABLE = Table(
    name="discount_repeat_effect",
    layer=Layer.GOLD,
    grain=("repeat_days", "currency"),
    description="Three rows a currency with customers: how much more often a customer's day with a discounted order is "
    "followed by another order than a comparable day at full price, within 30, 60 and 90 days. Comparable are days of "
    "the same place in the customer's history (1st, 2nd, 3rd, 4th to 5th, 6th to 10th, later) and the same time since "
    "the order day before (7, 14, 30, 60, 90 days, longer); such a class counts that has two days of each kind, "
    "discounted and at full price. It is an effect only if, among these, chance decides who has a discount; where "
    "discounts go to those who are leaving, or to those who come anyway, it shows that too. It says nothing of the "
    "basket, of who never ordered before, or of what customers would have paid.",
    columns=(
        Column("repeat_days", "integer", "Days within which another order counts.", "days", False, minimum=1),
        shared.CURRENCY,
        shared.AS_OF,
        *shared.estimate_columns(
            "discounted_repeat_rate - full_price_repeat_rate",
            "sqrt of the sum over customers of their squared influences on the estimate, each day's scaled by "
            f"sqrt(n / (n - 1)), n the days of its class and kind; NULL below {FEWEST_DAYS} compared days of "
            f"{FEWEST_CUSTOMERS} customers of each kind",
            "rate",
        ),
        Column(
            "discounted_repeat_rate",
            "double",
            "Share of the discounted order days that were followed by an order on a later day within repeat_days.",
            "rate",
            minimum=0,
            maximum=1,
            formula="count(discounted order days followed within repeat_days) / discounted_count",
        ),
        Column(
            "full_price_repeat_rate",
            "double",
            "That share of the full-price order days, each class weighted by its discounted ones.",
            "rate",
            minimum=0,
            maximum=1,
            formula="sum over classes of discounted days * share of full-price days followed within repeat_days / "
            "discounted_count",
        ),
        Column(
            "discounted_count",
            "bigint",
            "Discounted order days that are compared.",
            "count",
            False,
            minimum=0,
            formula="count(discounted order days in classes with 2 or more of each kind)",
        ),
        Column(
            "full_price_count",
            "bigint",
            "Full-price order days that are compared.",
            "count",
            False,
            minimum=0,
            formula="count(full-price order days in classes with 2 or more of each kind)",
        ),
        Column(
            "customer_count",
            "bigint",
            "Customers of these days, by whom errors cluster.",
            "count",
            False,
            minimum=0,
            formula="count(distinct customers of the compared days)",
        ),
        Column(
            "unmatched_count",
            "bigint",
            "Discounted order days in classes that have not two of each kind.",
            "count",
            False,
            minimum=0,
            formula="count(discounted order days in classes with less than 2 of each kind)",
        ),
        shared.REASON,
    ),
    exclusions="Orders of guests, and order days less than 90 days before as_of.",
)

_ALIKE = "one kind of days does not vary: in each class all were followed by another, or none"
# What is left of squared influences that cancel each other but for their last digits.
_ROUNDING = 1e-12
_POWERS_OF_ALL = [f"{power}_{within}" for power in POWERS for within in REPEAT_DAYS]
_MEASURED = ("is_first", *COUNTS, *CUSTOMERS, *_POWERS_OF_ALL)


def build(customers: DataFrame, customer_days: DataFrame, *, as_of: date) -> DataFrame:
    """Order days that ended the longest window by as_of, compared. Grain: (repeat_days, currency)."""
    days = watched(known_on(customer_days, as_of), as_of)
    sides = by_class(days)
    # The errors have one row a currency; a currency without days keeps one row.
    measured = (
        customers.select("currency")
        .distinct()
        .join(sides.withColumn("is_first", F.col("is_discounted").cast("int")), "currency", how="left")
        .join(influences(days, sides), "currency", how="left")
        .fillna(0, list(_MEASURED))
    )
    columns = [column for column in TABLE.columns if column.name != "as_of"]
    estimates = by_group(measured, ["currency"], _MEASURED, _estimates, columns)
    return TABLE.conform(estimates.withColumn("as_of", F.lit(as_of)))


def _estimates(_: Mapping[str, Any], measured: Mapping[str, npt.NDArray[np.float64]]) -> Mapping[str, Any]:
    """The rows of a currency: differences with errors clustered by customer, or the reason why there are none.

    Satterthwaite's degrees of freedom (1946), each customer's squared influence being a variance with one: all
    customers where each has as much influence, fewer the more a handful decides.
    """
    import numpy as np

    customers, *of_sides = (int(measured[name][0]) for name in CUSTOMERS)
    is_compared = np.minimum(measured["first_count"], measured["second_count"]) >= FEWEST_OF_A_CLASS
    is_first = measured["is_first"] == 1
    sides = [{name: measured[name][is_compared & one] for name in COUNTS} for one in (is_first, ~is_first)]
    first, second = (int(side["day_count"].sum()) for side in sides)
    rates = [_repeat_rates(side, first) for side in sides]
    squares, fourths = (np.array([measured[f"{name}_{w}"][0] for w in REPEAT_DAYS]) for name in ("squares", "fourths"))
    if min(first, second) < FEWEST_DAYS or min(of_sides) < FEWEST_CUSTOMERS:
        reasons: list[str | None] = [_too_few((first, second), of_sides)] * len(REPEAT_DAYS)
    else:
        vary = (all(_varies(side, within) for side in sides) for within in REPEAT_DAYS)
        reasons = [None if one and rest > _ROUNDING else _ALIKE for one, rest in zip(vary, squares, strict=True)]
    is_known = np.array([reason is None for reason in reasons])
    error = np.where(is_known, np.sqrt(squares) / max(first, 1), NAN)
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = np.where(is_known, np.clip(squares * squares / fourths, 1.0, max(customers, 1)), NAN)
    counts = {
        "discounted_count": first,
        "full_price_count": second,
        "customer_count": customers,
        "unmatched_count": int(measured["day_count"][~is_compared & is_first].sum()),
    }
    return {
        "repeat_days": list(REPEAT_DAYS),
        **with_interval(rates[0] - rates[1], error, freedom),
        "discounted_repeat_rate": significant(rates[0]),
        # Weights that are no finite decimals may add a little to it.
        "full_price_repeat_rate": significant(np.minimum(rates[1], 1.0)),
        **{name: [count] * len(REPEAT_DAYS) for name, count in counts.items()},
        "reason": reasons,
    }


def _repeat_rates(side: Mapping[str, npt.NDArray[np.float64]], discounted: int) -> npt.NDArray[np.float64]:
    """Of each window, the share of days that were followed, classes weighted by their discounted ones."""
    import numpy as np

    weight = side["first_count"] / side["day_count"]
    # Summed exactly, so in any order of the classes.
    sums = [math.fsum(weight * side[f"repeats_{within}"]) for within in REPEAT_DAYS]
    return np.array(sums) / discounted if discounted else np.full(len(REPEAT_DAYS), NAN)


def _varies(side: Mapping[str, npt.NDArray[np.float64]], within: int) -> bool:
    """Whether days of a class were followed and others not; else the error would be that of the other kind alone."""
    repeats = side[f"repeats_{within}"]
    return bool(((repeats > 0) & (repeats < side["day_count"])).any())


def _too_few(days: tuple[int, int], customers: list[int]) -> str:
    return (
        f"{FEWEST_DAYS} compared days of {FEWEST_CUSTOMERS} customers are needed of each kind; there are "
        f"{days[0]} of {customers[0]} discounted and {days[1]} of {customers[1]} at full price"
    )
