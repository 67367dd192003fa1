from datetime import date, timedelta
from decimal import Decimal

import pytest
from frames import Row, values
from marts import built
from pyspark.sql import DataFrame, SparkSession
from rows import line, order

from medallion.products.restaurant.gold import customer_segments

AS_OF = date(2024, 3, 31)


def segments(spark: SparkSession, orders: list[Row], lines: list[Row]) -> DataFrame:
    return built(spark, "customer_segments", orders, lines, as_of=AS_OF)


def test_scores_count_the_quintile_cuts_below_the_value(spark: SparkSession) -> None:
    # Spent 10, 20 … 60: cuts at 20, 30, 40, 50 (positions 1 to 4 of 0 to 5). Silent 0, 1 … 5 days: cuts at 1, 2, 3, 4.
    orders = [order(str(n), AS_OF - timedelta(days=6 - n), f"{n}0.00", user_id=f"u{n}") for n in range(1, 7)]

    scored = segments(spark, orders, [line("1", user_id="u1")])

    # u1 spent 10 (no cut below: 1), u2 20 (not strictly below: 1), u3 30 (above 20: 2) … u6 60 (above all: 5).
    # u6 was silent for 0 days (6 − 1 = 5), u5 1 day (5), u4 2 days (above 1: 4) … u1 5 days (above all: 6 − 5 = 1).
    # All have one order: frequency scores 1.
    assert values(scored, "user_id", "recency_days", "frequency", "monetary_amount", "rfm_code") == [
        ("u1", 5, 1, Decimal("10.00"), "111"),
        ("u2", 4, 1, Decimal("20.00"), "211"),
        ("u3", 3, 1, Decimal("30.00"), "312"),
        ("u4", 2, 1, Decimal("40.00"), "413"),
        ("u5", 1, 1, Decimal("50.00"), "514"),
        ("u6", 0, 1, Decimal("60.00"), "515"),
    ]


def test_customers_of_one_value_score_alike(spark: SparkSession) -> None:
    orders = [order(str(n), AS_OF, "10.00", user_id=f"u{n}") for n in range(7)]

    scored = segments(spark, orders, [line("1", user_id="u1")])

    assert {row[1:] for row in values(scored, "user_id", "rfm_code", "segment")} == {("511", "New")}


@pytest.mark.parametrize(
    ("recency", "frequency", "segment"),
    [
        (1, 1, "Hibernating"),
        (2, 2, "Hibernating"),
        (1, 3, "At Risk"),
        (2, 4, "At Risk"),
        (2, 5, "Can't Lose"),
        (3, 1, "About To Sleep"),
        (3, 3, "Need Attention"),
        (3, 4, "Loyal"),
        (4, 5, "Loyal"),
        (4, 1, "Promising"),
        (5, 1, "New"),
        (4, 2, "Potential Loyalist"),
        (5, 3, "Potential Loyalist"),
        (5, 4, "Champions"),
    ],
)
def test_a_segment_is_named_by_recency_and_frequency(recency: int, frequency: int, segment: str) -> None:
    named = [name for name, r, f in customer_segments.SEGMENTS if r[0] <= recency <= r[1] and f[0] <= frequency <= f[1]]

    assert named == [segment]


def test_every_pair_of_scores_has_exactly_one_segment() -> None:
    pairs = [
        (recency, frequency)
        for _, r, f in customer_segments.SEGMENTS
        for recency in range(r[0], r[1] + 1)
        for frequency in range(f[0], f[1] + 1)
    ]

    assert sorted(pairs) == [(r, f) for r in range(1, 6) for f in range(1, 6)]


def test_favourites_are_where_most_was_spent_and_ties_go_by_name(spark: SparkSession) -> None:
    orders = [
        order("1", AS_OF, "30.00", restaurant_id="north"),
        order("2", AS_OF, "30.00", restaurant_id="harbour"),
        order("3", AS_OF, "99.00", restaurant_id=None),
    ]
    lines = [
        line("1", "20.00", item_category="Salads"),
        line("2", "15.00", item_category="Pizza"),
        line("2", "15.00", lineitem_id="2", item_category="Pizza"),
        line("3", "99.00", item_category=None),
    ]

    found = segments(spark, orders, lines)

    # Pizza 15 + 15 = 30 against 20 for salads; harbour and north tie at 30
    assert values(found, "favourite_category", "favourite_restaurant_id") == [("Pizza", "harbour")]


def test_lines_of_orders_after_as_of_do_not_make_a_favourite(spark: SparkSession) -> None:
    orders = [order("1", AS_OF), order("2", AS_OF + timedelta(days=1))]
    lines = [line("1", "1.00", item_category="Salads"), line("2", "50.00", item_category="Pizza")]

    found = segments(spark, orders, lines)

    assert values(found, "favourite_category", "frequency") == [("Salads", 1)]


def test_a_customer_with_any_loyalty_order_is_a_member(spark: SparkSession) -> None:
    orders = [
        order("1", date(2024, 1, 15), is_loyalty=True, item_quantity=4),
        order("2", AS_OF, item_quantity=1),
        order("3", AS_OF, user_id="bob"),
    ]

    found = segments(spark, orders, [line("1")])

    assert values(found, "user_id", "is_loyalty_member", "cohort_month", "average_basket_quantity") == [
        ("anna", True, date(2024, 1, 1), 2.5),
        ("bob", False, date(2024, 3, 1), 1.0),
    ]
