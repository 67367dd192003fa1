"""What is the loyalty programme's own effect, and how sure is that?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from medallion.products.restaurant.gold.joining import UNIT, joining_days
from medallion.products.restaurant.rules import RestaurantRules
from medallion.spark import DataFrame, F

MEMBERSHIP, JOINING = "members_and_others", "before_and_after_joining"
MEMBERSHIP_METRICS = ("customer_lifetime_value", "average_order_value")
_NOBODY = -1

TABLE = Table(
    name="loyalty_effect",
    layer=Layer.GOLD,
    grain=("comparison", "metric", "currency"),
    description="Four rows a currency with customers. `members_and_others` is how members and other customers differ: "
    "members chose to join, so it shows selection and effect together. `before_and_after_joining` is how much more "
    "orders changed around the day of joining than around order days of customers who had not joined by then, of the "
    "same cohort, pause and prior spend, over equal windows (difference in differences). Those may join later, or "
    "never: to choose who never does would be to choose who soon stopped ordering. It is the programme's effect if, "
    "among customers alike in that, joining with an order has nothing to do with how they would have ordered "
    "afterwards, whether all are asked once, by letters, or with every order. It shows less than the effect where many "
    "of the others join within the window, and too much where those join who were about to order more. It shows "
    "nothing of those loyal from their first order on, and nothing beyond the window.",
    columns=(
        Column(
            "comparison",
            "varchar(30)",
            "`members_and_others`: Welch's test of the customers' means; `before_and_after_joining`: difference in "
            "differences of joiners and of matched order days of customers who had not joined.",
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
            "sqrt(sum of variance / n of both groups) (Welch 1947); of joining of customers' squared influences",
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
            "Mean of the other customers, or mean change around the other order days, each stratum weighted by its "
            "joiners.",
            formula="mean(metric of other customers), or sum over strata of joiners * mean(metric after - metric "
            "before of the other order days) / joiners",
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
            "Other customers, or order days of customers who had not joined that joiners were matched to; of many an "
            "even share.",
            "count",
            False,
            minimum=0,
            formula="count(other customers), or count(the other order days in strata with 2 of each)",
        ),
        Column(
            "unmatched_count",
            "bigint",
            "Joiners in strata (quarter of the first order, and whether it lies in the window before; up to 7, 30, 90 "
            "or more days since the order day before; class of prior spend, classes double) without two of each; NULL "
            "of members and others.",
            "count",
            minimum=0,
            formula="count(joiners in strata with fewer than 2 joiners or other order days)",
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
    "windows that had not ended by as_of, the day itself, order days before the first loyal one of any customer.",
)


def build(customers: DataFrame, customer_days: DataFrame, *, as_of: date, rules: RestaurantRules) -> DataFrame:
    """Both comparisons. Grain: (comparison, metric, currency)."""
    columns = [column for column in TABLE.columns if column.name != "as_of"]
    window = rules.loyalty_window_days
    days = joining_days(customer_days, as_of=as_of, window_days=window)
    # A currency in which nobody might have joined has its rows, too.
    nobody = customers.select("currency").distinct().select("currency", *(F.lit(_NOBODY).alias(name) for name in UNIT))
    joining = by_group(nobody.unionByName(days), ["currency"], UNIT, partial(_joining, window_days=window), columns)
    membership = by_group(_members(customers), ["currency"], ["metric", *MEASURES], _membership, columns)
    return TABLE.conform(membership.unionByName(joining).withColumn("as_of", F.lit(as_of)))


def _members(customers: DataFrame) -> DataFrame:
    """Sums over members and other customers. Grain: (currency, metric)."""
    is_member = F.col("loyalty_order_count") > 0
    values = (F.col("net_amount"), ratio("net_amount", "order_count"))
    of_both = customers.groupBy("currency").agg(
        *(
            one
            for metric, value in zip(MEMBERSHIP_METRICS, values, strict=True)
            for one in sums_of(value, is_member, f"{metric}_")
        )
    )
    return by_metric(of_both, ("currency",), {name: number for number, name in enumerate(MEMBERSHIP_METRICS)})


def _membership(_: Mapping[str, Any], sums: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rows of a currency that compare members and others."""
    found = [
        welch({name: sums[name][sums["metric"] == number] for name in MEASURES})
        for number in range(len(MEMBERSHIP_METRICS))
    ]
    return _rows(MEMBERSHIP, MEMBERSHIP_METRICS, found, None)


def _joining(_: Mapping[str, Any], days: Mapping[str, Any], *, window_days: int) -> Mapping[str, Any]:
    """The rows of a currency that compare joiners with those who had not joined."""
    there = days["is_joiner"] != _NOBODY
    unit = {name: days[name][there] for name in UNIT}
    found = [
        matched_difference(unit["is_joiner"], unit["stratum"], unit["customer"], unit[metric])
        for metric in JOINING_METRICS
    ]
    return _rows(JOINING, JOINING_METRICS, found, window_days)


def _rows(
    comparison: str, metrics: Sequence[str], found: Sequence[Difference], window_days: int | None
) -> Mapping[str, Any]:
    import numpy as np

    columns = dict(zip(Difference._fields, zip(*found, strict=True), strict=True))
    arrays = {name: np.array(columns[name]) for name in (*ESTIMATE, "first_mean", "second_mean")}
    return {
        "comparison": [comparison] * len(metrics),
        "metric": list(metrics),
        **with_interval(*(arrays[name] for name in ESTIMATE)),
        **{name: significant(arrays[name]) for name in ("first_mean", "second_mean")},
        **{name: columns[name] for name in ("first_count", "second_count", "reason")},
        "unmatched_count": [None if window_days is None else row.left_out_count for row in found],
        "window_days": [window_days] * len(metrics),
    }
