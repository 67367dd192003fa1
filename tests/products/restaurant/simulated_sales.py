"""Silver rows of an item's sales with a planted elasticity, each seed under a currency of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
from frames import Row
from pyspark.sql import DataFrame, SparkSession
from simulated_effects import arrow_frame, currency_of

from medallion.products.restaurant.silver import hour_days, item_days

PRICES = tuple(map(Decimal, (8, 9, 10, 11, 12)))
SALES_DAYS = tuple(date(2022, 1, 1) + timedelta(days=day) for day in range(0, 730, 2))

Pricing = Callable[[date], tuple[Decimal, ...]]  # the prices at which an item is sold on a day, equally often


def by_month(day: date) -> tuple[Decimal, ...]:
    """Another price every two months."""
    return (PRICES[((day.year - 2022) * 12 + day.month - 1) // 2 * 3 % 5],)


def within_months(day: date) -> tuple[Decimal, ...]:
    """Another price every 45 days."""
    return (PRICES[(day - SALES_DAYS[0]).days // 45 * 3 % 5],)


def seldom(day: date) -> tuple[Decimal, ...]:
    """The same price but in two months."""
    return ({(2022, 6): PRICES[0], (2023, 6): PRICES[-1]}.get((day.year, day.month), PRICES[2]),)


def by_weekday(day: date) -> tuple[Decimal, ...]:
    return (PRICES[(2, 2, 2, 2, 4, 0, 0)[day.weekday()]],)


def of_two_sizes(_: date) -> tuple[Decimal, ...]:
    return PRICES[0], PRICES[2]


def of_three_sizes(_: date) -> tuple[Decimal, ...]:
    return PRICES[0], PRICES[2], PRICES[4]


def sales(
    seed: int, *, elasticity: float, pricing: Pricing = by_month, orders_a_day: float = 100.0
) -> tuple[list[Row], list[Row]]:
    """(item_days, hour_days) of one item, which a tenth of orders are of at a price of 10; its demand varies by month.

    Each unit is a line.
    """
    rng = np.random.default_rng(seed)
    liking = rng.gamma(100, 1 / 100, (2, 12))
    items, hours = [], []
    for day in SALES_DAYS:
        orders = int(rng.poisson(orders_a_day)) + 1
        hours.append({"order_date": day, "hour": 12, "currency": currency_of(seed), "order_count": orders})
        prices, wanted = pricing(day), 0.1 * orders * liking[day.year - 2022, day.month - 1]
        each = [int(rng.poisson(wanted / len(prices) * (float(price) / 10) ** elasticity)) for price in prices]
        sold = [price for price, units in zip(prices, each, strict=True) if units]
        if not sold:
            continue
        amount = sum((price * units for price, units in zip(prices, each, strict=True)), Decimal(0))
        items.append(
            {
                "order_date": day,
                "item_name": "Margherita",
                "currency": currency_of(seed),
                "order_count": sum(each),
                "item_quantity": sum(each),
                "priced_line_count": sum(each),
                "unit_price_sum": amount,
                "lowest_unit_price": min(sold),
                "highest_unit_price": max(sold),
                "net_amount": amount,
            }
        )
    return items, hours


def sales_frames(spark: SparkSession, rows: Iterable[tuple[list[Row], list[Row]]]) -> tuple[DataFrame, DataFrame]:
    pairs = list(rows)
    items, hours = ([row for pair in pairs for row in pair[side]] for side in (0, 1))
    return arrow_frame(spark, item_days.TABLE, items), arrow_frame(spark, hour_days.TABLE, hours)
