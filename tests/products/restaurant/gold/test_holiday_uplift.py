from datetime import date, timedelta

import pytest
from frames import Row, values
from marts import built
from pyspark.sql import SparkSession
from rows import order

FEAST = date(2024, 2, 14)
FIGURES = ("day_count", "compared_day_count", "ordinary_net_value", "uplift_pct")


def holiday(day: date, name: str | None = "Feast") -> Row:
    return {"date_key": day, "is_weekend": False, "is_holiday": True, "holiday_name": name}


def weekly(*amounts: str, around: date = FEAST) -> list[Row]:
    """Orders of the same weekday: the first amounts are of the weeks before a day, the middle one is its own."""
    middle = len(amounts) // 2
    return [order(str(n), around + timedelta(weeks=n - middle), net) for n, net in enumerate(amounts)]


def test_a_holiday_is_held_against_the_same_weekday_of_four_weeks_before_and_after(spark: SparkSession) -> None:
    orders = weekly("99.00", "8.00", "8.00", "8.00", "8.00", "15.00", "12.00", "12.00", "12.00", "12.00", "99.00")
    orders.append(order("other weekday", FEAST + timedelta(days=1), "500.00"))

    found = built(spark, "holiday_uplift", orders, calendar=[holiday(FEAST)], as_of=FEAST + timedelta(weeks=5))

    # (4 × 8 + 4 × 12) / 8 = 10; 15 is half as much again; weeks 5 before and after do not count
    assert values(found, "holiday_name", *FIGURES) == [("Feast", 1, 1, 10.0, pytest.approx(50.0))]


def test_other_holidays_are_no_ordinary_days(spark: SparkSession) -> None:
    calendar = [holiday(FEAST), holiday(FEAST - timedelta(weeks=1), None)]

    found = built(
        spark, "holiday_uplift", weekly("90.00", "12.00", "10.00"), calendar=calendar, as_of=FEAST + timedelta(weeks=1)
    )

    # The feast against 10; the nameless holiday, a week earlier, against 10 two weeks later
    assert values(found, "holiday_name", *FIGURES) == [
        ("(unknown)", 1, 1, 10.0, pytest.approx(800.0)),
        ("Feast", 1, 1, 10.0, pytest.approx(20.0)),
    ]


def test_days_of_one_holiday_are_taken_together(spark: SparkSession) -> None:
    orders = [*weekly("10.00", "12.00"), *weekly("30.00", "36.00", around=FEAST + timedelta(days=71))]
    second = FEAST + timedelta(days=71)

    found = built(spark, "holiday_uplift", orders, calendar=[holiday(FEAST), holiday(second)], as_of=second)

    # Days without orders count: four of five weekdays around the first feast, three of four before the second
    before_first, between = 10 / 5, 30 / 4
    assert values(found, "day_count", "compared_day_count", "uplift_pct") == [
        (2, 2, pytest.approx(100 * (48 / (before_first + between) - 1)))
    ]


def test_an_interval_is_measured_on_ordinary_days(spark: SparkSession) -> None:
    # Odd and even weeks bring 8 and 12 on every weekday: each day has four neighbours of both kinds
    start = FEAST - timedelta(weeks=10)
    nets = {day: "8.00" if (day // 7) % 2 else "12.00" for day in range(20 * 7)}
    orders = [order(str(n), start + timedelta(days=n), net) for n, net in nets.items()]

    found = built(spark, "holiday_uplift", orders, calendar=[holiday(FEAST)], as_of=start + timedelta(days=139))

    ((uplift, error, low, high, days, reason),) = values(
        found, "uplift_pct", "standard_error_pct", "uplift_pct_low", "uplift_pct_high", "ordinary_day_count", "reason"
    )
    # The feast is like any day of its weeks, 12 against 10, whose changes are near +20 % and −20 %
    assert (uplift, days, reason) == (pytest.approx(20.0), 139, None)
    assert error == pytest.approx(1.2 * 20.0, rel=0.15)
    assert (low, high) == (
        pytest.approx(uplift - 1.96 * error, rel=1e-3),
        pytest.approx(uplift + 1.96 * error, rel=1e-3),
    )


@pytest.mark.parametrize(
    ("orders", "reason", "uplift"),
    [
        ([order("1", FEAST)], "no ordinary day of the same weekday with sales within 4 weeks", None),
        (weekly("10.00", "12.00"), "fewer than 28 ordinary days to measure their spread", pytest.approx(20.0)),
        (weekly("-5.00", "12.00"), "no ordinary day of the same weekday with sales within 4 weeks", None),
    ],
    ids=["alone", "few days", "only refunds"],
)
def test_figures_that_are_missing_have_a_reason(
    spark: SparkSession, orders: list[Row], reason: str, uplift: float | None
) -> None:
    found = built(spark, "holiday_uplift", orders, calendar=[holiday(FEAST)], as_of=FEAST)

    assert values(found, "uplift_pct", "uplift_pct_low", "reason") == [(uplift, None, reason)]


def test_a_calendar_without_holidays_says_nothing(spark: SparkSession) -> None:
    assert values(built(spark, "holiday_uplift", [order("1", FEAST)], as_of=FEAST), *FIGURES) == []
