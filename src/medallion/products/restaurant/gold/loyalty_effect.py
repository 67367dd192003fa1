"""What is the loyalty programme's own effect, and how sure is that?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any

from medallion.arithmetic import ratio
from medallion.confidence import ESTIMATE, significant, with_interval
from medallion.contracts import Column, Layer, Table
from medallion.effects import MEASURES, Difference, by_metric, matched_difference, sums_of, welch
from medallion.grouped_arrays import by_group
from medallion.products.restaurant import columns as shared
from medallion.products.restaurant.gold.joining import METRICS as JOINING_METRICS
from medallion.products.restaurant.gold.joining import joining_strata
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F

MEMBERSHIP, JOINING = "members_and_others", "before_and_after_joining"
MEMBERSHIP_METRICS = ("customer_lifetime_value", "average_order_value")

TABLE = Table(
    name="loyalty_effect",
    layer=Layer.GOLD,
    grain=("comparison", "metric", "currency"),
    description="Four rows a currency with customers. `members_and_others` is how members and other customers differ: "
    "members chose to join, so it shows selection and effect together. `before_and_after_joining` is how much more "
    "the spending of joiners changed than that of never-joiners of the same cohort and prior spend, over equal windows "
    "(difference in differences): the programme's effect only if who joins, and with which order, has nothing to do "
    "with how they would have ordered afterwards. Where every order is a chance to join, or all are asked when the "
    "programme starts, it shows a gain where there is none. It shows nothing of those loyal from their first order on, "
    "and nothing beyond the window.",
    columns=(
        Column(
            "comparison",
            "varchar(30)",
            "`members_and_others`: Welch's test of the customers' means; `before_and_after_joining`: difference in "
            "differences of joiners and matched never-joiners.",
            nullable=False,
            accepted=(MEMBERSHIP, JOINING),
        ),
        Column(
            "metric",
            "varchar(30)",
            "Of members and others: `customer_lifetime_value`, a customer's net amount, and `average_order_value`, "
            "that by the customer's orders. Of joining: `net_amount` and `order_count` of the window after less those "
            "of the window before.",
            nullable=False,
            accepted=(*MEMBERSHIP_METRICS, *JOINING_METRICS),
        ),
        shared.CURRENCY,
        shared.AS_OF,
        *shared.estimate_columns(
            "first_mean - second_mean",
            "sqrt(sum of variance / n of both groups) (Welch 1947); of joining of all strata's, a change a customer",
        ),
        Column(
            "first_mean",
            "double",
            "Mean of the members, or mean change of the joiners that were matched.",
            formula="mean(metric of members), or mean(metric after - metric before) of matched joiners",
        ),
        Column(
            "second_mean",
            "double",
            "Mean of the other customers, or mean change of the never-joiners, each stratum weighted by its joiners.",
            formula="mean(metric of other customers), or sum over strata of joiners * mean(metric after - metric "
            "before of never-joiners) / joiners",
        ),
        Column(
            "first_count",
            "bigint",
            "Members, or joiners that were matched.",
            "count",
            False,
            minimum=0,
            formula="count(members), or count(joiners in strata with 2 of each)",
        ),
        Column(
            "second_count",
            "bigint",
            "Other customers, or never-joiners matched to.",
            "count",
            False,
            minimum=0,
            formula="count(other customers), or count(never-joiners in strata with 2 of each)",
        ),
        Column(
            "unmatched_count",
            "bigint",
            "Joiners in strata (quarter of the first order, class of prior spend, classes double) without two of each; "
            "NULL of members and others.",
            "count",
            minimum=0,
            formula="count(joiners in strata with fewer than 2 joiners or never-joiners)",
        ),
        Column(
            "window_days",
            "integer",
            "Days before and after joining; NULL of members and others.",
            "days",
            formula="rule loyalty_window_days",
        ),
        shared.REASON,
    ),
    exclusions="Orders after as_of, and those of guests. Of joining also: customers loyal from their first order on, "
    "windows that had not ended by as_of, the day of joining itself.",
)


_METRICS = {(MEMBERSHIP, name): number for number, name in enumerate(MEMBERSHIP_METRICS)}
_METRICS |= {(JOINING, name): len(_METRICS) + number for number, name in enumerate(JOINING_METRICS)}


def build(customers: DataFrame, customer_days: DataFrame, *, as_of: date, rules: RestaurantRules) -> DataFrame:
    """Both comparisons. Grain: (comparison, metric, currency)."""
    is_member = F.col("loyalty_order_count") > 0
    values = {
        "customer_lifetime_value": F.col("net_amount"),
        "average_order_value": ratio("net_amount", "order_count"),
    }
    members = customers.groupBy("currency").agg(
        *(one for metric, value in values.items() for one in sums_of(value, is_member, f"{metric}_"))
    )
    window = rules.loyalty_window_days
    strata = joining_strata(customer_days, as_of=as_of, window_days=window)
    sums = by_metric(members, ("currency",), _numbers(MEMBERSHIP)).unionByName(
        by_metric(strata, ("currency",), _numbers(JOINING))
    )
    columns = [column for column in TABLE.columns if column.name != "as_of"]
    estimates = by_group(sums, ["currency"], ["metric", *MEASURES], partial(_estimates, window_days=window), columns)
    return TABLE.conform(estimates.withColumn("as_of", F.lit(as_of)))


def _numbers(comparison: str) -> dict[str, int]:
    """The comparison's metrics, each with its number among all."""
    return {metric: number for (of, metric), number in _METRICS.items() if of == comparison}


def _estimates(_: Mapping[str, Any], sums: Mapping[str, Any], *, window_days: int) -> Mapping[str, Any]:
    """The four rows of a currency, of the members' sums and those of the strata of joiners."""
    import numpy as np

    found, is_joining = [], [comparison == JOINING for comparison, _ in _METRICS]
    for number, joins in enumerate(is_joining):
        chosen = {name: sums[name][sums["metric"] == number] for name in MEASURES}
        found.append(matched_difference(chosen) if joins else welch(chosen))
    columns = dict(zip(Difference._fields, zip(*found, strict=True), strict=True))
    arrays = {name: np.array(columns[name]) for name in (*ESTIMATE, "first_mean", "second_mean")}
    return {
        "comparison": [comparison for comparison, _ in _METRICS],
        "metric": [metric for _, metric in _METRICS],
        **with_interval(*(arrays[name] for name in ESTIMATE)),
        **{name: significant(arrays[name]) for name in ("first_mean", "second_mean")},
        **{name: columns[name] for name in ("first_count", "second_count", "reason")},
        "unmatched_count": [
            row.left_out_count if joins else None for row, joins in zip(found, is_joining, strict=True)
        ],
        "window_days": [window_days if joins else None for joins in is_joining],
    }
