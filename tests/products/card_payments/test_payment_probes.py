"""What the probes of card payments count, and what they say about it."""

from __future__ import annotations

from frames import Row, delivered, values
from payment_rows import RULES, Silver, paid, transaction
from pyspark.sql import DataFrame, SparkSession

from medallion.products.card_payments import probes
from medallion.products.card_payments.sources import TRANSACTIONS


def finding(df: DataFrame) -> tuple[int, str]:
    return tuple(values(df, "failed_count", "detail")[0])


def at(*hours: int) -> list[Row]:
    return [transaction(f"{n} {hour}", f"2023-01-05 {hour:02d}:00:00") for n, hour in enumerate(hours)]


def test_hours_from_1_to_12_alone_are_ambiguous(spark: SparkSession) -> None:
    found = probes.ambiguous_times(Silver(spark, *at(1, 8, 12)).transactions, rules=RULES)

    assert finding(found) == (3, "3 of 3 have an hour from 1 to 12 and no AM or PM: taken as written")


def test_hours_of_the_whole_day_are_not(spark: SparkSession) -> None:
    found = probes.ambiguous_times(Silver(spark, *at(1, 8, 12, 0, 23)).transactions, rules=RULES)

    assert finding(found) == (0, "times are of a clock of 24 hours")


def test_one_odd_hour_does_not_make_a_clock_of_24(spark: SparkSession) -> None:
    found = probes.ambiguous_times(Silver(spark, *at(*[7] * 30, 23)).transactions, rules=RULES)

    assert finding(found)[0] == 30


def test_transactions_with_a_prefix_are_counted(spark: SparkSession) -> None:
    bronze = delivered(spark, TRANSACTIONS, paid("1"), paid("2", product_sku=" v3770009015028 "))

    assert finding(probes.stripped_skus(bronze, rules=RULES)) == (
        1,
        "1 transactions have one of 1 codes that stand for another product",
    )


def test_stores_without_a_device_are_counted(spark: SparkSession) -> None:
    silver = Silver(spark, more=({"store_id": "s3"},))

    assert finding(probes.stores_without_devices(silver.stores, silver.devices, rules=RULES)) == (
        1,
        "1 stores have no device",
    )


def test_products_with_several_names_are_counted(spark: SparkSession) -> None:
    rows = [
        transaction("1", "2023-01-05 08:00:00"),
        transaction("2", "2023-01-06 08:00:00", product_name="other"),
        transaction("3", "2023-01-06 08:00:00", product_name=None),
        transaction("4", "2023-01-06 08:00:00", product_sku="377"),
    ]

    assert finding(probes.skus_with_several_names(Silver(spark, *rows).product_days, rules=RULES)) == (
        1,
        "1 codes have several names, one of them 2",
    )


def test_transactions_of_unknown_devices_are_counted(spark: SparkSession) -> None:
    rows = [transaction("1", "2023-01-05 08:00:00"), transaction("2", "2023-01-05 08:00:00", device_id="nobody")]

    found = probes.unknown_devices(Silver(spark, *rows).store_days, rules=RULES)

    assert finding(found) == (1, "1 transactions are of devices that are not known: only products count them")


def test_where_there_is_nothing_to_find_the_probes_say_so(spark: SparkSession) -> None:
    silver = Silver(spark, transaction("1", "2023-01-05 08:00:00"))

    assert finding(probes.stores_without_devices(silver.stores, silver.devices, rules=RULES))[0] == 0
    assert finding(probes.skus_with_several_names(silver.product_days, rules=RULES)) == (0, "every code has one name")
    assert finding(probes.unknown_devices(silver.store_days, rules=RULES))[0] == 0
