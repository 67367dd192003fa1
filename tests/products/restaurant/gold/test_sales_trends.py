from datetime import date, timedelta
from decimal import Decimal

from frames import values
from marts import built
from pyspark.sql import SparkSession
from rows import order


def day(number: int) -> date:
    """The day of January 2024."""
    return date(2024, 1, number)


def test_every_currency_has_every_day_from_the_products_first_order_to_as_of(spark: SparkSession) -> None:
    orders = [
        order("1", day(1), "8.00", discount="2.00"),
        order("2", day(1), "4.00"),
        order("3", day(1), "3.00", user_id=None),
        order("4", day(3), "5.00", currency="CAD"),
        order("5", day(4), "9.00", currency="EUR"),
    ]

    trends = built(spark, "sales_trends", orders, as_of=day(3)).where("period = 'day'")

    # The euro has no order by 3 January; Anna's two orders are one customer, the guest none
    assert values(
        trends, "currency", "period_start", "order_count", "customer_count", "gross_amount", "net_amount"
    ) == [
        ("CAD", day(1), 0, 0, Decimal("0.00"), Decimal("0.00")),
        ("CAD", day(2), 0, 0, Decimal("0.00"), Decimal("0.00")),
        ("CAD", day(3), 1, 1, Decimal("5.00"), Decimal("5.00")),
        ("USD", day(1), 3, 1, Decimal("17.00"), Decimal("15.00")),
        ("USD", day(2), 0, 0, Decimal("0.00"), Decimal("0.00")),
        ("USD", day(3), 0, 0, Decimal("0.00"), Decimal("0.00")),
    ]


def test_a_period_is_held_against_the_one_before(spark: SparkSession) -> None:
    orders = [order("1", day(1), "8.00"), order("2", day(2), "10.00"), order("3", day(4), "1.00")]

    trends = built(spark, "sales_trends", orders, as_of=day(4)).where("period = 'day'")

    # (10 − 8) / 8 = 25 %; (0 − 10) / 10 = −100 %; from 0 there is no percentage; without orders no average
    assert values(trends, "period_start", "average_order_value", "previous_net_amount", "change_pct") == [
        (day(1), 8.0, None, None),
        (day(2), 10.0, Decimal("8.00"), 25.0),
        (day(3), None, Decimal("10.00"), -100.0),
        (day(4), 1.0, Decimal("0.00"), None),
    ]


def test_a_year_ago_is_364_days_52_weeks_or_12_months_back(spark: SparkSession) -> None:
    first, same_weekday = date(2023, 1, 2), date(2024, 1, 1)
    orders = [order("1", first, "8.00"), order("2", same_weekday, "10.00")]

    trends = built(spark, "sales_trends", orders, as_of=same_weekday)

    # 2 January 2023 and 1 January 2024 are Mondays, 364 days apart: (10 − 8) / 8 = 25 %
    newest = trends.where("period_start = DATE '2024-01-01'")
    assert values(newest, "period", "year_ago_net_amount", "year_over_year_pct") == [
        ("day", Decimal("8.00"), 25.0),
        ("month", Decimal("8.00"), 25.0),
        ("week", Decimal("8.00"), 25.0),
    ]


def test_there_is_no_year_ago_before_the_first_order(spark: SparkSession) -> None:
    orders = [order("1", date(2023, 1, 3), "8.00"), order("2", date(2024, 1, 1), "10.00")]

    trends = built(spark, "sales_trends", orders, as_of=date(2024, 1, 1))

    newest = trends.where("period = 'day' AND period_start = DATE '2024-01-01'")
    assert values(newest, "year_ago_net_amount", "year_over_year_pct") == [(None, None)]


def test_weeks_start_on_monday_and_count_a_customer_once(spark: SparkSession) -> None:
    orders = [order("1", day(1)), order("2", day(7)), order("3", day(8))]

    trends = built(spark, "sales_trends", orders, as_of=day(8)).where("period = 'week'")

    assert values(trends, "period_start", "order_count", "customer_count", "net_amount") == [
        (day(1), 2, 1, Decimal("20.00")),
        (day(8), 1, 1, Decimal("10.00")),
    ]


def test_a_period_cut_off_by_the_first_order_or_as_of_is_partial(spark: SparkSession) -> None:
    orders = [order("1", day(3))]

    trends = built(spark, "sales_trends", orders, as_of=date(2024, 2, 29))

    # The week of 1 January and January itself began before the 3rd; 29 February is a Thursday and a month's end
    partial = trends.where("is_partial")
    assert values(partial, "period", "period_start") == [
        ("month", day(1)),
        ("week", day(1)),
        ("week", date(2024, 2, 26)),
    ]


def test_trailing_means_wait_until_they_are_full(spark: SparkSession) -> None:
    orders = [order(str(n), day(n), f"{n}.00") for n in range(1, 29)]

    trends = built(spark, "sales_trends", orders, as_of=day(28))

    # Day 7: (1 + … + 7) / 7 = 4; day 28: (22 + … + 28) / 7 = 25 and (1 + … + 28) / 28 = 14.5
    means = trends.where("net_amount_avg_7d IS NOT NULL")
    found = values(means, "period", "period_start", "net_amount_avg_7d", "net_amount_avg_28d")
    assert (found[0], found[-1], len(found)) == (("day", day(7), 4.0, None), ("day", day(28), 25.0, 14.5), 22)


def test_days_know_weekends_and_holidays_where_the_calendar_does(spark: SparkSession) -> None:
    calendar = [
        {"date_key": day(5), "is_weekend": False, "is_holiday": True, "holiday_name": "Eve"},
        {"date_key": day(6), "is_weekend": True, "is_holiday": None},
    ]
    orders = [order("1", day(5))]

    trends = built(spark, "sales_trends", orders, calendar=calendar, as_of=day(7))

    # The calendar ends on Saturday; Sunday is a weekend all the same. Weeks and months say nothing.
    assert values(trends, "period", "period_start", "is_weekend", "is_holiday", "holiday_name") == [
        ("day", day(5), False, True, "Eve"),
        ("day", day(6), True, None, None),
        ("day", day(7), True, None, None),
        ("month", day(1), None, None, None),
        ("week", day(1), None, None, None),
    ]


def test_without_any_order_there_are_no_periods(spark: SparkSession) -> None:
    orders = [order("1", day(9))]

    trends = built(spark, "sales_trends", orders, as_of=day(9) - timedelta(days=1))

    assert trends.count() == 0
