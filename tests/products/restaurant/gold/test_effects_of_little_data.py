"""What little or odd data leave of the effects: right rows, NULLs with reasons, no failure."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from frames import Row, values
from marts import built
from pyspark.sql import SparkSession
from rows import order

from medallion.products.restaurant.rules import RestaurantRules

DAY, AS_OF = date(2024, 1, 1), date(2024, 12, 31)


def later(days: int) -> date:
    return DAY + timedelta(days=days)


ONE_ORDER = [order("1", DAY)]
GUESTS_ALONE = [order("1", DAY, user_id=None), order("2", later(1), user_id=None)]
NO_LOYALTY = [order(f"{number}", later(number), user_id=f"u{number % 3}") for number in range(9)]
ALL_LOYAL = [{**one, "is_loyalty": True} for one in NO_LOYALTY]
ONE_DAY = [order(f"{number}", DAY, user_id=f"u{number}", is_loyalty=number > 2) for number in range(6)]
NOTHING_PAID = [
    order(f"{number}", DAY, "0.00" if number % 2 else "-5.00", user_id=f"u{number}", is_loyalty=number > 2)
    for number in range(6)
]


@pytest.mark.parametrize(
    ("orders", "sizes"),
    [(ONE_ORDER, "0 and 1"), (NO_LOYALTY, "0 and 3"), (ALL_LOYAL, "3 and 0")],
    ids=["one order", "no loyalty", "all loyal"],
)
def test_a_comparison_without_two_groups_says_so(spark: SparkSession, orders: list[Row], sizes: str) -> None:
    found = built(spark, "loyalty_effect", orders, as_of=AS_OF).where("comparison = 'members_and_others'")

    reason = f"each group needs 2 that can be compared; there are {sizes}"
    assert values(found, "metric", "estimate", "standard_error", "p_value", "reason") == [
        ("average_order_value", None, None, None, reason),
        ("customer_lifetime_value", None, None, None, reason),
    ]


def test_nobody_who_joined_leaves_the_effect_of_joining_unknown(spark: SparkSession) -> None:
    found = built(spark, "loyalty_effect", NO_LOYALTY, as_of=AS_OF).where("comparison = 'before_and_after_joining'")

    assert values(found, "metric", "estimate", "first_count", "second_count", "unmatched_count") == [
        ("net_amount", None, 0, 0, 0),
        ("order_count", None, 0, 0, 0),
    ]


@pytest.mark.parametrize("table", ["loyalty_effect", "discount_repeat_effect"])
def test_guests_alone_have_no_effects(spark: SparkSession, table: str) -> None:
    assert values(built(spark, table, GUESTS_ALONE, as_of=AS_OF), "currency") == []


def test_groups_that_do_not_vary_have_no_error(spark: SparkSession) -> None:
    found = built(spark, "loyalty_effect", ONE_DAY, as_of=AS_OF).where("comparison = 'members_and_others'")

    assert (
        values(found, "estimate", "standard_error", "p_value", "reason")
        == [(0.0, None, None, "neither group varies")] * 2
    )


def test_zero_and_negative_spend_are_compared_as_they_are(spark: SparkSession) -> None:
    found = built(spark, "loyalty_effect", NOTHING_PAID, as_of=AS_OF).where("metric = 'customer_lifetime_value'")

    # Members 0, -5, 0 and others -5, 0, -5; each group varies by 25 / 3, its mean by a third of that.
    assert values(found, "first_mean", "second_mean", "standard_error", "degrees_of_freedom") == [
        (pytest.approx(-5 / 3), pytest.approx(-10 / 3), pytest.approx((2 * 25 / 9) ** 0.5), 4.0)
    ]


def test_a_joiner_is_matched_by_cohort_pause_and_prior_spend(spark: SparkSession) -> None:
    # Two joiners of 22.00 before, and 30.00 and 50.00 in the window after; the order of joining counts in neither.
    joiners = [
        one
        for user, after in (("ann", "30.00"), ("ada", "50.00"))
        for one in (
            order(f"{user}1", DAY, "22.00", user_id=user),
            order(f"{user}2", later(10), "99.00", user_id=user, is_loyalty=True),
            order(f"{user}3", later(100), after, user_id=user),
            order(f"{user}4", later(101), "77.00", user_id=user),
        )
    ]
    # Two of the same quarter, pause and class of prior spend; of another class, quarter and pause; none orders again.
    others = [
        one
        for user, day, before, pause in (
            ("bea", 0, "25.00", 10), ("bob", 40, "40.00", 12), ("cid", 0, "90.00", 12), ("cea", 0, "90.00", 12),
            ("dan", 140, "25.00", 10), ("eve", 20, "25.00", 40),
        )
        for one in (
            order(f"{user}1", later(day), before, user_id=user),
            order(f"{user}2", later(day + pause), user_id=user),
        )
    ]  # fmt: skip

    found = built(spark, "loyalty_effect", joiners + others, as_of=AS_OF).where("metric = 'net_amount'")

    # Joiners changed by 8 and 28, the others by -25 and -40.
    assert values(found, "first_count", "second_count", "unmatched_count", "first_mean", "second_mean", "estimate") == [
        (2, 2, 0, 18.0, -32.5, 50.5)
    ]


def test_who_joins_later_is_compared_with_until_then(spark: SparkSession) -> None:
    # Ann and Ada join after ten days, Bea and Bob ten days after theirs: until then they are others; nobody is after.
    orders = [
        order(f"{user}{day}", later(day), "20.00", user_id=user, is_loyalty=day >= joined)
        for user, joined in (("ann", 10), ("ada", 10), ("bea", 20), ("bob", 20))
        for day in (0, 10, 20, 30)
    ]

    found = built(spark, "loyalty_effect", orders, as_of=AS_OF).where("metric = 'order_count'")

    # On day 10 both pairs have ordered once before and do twice after. On day 20 Bea and Bob join, with nobody beside.
    assert values(found, "first_count", "second_count", "unmatched_count", "estimate") == [(2, 2, 2, 0.0)]


def test_order_days_before_the_first_loyal_one_stand_for_no_joining(spark: SparkSession) -> None:
    orders = [
        order(f"{user}{day}", later(day), "20.00", user_id=user, is_loyalty=user < "c" and day >= 120)
        for user in ("ann", "bob", "cid", "dan")
        for day in (0, 20, 120)
    ]

    found = built(spark, "loyalty_effect", orders, as_of=AS_OF).where("metric = 'order_count'")

    # All pairs ordered on day 20, too, before anybody could join.
    assert values(found, "first_count", "second_count", "unmatched_count") == [(2, 2, 0)]


def test_joiners_without_two_to_compare_them_with_are_counted(spark: SparkSession) -> None:
    orders = [
        order(f"{user}{day}", later(day), user_id=user, is_loyalty=user != "cid" and day > 0)
        for user in ("ann", "bob", "cid")
        for day in (0, 10)
    ]

    found = built(spark, "loyalty_effect", orders, as_of=AS_OF).where("metric = 'net_amount'")

    assert values(found, "first_count", "second_count", "unmatched_count", "estimate") == [(0, 0, 2, None)]


def test_a_window_that_has_not_ended_is_not_compared(spark: SparkSession) -> None:
    orders = [
        order(f"{user}{number}", later(number), "20.00", user_id=user, is_loyalty=user in "ab" and number > 0)
        for user in "abcd"
        for number in (0, 10)
    ]

    rows = {
        days: built(spark, "loyalty_effect", orders, as_of=later(days)).where("metric = 'order_count'")
        for days in (99, 100)
    }

    assert [values(rows[days], "first_count", "second_count") for days in (99, 100)] == [[(0, 0)], [(2, 2)]]
    # All ordered once before and never after: all changed alike, which leaves nothing to take an error from.
    assert values(rows[100], "estimate", "standard_error", "p_value", "reason") == [
        (0.0, None, None, "neither group varies")
    ]


def test_comparable_order_days_differ_in_the_discount_alone(spark: SparkSession) -> None:
    orders = [
        order(f"{user}{number}", later(day), "9.00", user_id=user, discount="1.00" if user in discounted else "0.00")
        for user, days, discounted in (
            ("ann", (0, 20), "ann"),
            ("bob", (0,), "bob"),
            ("cid", (0, 40), ""),
            ("dan", (0,), ""),
            ("eve", (0, 80), ""),
            ("fay", (0,), ""),
        )
        for number, day in enumerate(days)
    ]

    found = built(spark, "discount_repeat_effect", orders, as_of=AS_OF)

    # First days: of Ann and Bob one came back within 30 days; of the other four one within 60, two within 90. Of the
    # second days Ann's, 20 days later, has none beside it; those after 40 and 80 days have no discounted one.
    assert values(
        found,
        "repeat_days",
        "discounted_repeat_rate",
        "full_price_repeat_rate",
        "discounted_count",
        "full_price_count",
        "customer_count",
        "unmatched_count",
    ) == [(30, 0.5, 0.0, 2, 4, 6, 1), (60, 0.5, 0.25, 2, 4, 6, 1), (90, 0.5, 0.5, 2, 4, 6, 1)]


def test_without_discounts_there_is_no_effect_of_them(spark: SparkSession) -> None:
    found = built(spark, "discount_repeat_effect", ONE_ORDER, as_of=AS_OF)

    reason = (
        "20 compared days of 8 customers are needed of each kind; there are 0 of 0 discounted and 0 of 0 at full price"
    )
    assert values(found, "repeat_days", "estimate", "discounted_count", "reason") == [
        (days, None, 0, reason) for days in (30, 60, 90)
    ]


@pytest.mark.parametrize(
    ("discount", "margin", "growth", "reason"),
    [
        ("20.00", 0.65, 0.2 / 0.45, None),
        ("20.00", 0.25, 4.0, None),
        ("70.00", 0.65, None, "the discount takes the whole margin of 0.65 and more: no volume pays for it"),
    ],
)
def test_volume_must_grow_by_what_the_discount_takes_of_the_margin(
    spark: SparkSession, discount: str, margin: float, growth: float | None, reason: str | None
) -> None:
    orders = [order("1", DAY, str(100 - int(float(discount))) + ".00", discount=discount)]
    rules = RestaurantRules(gross_margin_rate=margin)

    found = built(spark, "pricing_by_discount_depth", orders, as_of=AS_OF, rules=rules)

    assert values(found, "break_even_volume_growth_rate", "break_even_reason") == [
        (growth if growth is None else pytest.approx(growth), reason)
    ]
