"""Silver rows of customers with planted effects, each seed under a currency of its own.

The planted figures are those of the rows at hand: what the effect did to them, not what it does on average.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from frames import Row
from pyspark.sql import DataFrame, SparkSession

from medallion.contracts import Table
from medallion.products.restaurant.silver import customer_days, customers

START, DAYS, WINDOW = date(2022, 1, 1), 500, 90
AS_OF = START + timedelta(days=DAYS)
JOINS, JOINS_BY_ORDER, LAUNCH = 0.4, 0.15, 170

Joining = Callable[[np.random.Generator, list[int]], int | None]  # the place of the order day of joining, or none


@dataclass(frozen=True)
class Visits:
    """A customer's order days with what was ordered on each; `planted` is what the effect added to each day."""

    user_id: str
    currency: str
    days: tuple[int, ...]
    orders: tuple[int, ...]
    cents: tuple[int, ...]
    loyal: tuple[bool, ...]
    discounted: tuple[bool, ...]
    planted: tuple[float, ...] = ()


def currency_of(seed: int) -> str:
    return f"{seed:03d}"


def at_launch(rng: np.random.Generator, days: list[int]) -> int | None:
    """With the first order from the programme's start on, in which some join and the others never do."""
    place = next((place for place, day in enumerate(days) if day >= LAUNCH), None)
    return place if place and rng.random() < JOINS else None


def by_chance(rng: np.random.Generator, days: list[int]) -> int | None:
    """With any order but the first, each with the same probability."""
    return next((place for place in range(1, len(days)) if rng.random() < JOINS_BY_ORDER), None)


def by_letter(rng: np.random.Generator, days: list[int]) -> int | None:
    """With the order that follows a letter, sent on any day."""
    sent = rng.integers(0, DAYS)
    place = next((place for place, day in enumerate(days) if day >= sent), None)
    return place if place and rng.random() < JOINS else None


def members(seed: int, *, lift: float, joining: Joining = at_launch, customers_: int = 160) -> list[Visits]:
    """Customers of whom some join; from the day after on each order day is with probability `lift` two orders."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(customers_):
        start, rate = rng.integers(0, 60), rng.gamma(2.0, 0.02)
        gaps = np.maximum(rng.exponential(1 / rate, 200), 1).astype(int)
        days = [day for day in np.cumsum([start, *gaps]).tolist() if day <= DAYS]
        joined = joining(rng, days)
        loyal = [joined is not None and place >= joined for place in range(len(days))]
        is_lifted = [joined is not None and place > joined and rng.random() < lift for place in range(len(days))]
        cents = rng.integers(500, 3000, len(days))
        found.append(
            Visits(
                user_id=f"{seed}-{number}",
                currency=currency_of(seed),
                days=tuple(days),
                orders=tuple(1 + int(one) for one in is_lifted),
                cents=tuple(int(cent) * (1 + int(one)) for cent, one in zip(cents, is_lifted, strict=True)),
                loyal=tuple(loyal),
                discounted=(False,) * len(days),
                planted=tuple(float(one) for one in is_lifted),
            )
        )
    return found


def planted_lift(visits: Iterable[Visits]) -> float:
    """Orders added in the window after joining, a joiner."""
    added = []
    for one in visits:
        joined = next((day for day, is_loyal in zip(one.days, one.loyal, strict=True) if is_loyal), None)
        if joined is not None and joined + WINDOW <= DAYS:
            within = zip(one.days, one.planted, strict=True)
            added.append(sum(planted for day, planted in within if joined < day <= joined + WINDOW))
    return float(np.mean(added))


def bargain_hunters(seed: int, *, effect: float, customers_: int = 120, discounted_share: float = 0.3) -> list[Visits]:
    """Customers who have discounts by chance; after one they come again in 5 to 25 days with probability `effect`."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(customers_):
        day, rate = int(rng.integers(0, 200)), rng.gamma(2.0, 0.008)
        days, discounted, planted = [], [], []
        while day <= DAYS:
            gap, is_discounted = max(int(rng.exponential(1 / rate)), 1), bool(rng.random() < discounted_share)
            again = int(rng.integers(5, 26)) if is_discounted and rng.random() < effect else gap
            days.append(day)
            discounted.append(is_discounted)
            planted.append(float(gap > 30 >= again))
            day += min(gap, again)
        ones = (1,) * len(days)
        found.append(
            Visits(
                user_id=f"{seed}-{number}",
                currency=currency_of(seed),
                days=tuple(days),
                orders=ones,
                cents=tuple(1000 for _ in days),
                loyal=(False,) * len(days),
                discounted=tuple(discounted),
                planted=tuple(planted),
            )
        )
    return found


def planted_repeats(visits: Iterable[Visits]) -> float:
    """The share of discounted order days, old enough to judge, that the effect alone had followed within 30 days."""
    shares = [
        planted
        for one in visits
        for day, is_discounted, planted in zip(one.days, one.discounted, one.planted, strict=True)
        if is_discounted and day <= DAYS - 90
    ]
    return float(np.mean(shares))


def days_frame(spark: SparkSession, visits: Iterable[Visits]) -> DataFrame:
    """The visits as silver customer_days."""
    rows = []
    for one in visits:
        dates = [START + timedelta(days=day) for day in one.days]
        for place, day in enumerate(dates):
            rows.append(
                {
                    "user_id": one.user_id,
                    "currency": one.currency,
                    "order_date": day,
                    "first_order_date": dates[0],
                    "next_order_date": dates[place + 1] if place + 1 < len(dates) else None,
                    "previous_order_date": dates[place - 1] if place else None,
                    "order_day_number": place + 1,
                    "order_count": one.orders[place],
                    "loyalty_order_count": one.orders[place] * one.loyal[place],
                    "discounted_order_count": int(one.discounted[place]),
                    "net_amount": Decimal(one.cents[place]).scaleb(-2),
                }
            )
    return arrow_frame(spark, customer_days.TABLE, rows)


def customers_frame(spark: SparkSession, visits: Iterable[Visits]) -> DataFrame:
    """The visits as silver customers, with the columns that effects are measured by."""
    rows = [
        {
            "user_id": one.user_id,
            "currency": one.currency,
            "order_count": sum(one.orders),
            "loyalty_order_count": sum(one.loyal),
            "net_amount": Decimal(sum(one.cents)).scaleb(-2),
        }
        for one in visits
    ]
    return arrow_frame(spark, customers.TABLE, rows)


def arrow_frame(spark: SparkSession, table: Table, rows: list[Row]) -> DataFrame:
    """A DataFrame of the contract's columns that rows name."""
    types: dict[str, Any] = {"date": pa.date32(), "bigint": pa.int64(), "integer": pa.int32(), "smallint": pa.int16()}
    columns = [column for column in table.columns if column.name in rows[0]]
    arrays = []
    for column in columns:
        of_type = pa.string() if column.type.startswith("varchar") else types.get(column.type)
        if of_type is None:
            precision, scale = column.type.removeprefix("decimal(").removesuffix(")").split(",")
            of_type = pa.decimal128(int(precision), int(scale))
        arrays.append(pa.array([row[column.name] for row in rows], of_type))
    return spark.createDataFrame(pa.table(arrays, [column.name for column in columns]))  # type: ignore[arg-type]
