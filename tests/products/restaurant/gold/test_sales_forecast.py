from datetime import date, timedelta

import pytest
from frames import Row, values
from marts import built
from pyspark.sql import SparkSession
from rows import order

START = date(2024, 1, 1)  # a Monday


def daily(*nets: float, currency: str = "USD") -> list[Row]:
    return [
        order(f"{currency}{n}", START + timedelta(days=n), f"{net:.2f}", currency=currency)
        for n, net in enumerate(nets)
        if net
    ]


def last_day(*nets: float) -> date:
    return START + timedelta(days=len(nets) - 1)


def test_a_day_is_expected_to_bring_the_mean_of_the_last_four_of_its_weekday(spark: SparkSession) -> None:
    mondays = [99.0, 4.0, 6.0, 8.0, 10.0]
    nets = [net for monday in mondays for net in (monday, *[1.0] * 6)]

    found = built(spark, "sales_forecast", daily(*nets), as_of=last_day(*nets))

    by_day = dict(values(found, "forecast_date", "forecast_value"))
    assert len(by_day) == 28
    assert [by_day[last_day(*nets) + timedelta(days=n)] for n in (1, 2, 8, 22, 28)] == [7.0, 1.0, 7.0, 7.0, 1.0]


def test_holidays_are_no_example(spark: SparkSession) -> None:
    nets = [*[1.0] * 21, 50.0, *[1.0] * 6]
    feast = {"date_key": START + timedelta(days=21), "is_weekend": False, "is_holiday": True, "holiday_name": "Feast"}

    found = built(spark, "sales_forecast", daily(*nets), calendar=[feast], as_of=last_day(*nets))

    assert {value for (value,) in values(found, "forecast_value")} == {1.0}


def test_what_the_method_missed_is_stated_and_gives_the_interval(spark: SparkSession) -> None:
    # Every other week brings 8, the others 12: the mean of four is 10, always 2 off, at a daily mean of 10
    nets = [8.0 if (day // 7) % 2 else 12.0 for day in range(16 * 7)]

    found = built(spark, "sales_forecast", daily(*nets), as_of=last_day(*nets)).where("week_ahead = 1")

    # The first 28 days have none to be forecast from, the six after them none whose last weekday ends 28 days: 78 were
    # tried. 36 brought 12 and 42 brought 8, 768 in all: 156 / 768 missed, (72 − 84) / 768 more up than down
    columns = ("backtest_day_count", "backtest_mean_absolute_error", "backtest_error_pct", "backtest_bias_pct")
    ((*measured, low, value, high),) = set(
        values(found, *columns, "forecast_value_low", "forecast_value", "forecast_value_high")
    )
    assert measured == [78, pytest.approx(2.0), pytest.approx(20.3125), pytest.approx(-1.5625)]
    assert (low, value, high) == (pytest.approx(8.0), 10.0, pytest.approx(12.0))


def test_weeks_ahead_are_tried_with_what_was_known_then(spark: SparkSession) -> None:
    nets = [float(1 + day // 7) for day in range(16 * 7)]  # each week one more

    found = built(spark, "sales_forecast", daily(*nets), as_of=last_day(*nets))

    # The mean of four weeks lies 2.5 weeks before the next one, 5.5 before the fourth
    assert sorted(set(values(found, "week_ahead", "backtest_day_count", "backtest_mean_absolute_error"))) == [
        (week, 7 * (16 - 3 - week) - 6, pytest.approx(week + 1.5)) for week in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("days", "value", "reason"),
    [
        (1, None, "fewer than 28 days since the first order"),
        (27, None, "fewer than 28 days since the first order"),
        (28, 1.0, "fewer than 28 past days to try the method on"),
        (28 + 33, 1.0, "fewer than 28 past days to try the method on"),
        (28 + 34, 1.0, None),
    ],
)
def test_figures_that_are_missing_have_a_reason(
    spark: SparkSession, days: int, value: float | None, reason: str | None
) -> None:
    nets = [1.0] * days

    found = built(spark, "sales_forecast", daily(*nets), as_of=last_day(*nets)).where("week_ahead = 1")

    assert len(values(found, "forecast_date")) == 7
    assert set(values(found, "forecast_value", "reason")) == {(value, reason)}


def test_a_currency_that_sold_nothing_for_long_is_expected_to_sell_nothing(spark: SparkSession) -> None:
    orders = [*daily(*[1.0] * 70), *daily(5.0, currency="CAD")]

    found = built(spark, "sales_forecast", orders, as_of=START + timedelta(days=69)).where("currency = 'CAD'")

    # It could be tried for one day, the last with the only order among the 28 days before it
    assert set(values(found.where("week_ahead = 1"), "forecast_value", "forecast_value_low", "reason")) == {
        (0.0, None, "fewer than 28 past days to try the method on")
    }
