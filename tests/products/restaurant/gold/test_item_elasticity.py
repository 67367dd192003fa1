"""Elasticities of items: planted ones are found within their intervals, and none where prices or sales cannot tell.

Estimates and errors are those that `medallion.models` computes from the same months.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pytest
from frames import values
from marts import built
from pyspark.sql import DataFrame, Row, SparkSession
from rows import line, order
from simulated_effects import currency_of
from simulated_sales import (
    SALES_DAYS,
    Pricing,
    by_month,
    by_weekday,
    of_three_sizes,
    of_two_sizes,
    sales,
    sales_frames,
    seldom,
    within_months,
)

from medallion.models import log_log_elasticity
from medallion.models.t_distribution import interval
from medallion.products.restaurant.gold import pricing_by_item

SEEDS = range(50)
MOST_MISSES = 5  # 45 of 50 hold
PER_BILLION = 1e-9
AS_OF = date(2024, 12, 31)

Found = dict[str, Row]


def elasticities(spark: SparkSession, rows: Iterable[tuple[list[Any], list[Any]]]) -> Found:
    found = pricing_by_item.build(*sales_frames(spark, rows), as_of=SALES_DAYS[-1])
    return {row["currency"]: row for row in found.collect()}


def outside(found: Found, elasticity: float) -> list[str]:
    return [
        currency
        for currency, row in found.items()
        if not row["price_elasticity_low"] <= elasticity <= row["price_elasticity_high"]
    ]


@pytest.mark.parametrize("elasticity", [-2.0, -1.2, 0.0])
@pytest.mark.parametrize("pricing", [by_month, within_months, seldom])
def test_a_planted_elasticity_is_within_its_interval(spark: SparkSession, pricing: Pricing, elasticity: float) -> None:
    found = elasticities(spark, (sales(seed, elasticity=elasticity, pricing=pricing) for seed in SEEDS))

    assert len(found) == len(SEEDS)
    assert len(outside(found, elasticity)) <= MOST_MISSES
    if elasticity:
        assert len(outside(found, 0.0)) > len(SEEDS) / 2  # the rows are enough to tell it from none


@pytest.mark.parametrize("pricing", [by_month, seldom])
def test_elasticities_are_those_of_the_model_by_month(spark: SparkSession, pricing: Pricing) -> None:
    rows = {seed: sales(seed, elasticity=-1.2, pricing=pricing) for seed in SEEDS[:5]}

    found = elasticities(spark, rows.values())

    for seed, (items, hours) in rows.items():
        months = sorted({(day.year, day.month) for day in SALES_DAYS})
        sold, orders = (
            [
                sum(row[name] for row in side if (row["order_date"].year, row["order_date"].month) == one)
                for one in months
            ]
            for side, name in ((items, "item_quantity"), (hours, "order_count"))
        )
        prices = [float(*pricing(date(*one, 1))) for one in months]
        model = log_log_elasticity(prices, [units / count for units, count in zip(sold, orders, strict=True)])
        error = max(model.standard_error, model.classical_standard_error)
        expected = [model.estimate, error, *interval(model.estimate, error, model.n - 2, 0.95)[:2]]
        ours = found[currency_of(seed)]
        numbers = [ours[f"price_elasticity{one}"] for one in ("", "_standard_error", "_low", "_high")]
        assert numbers == pytest.approx(expected, rel=PER_BILLION, abs=PER_BILLION)
        assert (ours["month_count"], ours["price_point_count"]) == (model.n, model.price_points)


@pytest.mark.parametrize("orders_a_day", [10.0, 100.0])
@pytest.mark.parametrize("pricing", [by_weekday, of_three_sizes])
def test_prices_that_differ_within_months_alone_have_no_elasticity(
    spark: SparkSession, pricing: Pricing, orders_a_day: float
) -> None:
    rows = (sales(seed, elasticity=-2.0, pricing=pricing, orders_a_day=orders_a_day) for seed in SEEDS)

    found = elasticities(spark, rows)

    reasons = {row["price_elasticity_reason"] for row in found.values()}
    assert reasons == {"prices differ within months, and between them hardly by more than chance"}
    assert {(row["price_elasticity"], row["price_elasticity_standard_error"]) for row in found.values()} == {
        (None, None)
    }


@pytest.mark.parametrize("orders_a_day", [10.0, 100.0])
def test_two_list_prices_are_two_price_points_however_they_mix(spark: SparkSession, orders_a_day: float) -> None:
    rows = (sales(seed, elasticity=-2.0, pricing=of_two_sizes, orders_a_day=orders_a_day) for seed in SEEDS)

    found = elasticities(spark, rows)

    columns = ("price_point_count", "price_elasticity", "price_elasticity_reason")
    assert {tuple(row[name] for name in columns) for row in found.values()} == {(2, None, "2 prices; 3 are needed")}


@pytest.mark.parametrize(
    ("prices", "points", "reason"),
    [
        (("5.00",), 1, "1 prices; 3 are needed"),
        (("5.00", "6.00", "5.00", "6.00"), 2, "2 prices; 3 are needed"),
        (("0.00", "0.00"), 0, "no sale at a price above 0"),
        (("-5.00",), 0, "no sale at a price above 0"),
        (("5.00", "6.00", "7.00"), 3, "3 days with a price in 3 months; 2 a month are needed"),
    ],
)
def test_an_elasticity_needs_three_prices_and_days_enough(
    spark: SparkSession, prices: tuple[str, ...], points: int, reason: str
) -> None:
    found = item_sold_at(spark, [[price] for price in prices])

    assert values(found, "price_elasticity", "price_point_count", "price_elasticity_reason") == [(None, points, reason)]


def item_sold_at(spark: SparkSession, months: Sequence[Sequence[str]]) -> DataFrame:
    """`pricing_by_item` of one unit an order, an order a day, at the days' prices of months."""
    prices = {
        date(2024, month, day): price for month, days in enumerate(months, 1) for day, price in enumerate(days, 1)
    }
    orders = [order(f"{day}", day) for day in prices]
    return built(
        spark, "pricing_by_item", orders, [line(f"{day}", price) for day, price in prices.items()], as_of=AS_OF
    )


@pytest.mark.parametrize(
    ("months", "reason"),
    [
        ([["5.00", "6.00", "7.00"]] * 3, "the months' prices are all the same"),
        (
            [["5.00", "6.00", "7.00"], ["5.00", "6.00", "7.00", "7.00"], ["5.00", "5.00", "6.00", "7.00"]],
            "prices differ within months, and between them hardly by more than chance",
        ),
        # One unit an order at every price: a line without error, from which no error can be taken.
        ([["5.00"] * 2, ["6.00"] * 2, ["7.00"] * 2], "nothing but the price varies, which leaves no error to tell"),
    ],
)
def test_an_elasticity_needs_months_that_differ(spark: SparkSession, months: list[list[str]], reason: str) -> None:
    found = item_sold_at(spark, months)

    columns = ("price_point_count", "price_elasticity", "price_elasticity_standard_error", "price_elasticity_reason")
    assert values(found, *columns) == [(3, None, None, reason)]


def test_lines_taken_back_make_no_price_point(spark: SparkSession) -> None:
    lines = [
        line("1", "5.00"),
        line("1", "-3.00", lineitem_id="2"),
        line("2", "-4.00"),
        line("3", "7.00", item_quantity=-1),
        line("4", "6.00"),
        line("4", "0.00", lineitem_id="2"),
    ]
    orders = [order(f"{number}", date(2024, 1, number)) for number in range(1, 5)]

    found = built(spark, "pricing_by_item", orders, lines, as_of=AS_OF)

    assert values(found, "month_count", "price_point_count") == [(1, 2)]


def test_three_prices_in_two_months_are_too_few_months(spark: SparkSession) -> None:
    days = (date(2024, 1, 1), date(2024, 1, 2), date(2024, 2, 1))
    orders = [order(f"{number}", day) for number, day in enumerate(days)]
    lines = [line(f"{number}", f"{5 + number}.00") for number, _ in enumerate(days)]

    found = built(spark, "pricing_by_item", orders, lines, as_of=AS_OF)

    assert values(found, "month_count", "price_elasticity", "price_elasticity_reason") == [
        (2, None, "2 months; more than 2 are needed")
    ]
