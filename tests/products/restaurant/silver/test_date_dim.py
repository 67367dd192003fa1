from datetime import date

import pytest
from bronze_rows import day, days_built
from frames import accepted, fates, rejected, values
from pyspark.sql import DataFrame, SparkSession
from rows import order, orders_of


@pytest.fixture(scope="module")
def no_orders(spark: SparkSession) -> DataFrame:
    return orders_of(spark)


@pytest.mark.parametrize("written", ["31-12-2023", "2023-12-31", " 31-12-2023 "])
def test_a_day_may_be_written_day_first_or_iso(spark: SparkSession, no_orders: DataFrame, written: str) -> None:
    found = days_built(spark, no_orders, day(written))

    assert values(accepted(found), "date_key") == [(date(2023, 12, 31),)]


def test_a_delivered_day_keeps_what_its_file_says(spark: SparkSession, no_orders: DataFrame) -> None:
    said = {"year": "2023", "month": "1", "week": "52", "day_of_week": "Sunday", "is_weekend": "TRUE"}

    found = days_built(
        spark, no_orders, day("01-01-2023", **said, is_holiday="TRUE", holiday_name=" New Year's Day ")
    )  # fmt: skip

    columns = ("year", "month", "week", "day_of_week", "is_weekend", "is_holiday", "holiday_name", "is_generated")
    assert values(found, *columns) == [(2023, 1, 52, "Sunday", True, True, "New Year's Day", False)]


def test_what_a_file_leaves_out_follows_from_the_day(spark: SparkSession, no_orders: DataFrame) -> None:
    found = days_built(spark, no_orders, day("2024-02-29"))

    columns = ("year", "quarter", "month", "week", "day_of_week", "is_weekend", "is_holiday", "holiday_name")
    assert values(found, *columns) == [(2024, 1, 2, 9, "Thursday", False, False, None)]


@pytest.mark.parametrize(
    ("written", "iso_year", "iso_week", "quarter"),
    [
        ("2022-12-31", 2022, 52, 4),
        ("2023-01-01", 2022, 52, 1),  # a Sunday
        ("2023-01-02", 2023, 1, 1),
        ("2024-12-29", 2024, 52, 4),
        ("2024-12-30", 2025, 1, 4),  # a Monday
        ("2020-12-31", 2020, 53, 4),
        ("2021-01-03", 2020, 53, 1),
        ("2021-01-04", 2021, 1, 1),
    ],
)
def test_a_week_around_new_year_belongs_to_the_year_of_its_thursday(
    spark: SparkSession, no_orders: DataFrame, written: str, iso_year: int, iso_week: int, quarter: int
) -> None:
    found = days_built(spark, no_orders, day(written))

    assert values(found, "iso_year", "iso_week", "quarter") == [(iso_year, iso_week, quarter)]


def test_every_day_from_the_first_to_the_last_order_is_there(spark: SparkSession) -> None:
    orders = orders_of(spark, order("1", date(2023, 12, 30)), order("2", date(2024, 1, 2)))

    found = days_built(spark, orders, day("31-12-2023", is_holiday="TRUE", holiday_name="New Year's Eve"))

    assert values(found, "date_key", "is_generated", "is_holiday", "holiday_name", "day_of_week") == [
        (date(2023, 12, 30), True, None, None, "Saturday"),
        (date(2023, 12, 31), False, True, "New Year's Eve", "Sunday"),
        (date(2024, 1, 1), True, None, None, "Monday"),
        (date(2024, 1, 2), True, None, None, "Tuesday"),
    ]
    assert fates(found) == {"accepted": 1, "generated": 3}


def test_a_generated_day_has_the_same_calendar_as_a_delivered_one(spark: SparkSession) -> None:
    orders = orders_of(spark, order("1", date(2024, 12, 29)), order("2", date(2024, 12, 30)))

    found = days_built(spark, orders)

    columns = ("date_key", "year", "quarter", "month", "week", "iso_year", "iso_week", "is_weekend")
    assert values(found, *columns) == [
        (date(2024, 12, 29), 2024, 4, 12, 52, 2024, 52, True),
        (date(2024, 12, 30), 2024, 4, 12, 1, 2025, 1, False),
    ]


def test_delivered_days_outside_the_orders_stay(spark: SparkSession) -> None:
    orders = orders_of(spark, order("1", date(2024, 1, 1)))

    found = days_built(spark, orders, day("01-06-2023"), day("01-06-2025"))

    assert values(found, "date_key", "is_generated") == [
        (date(2023, 6, 1), False),
        (date(2024, 1, 1), True),
        (date(2025, 6, 1), False),
    ]


def test_without_orders_no_day_is_generated(spark: SparkSession, no_orders: DataFrame) -> None:
    assert fates(days_built(spark, no_orders)) == {}


def test_an_impossible_day_is_rejected_and_generated_where_orders_need_it(spark: SparkSession) -> None:
    orders = orders_of(spark, order("1", date(2023, 2, 28)))

    found = days_built(spark, orders, day("30-02-2023"), day("2023-13-01"), day(None), day("28/02/2023"))

    assert values(rejected(found), "_row_number", "_reasons") == [(n, "invalid_date_key") for n in range(1, 5)]
    assert values(found.where("is_generated"), "date_key") == [(date(2023, 2, 28),)]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("year", "MMXXIII"),
        ("month", "13"),
        ("month", "0"),
        ("month", "May"),
        ("week", "54"),
        ("week", "1.5"),
        ("is_weekend", "maybe"),
        ("is_holiday", "maybe"),
    ],
)
def test_what_a_calendar_cannot_say_is_rejected(
    spark: SparkSession, no_orders: DataFrame, column: str, text: str
) -> None:
    found = days_built(spark, no_orders, day("2023-05-01", **{column: text}))

    assert values(found, "_disposition", "_reasons") == [("rejected", f"invalid_{column}")]


def test_names_wider_than_the_contract_are_rejected(spark: SparkSession, no_orders: DataFrame) -> None:
    found = days_built(
        spark, no_orders, day("2023-05-01", day_of_week="x" * 11), day("2023-05-02", holiday_name="é" * 128)
    )  # fmt: skip

    assert values(found, "_reasons") == [("too_long_day_of_week",), ("too_long_holiday_name",)]


def test_of_a_day_delivered_twice_the_newest_delivery_wins(spark: SparkSession, no_orders: DataFrame) -> None:
    found = days_built(
        spark,
        no_orders,
        day("01-01-2023", holiday_name="new", delivery=2),
        day("2023-01-01", holiday_name="old", delivery=1),
        day("2023-01-01", holiday_name="older", delivery=1),
    )

    assert values(accepted(found), "holiday_name") == [("new",)]
    assert fates(found) == {"accepted": 1, "duplicate": 2}


def test_of_a_day_twice_in_a_file_the_later_record_wins(spark: SparkSession, no_orders: DataFrame) -> None:
    found = days_built(spark, no_orders, day("2023-01-01", holiday_name="a"), day("2023-01-01", holiday_name="b"))

    assert values(accepted(found), "holiday_name") == [("b",)]
