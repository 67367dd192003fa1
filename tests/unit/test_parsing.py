from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from pyspark.sql import SparkSession

from medallion import parsing
from medallion.spark import F, SparkColumn


def read(spark: SparkSession, parse: Callable[[SparkColumn], SparkColumn], texts: list[str | None]) -> list[Any]:
    """What each text is read as."""
    given = spark.createDataFrame([(n, text) for n, text in enumerate(texts)], "n int, value string")
    rows = given.select("n", parse(F.col("value")).alias("read")).collect()
    return [row["read"] for row in sorted(rows, key=lambda row: row["n"])]


def instants(spark: SparkSession, texts: list[str | None]) -> list[str | None]:
    """As UTC text, whatever zone the client shows timestamps in."""
    return read(spark, lambda value: F.date_format(parsing.timestamp_utc(value), "yyyy-MM-dd HH:mm:ss.SSS"), texts)


def test_timestamps_are_read_with_t_or_blank_z_or_not_and_any_fraction(spark: SparkSession) -> None:
    written: dict[str | None, str] = {
        "2024-05-01T12:34:56": "2024-05-01 12:34:56.000",
        "2024-05-01 12:34:56": "2024-05-01 12:34:56.000",
        "2024-05-01T12:34:56Z": "2024-05-01 12:34:56.000",
        "2024-05-01T12:34:56.7Z": "2024-05-01 12:34:56.700",
        "2024-05-01T12:34:56.78Z": "2024-05-01 12:34:56.780",
        "2024-05-01T12:34:56.789Z": "2024-05-01 12:34:56.789",
        "2024-05-01T12:34:56.789": "2024-05-01 12:34:56.789",
        "2024-05-01 12:34:56.789123Z": "2024-05-01 12:34:56.789",
        "2024-02-29T00:00:00Z": "2024-02-29 00:00:00.000",
    }

    assert instants(spark, list(written)) == list(written.values())


def test_an_offset_is_turned_into_utc(spark: SparkSession) -> None:
    found = instants(spark, ["2024-05-01T23:30:00-04:00", "2024-05-01T01:00:00+05:30"])

    assert found == ["2024-05-02 03:30:00.000", "2024-04-30 19:30:00.000"]


def test_what_is_no_time_of_this_calendar_is_not_read(spark: SparkSession) -> None:
    texts = ["2024-02-30T10:00:00Z", "2023-02-29T10:00:00", "2024-13-01T10:00:00", "2024-05-01T24:00:00Z",
             "2024-05-01T12:60:00Z", "2024-05-01", "12:00:00", "01.05.2024 12:00", "1714564800", "now", "", None,
             "2024-05-01T12:00:00 UTC", "2024-05-01T12:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
             "1899-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]  # fmt: skip

    assert instants(spark, list(texts)) == [None] * len(texts)


def test_amounts_are_read_exactly_and_in_plain_notation_only(spark: SparkSession) -> None:
    written: dict[str | None, str | None] = {
        "16": "16.00", "12.5": "12.50", "-12.50": "-12.50", "+3": "3.00", ".5": "0.50", "-.05": "-0.05", "5.": "5.00",
        "007.10": "7.10", "1.500": "1.50", "999999.99": "999999.99", "-999999.99": "-999999.99", "0": "0.00",
        "1000000": None, "1.005": None, "1e3": None, "6.78037E+11": None, "1,000": None, "$5": None, "NaN": None,
        "Infinity": None, "0x10": None, "--1": None, ".": None, "-": None, "1 2": None, "": None, None: None,
    }  # fmt: skip

    found = read(spark, lambda value: parsing.decimal(value, 8, 2), list(written))

    assert found == [Decimal(text) if text else None for text in written.values()]


def test_quantities_are_whole_and_fit_their_type(spark: SparkSession) -> None:
    written: dict[str | None, int | None] = {
        "2": 2, "-2": -2, "+2": 2, "2.0": 2, "2.": 2, "0": 0, "32767": 32767, "-32768": -32768, "500.000": 500,
        "32768": None, "40000": None, "99999999999": None, "2.5": None, "2e1": None, "two": None, "": None, None: None,
    }  # fmt: skip

    found = read(spark, lambda value: parsing.whole_number(value, "smallint"), list(written))

    assert found == list(written.values())


def test_a_day_is_read_day_first_or_iso(spark: SparkSession) -> None:
    found = read(spark, parsing.calendar_day, ["31-12-2023", "2023-12-31", "29-02-2024", "01-01-1900", "2199-12-31"])

    assert found == [*[date(2023, 12, 31)] * 2, date(2024, 2, 29), date(1900, 1, 1), date(2199, 12, 31)]


def test_an_impossible_day_is_not_read(spark: SparkSession) -> None:
    texts = [
        "01-01-0001",
        "31-12-9999",
        "9999-12-31",
        "1899-12-31",
        "01-01-2200",
        "30-02-2023",
        "2023-02-29",
        "12-31-2023",
        "2023-13-01",
        "1-1-2023",
        "20230101",
        "31/12/2023",
        "",
        None,
    ]

    assert read(spark, parsing.calendar_day, list(texts)) == [None] * len(texts)


def test_a_word_that_is_neither_yes_nor_no_is_not_read(spark: SparkSession) -> None:
    assert read(spark, parsing.boolean, ["yes", "NO", "2", "maybe", "", None]) == [True, False, None, None, None, None]


def test_text_loses_its_surrounding_blanks_and_blank_text_is_missing(spark: SparkSession) -> None:
    texts = [" a b ", "\t\r\na\n", "\f\u000ba", "   ", "\n", "", None]

    found = read(spark, lambda _: parsing.text("value"), list(texts))

    assert found == ["a b", "a", "a", None, None, None, None]


def test_of_two_equal_aliases_the_last_counts(spark: SparkSession) -> None:
    aliases = {"piza": "Pasta", "PIZA": "Pizza"}

    found = read(spark, lambda value: parsing.replaced(value, aliases), ["Piza", "Salad", None])

    assert found == ["Pizza", "Salad", None]


def test_a_time_without_zone_is_utc(spark: SparkSession) -> None:
    found = read(spark, lambda value: parsing.timestamp_utc(value).cast("bigint"), ["1970-01-02T00:00:00"])

    assert found == [24 * 60 * 60]


def test_month_first_timestamps_are_taken_as_written_and_impossible_ones_are_not_read(spark: SparkSession) -> None:
    written: dict[str | None, str | None] = {
        "03/24/2023 4:52:21": "2023-03-24 04:52:21",
        "3/4/2023 12:00:00": "2023-03-04 12:00:00",
        "03/24/2023 00:00:59": "2023-03-24 00:00:59",
        "03/24/2023 23:59:59": "2023-03-24 23:59:59",
        "02/29/2024 1:00:00": "2024-02-29 01:00:00",
        "02/29/2023 1:00:00": None,
        "02/30/2023 1:00:00": None,
        "04/31/2023 1:00:00": None,
        "13/01/2023 1:00:00": None,
        "00/10/2023 1:00:00": None,
        "03/24/2023 24:00:00": None,
        "03/24/2023 4:60:00": None,
        "03/24/23 4:52:21": None,
        "2023-03-24 04:52:21": None,
        "03/24/2023 4:52": None,
        "03/24/2023 4:52:21 PM": None,
        "": None,
        None: None,
    }

    found = read(
        spark, lambda value: F.date_format(parsing.timestamp_month_first(value), "yyyy-MM-dd HH:mm:ss"), list(written)
    )

    assert found == list(written.values())
