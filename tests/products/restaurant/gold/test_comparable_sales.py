from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from frames import Row, values
from marts import built
from pyspark.sql import SparkSession
from rows import order

AS_OF = date(2024, 2, 29)
SPLIT = ("net_amount_change", "traffic_amount", "ticket_amount")


def at(place: str | None, day: date, net: str = "10.00", count: int = 1, **given: Any) -> list[Row]:
    """Orders of one location and day."""
    return [order(f"{place}{day}{n}", day, net, restaurant_id=place, **given) for n in range(count)]


def test_only_locations_with_orders_in_both_months_are_compared(spark: SparkSession) -> None:
    orders = [
        *at("r1", date(2023, 1, 1)),
        *at("r1", date(2023, 2, 3), "20.00"),
        *at("r1", date(2024, 2, 3), "30.00"),
        *at("gone", date(2023, 2, 3), "99.00"),
        *at("new", date(2024, 2, 3), "90.00"),
        *at(None, date(2023, 2, 3), "70.00"),
        *at(None, date(2024, 2, 3), "80.00"),
    ]

    found = built(spark, "comparable_sales", orders, as_of=AS_OF)

    # 30 of 30 + 90 + 80
    columns = ("month_start", "location_count", "net_amount", "year_ago_net_amount", "change_pct", "net_amount_share")
    assert values(found, *columns) == [
        (date(2024, 2, 1), 1, Decimal("30.00"), Decimal("20.00"), pytest.approx(50.0), pytest.approx(0.15))
    ]


def test_a_change_is_split_into_traffic_and_ticket(spark: SparkSession) -> None:
    orders = [
        *at("r1", date(2023, 1, 1)),
        *at("r1", date(2023, 2, 3), "10.00", 4),
        *at("r1", date(2024, 2, 3), "12.00", 5),
    ]

    found = built(spark, "comparable_sales", orders, as_of=AS_OF)

    # 60 − 40 = 20: one order more at a mean of 11.00, and 2.00 more on a mean of 4.5 orders
    assert values(found, *SPLIT, "order_count_change_pct", "average_order_value_change_pct") == [
        (Decimal("20.00"), Decimal("11.00"), Decimal("9.00"), pytest.approx(25.0), pytest.approx(20.0))
    ]


@pytest.mark.parametrize(("before", "now"), [("0.01", "10.00"), ("3.33", "3.34"), ("7.77", "-2.22")])
def test_the_parts_add_up_to_the_cent(spark: SparkSession, before: str, now: str) -> None:
    orders = [
        *at("r1", date(2023, 1, 1)),
        *at("r1", date(2023, 2, 3), before, 7),
        *at("r1", date(2024, 2, 3), now, 3),
        *at("r1", date(2024, 2, 4), "0.01"),
    ]

    ((change, traffic, ticket),) = values(built(spark, "comparable_sales", orders, as_of=AS_OF), *SPLIT)

    assert change == traffic + ticket


def test_of_a_month_that_goes_on_the_same_days_are_compared(spark: SparkSession) -> None:
    orders = [
        *at("r1", date(2022, 2, 1)),
        *at("r1", date(2022, 2, 25), "3.00"),
        *at("r1", date(2023, 2, 3), "20.00"),
        *at("r1", date(2023, 2, 25), "99.00"),
        *at("r1", date(2024, 2, 20), "30.00"),
    ]

    found = built(spark, "comparable_sales", orders, as_of=date(2024, 2, 20))

    # The month a year ago is held whole against the one before it: 119 against 13
    assert values(found, "month_start", "is_complete", "net_amount", "year_ago_net_amount") == [
        (date(2023, 2, 1), True, Decimal("119.00"), Decimal("13.00")),
        (date(2024, 2, 1), False, Decimal("30.00"), Decimal("20.00")),
    ]


def test_a_month_of_which_the_data_has_only_the_end_is_not_compared_with(spark: SparkSession) -> None:
    orders = [*at("r1", date(2023, 2, 2)), *at("r1", date(2024, 2, 3))]

    assert values(built(spark, "comparable_sales", orders, as_of=AS_OF), "month_start") == []


def test_a_leap_day_is_of_its_month(spark: SparkSession) -> None:
    orders = [*at("r1", date(2024, 2, 1)), *at("r1", date(2024, 2, 29), "5.00"), *at("r1", date(2025, 2, 28), "6.00")]

    found = built(spark, "comparable_sales", orders, as_of=date(2025, 2, 28))

    assert values(found, "is_complete", "net_amount", "year_ago_net_amount") == [
        (True, Decimal("6.00"), Decimal("15.00"))
    ]


def test_months_that_cancel_out_have_no_percentage(spark: SparkSession) -> None:
    orders = [
        *at("r1", date(2023, 1, 1)),
        *at("r1", date(2023, 2, 3), "5.00"),
        *at("r1", date(2023, 2, 4), "-5.00"),
        *at("r1", date(2024, 2, 3), "4.00"),
    ]

    found = built(spark, "comparable_sales", orders, as_of=AS_OF)

    assert values(found, "change_pct", "average_order_value_change_pct", *SPLIT) == [
        (None, None, Decimal("4.00"), Decimal("-2.00"), Decimal("6.00"))
    ]


def test_a_month_in_which_the_currencys_sales_began_is_not_compared_with(spark: SparkSession) -> None:
    orders = [
        *at("r1", date(2023, 1, 1)),
        *at("r1", date(2023, 2, 3)),
        *at("r1", date(2024, 2, 3)),
        *at("r1", date(2023, 2, 2), currency="CAD"),
        *at("r1", date(2024, 2, 3), currency="CAD"),
    ]

    found = built(spark, "comparable_sales", orders, as_of=AS_OF)

    assert values(found, "currency", "month_start") == [("USD", date(2024, 2, 1))]
