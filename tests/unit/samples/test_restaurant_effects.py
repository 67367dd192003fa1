"""Effects that the generator plants are in the files, and are none where none is asked for."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from generated_sample import Sample, first_line_of_each_order, make

from medallion.errors import UsageError
from medallion.samples.restaurant import RestaurantSample

LIFT, REPEAT = 0.8, 0.6


@pytest.fixture(scope="module")
def lifted(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make(tmp_path_factory.mktemp("lifted"), loyalty_lift=LIFT, discount_repeat=REPEAT)


def orders_after_joining(sample: Sample) -> float:
    """Mean number of orders after the one that a customer joined with."""
    loyal: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for row in first_line_of_each_order(sample.items).values():
        if row["user_id"]:
            loyal[row["user_id"]].append((row["creation_time_utc"], row["is_loyalty"] == "TRUE"))
    joined = [sorted(orders) for orders in loyal.values() if any(one for _, one in orders)]
    return float(np.mean([sum(one for _, one in orders) - 1 for orders in joined if not orders[0][1]]))


def share_within_30_days(sample: Sample, *, discounted: bool) -> float:
    """Of customers' orders with or without a discount the share followed by another within 30 days."""
    reduced = {row["order_id"] for row in sample.options if row["option_group_name"] == "Discount"}
    visits: defaultdict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for row in first_line_of_each_order(sample.items).values():
        if row["user_id"]:
            day = datetime.fromisoformat(row["creation_time_utc"][:10])
            visits[row["user_id"]].append((day, row["order_id"] in reduced))
    found = [
        bool(index + 1 < len(days) and (days[index + 1][0] - day).days <= 30)
        for days in map(sorted, visits.values())
        if len(days) < 100  # the faulty account comes every day
        for index, (day, is_discounted) in enumerate(days)
        if is_discounted is discounted
    ]
    return float(np.mean(found))


def test_customers_join_after_the_programme_began_and_stay(clean: Sample) -> None:
    orders = first_line_of_each_order(clean.items).values()
    days = sorted(row["creation_time_utc"][:10] for row in orders)
    began = date.fromisoformat(days[-1]) - timedelta(days=clean.planted["sample"]["days"] / 2 + 1)
    of_customer: defaultdict[str, list[tuple[str, bool]]] = defaultdict(list)
    for row in orders:
        of_customer[row["user_id"]].append((row["creation_time_utc"], row["is_loyalty"] == "TRUE"))
    of_customer.pop("")
    loyal = [sorted(visits) for visits in of_customer.values() if any(is_loyal for _, is_loyal in visits)]
    joined = [next(time for time, is_loyal in visits if is_loyal) for visits in loyal]

    assert date.fromisoformat(min(joined)[:10]) >= began
    for visits, since in zip(loyal, joined, strict=True):
        assert all(is_loyal is (time >= since) for time, is_loyal in visits)
    switched = sum(not visits[0][1] for visits in loyal)
    assert switched == clean.planted["customers"]["loyalty_switchers"]
    assert switched / len(of_customer) == pytest.approx(0.15, abs=0.03)


def test_joining_adds_the_planted_share_of_orders(clean: Sample, lifted: Sample) -> None:
    ratio = orders_after_joining(lifted) / orders_after_joining(clean)

    assert ratio == pytest.approx(1 + LIFT, rel=0.25)


def test_discounts_bring_the_planted_share_of_orders(clean: Sample, lifted: Sample) -> None:
    with_discount, without = (share_within_30_days(lifted, discounted=one) for one in (True, False))

    assert with_discount == pytest.approx(without + REPEAT * (1 - without), abs=0.07)
    assert share_within_30_days(clean, discounted=True) == pytest.approx(
        share_within_30_days(clean, discounted=False), abs=0.07
    )


def test_what_is_planted_is_written_down(clean: Sample, lifted: Sample) -> None:
    plain, found = clean.planted, lifted.planted

    assert (plain["customers"]["loyalty_lift"], plain["discounts"]["repeat_effect"]) == (0.0, 0.0)
    assert (plain["customers"]["orders_added_by_joining"], plain["discounts"]["added_orders"]) == (0, 0)
    assert (found["customers"]["loyalty_lift"], found["discounts"]["repeat_effect"]) == (LIFT, REPEAT)
    assert found["customers"]["orders_added_by_joining"] > 0
    assert found["discounts"]["added_orders"] > 0


@pytest.mark.parametrize("orders", [1, 37])
def test_effects_change_who_orders_and_not_how_much(tmp_path: Path, orders: int) -> None:
    sample = make(tmp_path, orders=orders, loyalty_lift=1.0, discount_repeat=1.0)

    assert len({row["order_id"] for row in sample.items}) == orders


@pytest.mark.parametrize("setting", ["loyalty_lift", "discount_repeat"])
@pytest.mark.parametrize("value", [-0.1, 1.1])
def test_an_effect_outside_its_range_is_named(setting: str, value: float) -> None:
    with pytest.raises(UsageError, match=f"{setting}: {value} is outside 0 to 1"):
        RestaurantSample(**{setting: value})


def test_discounts_that_are_not_there_bring_nothing() -> None:
    with pytest.raises(UsageError, match="discount_repeat: there are no discounts"):
        RestaurantSample(discounts="none", discount_repeat=0.5)
