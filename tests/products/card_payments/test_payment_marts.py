"""The aggregates and the six marts of card payments on a few transactions, with the figures beside them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from frames import Row, values
from payment_rows import AS_OF, RULES, Silver, transaction
from pyspark.sql import SparkSession

from medallion.products.card_payments.gold import (
    amount_by_typology_country,
    device_type_share,
    product_ranking,
    store_activation,
    store_activation_summary,
    store_ranking,
)
from medallion.products.card_payments.rules import CardPaymentsRules

EVERY_STATUS = CardPaymentsRules(counted_statuses=("accepted", "refused", "cancelled"))


def money(text: str) -> Decimal:
    return Decimal(text).quantize(Decimal("0.01"))


def sold(number: int, amount: str = "100", **given: Any) -> Row:
    """Transactions of different days, in the order of their numbers."""
    return transaction(str(number), f"2023-01-{number:02d} 08:00:00", amount, **given)


# s1: 100 + 50 on d1, 10 on d2, 40 refused; s2: 160 on e1; 7 on a device that is not known
SOME = (
    sold(1),
    sold(2, "50"),
    sold(3, "10", device_id="d2", product_sku="377"),
    sold(4, "40", status="refused"),
    sold(5, "160", device_id="e1", product_name="other"),
    sold(6, "7", device_id="nobody", product_sku=None, product_name=None),
)


def test_stores_are_ranked_by_amount_and_ties_share_a_rank(spark: SparkSession) -> None:
    found = store_ranking.build(Silver(spark, *SOME).store_days, Silver(spark).stores, as_of=AS_OF, rules=RULES)

    names = ("store_id", "store_name", "typology", "country", "customer_id", "transaction_count", "transacted_amount")
    assert values(found, *names, "amount_rank") == [
        ("s1", "One", "Hotel", "Belgium", "c1", 3, money("160"), 1),
        ("s2", "Two", "Florist", "Spain", "c2", 1, money("160"), 1),
    ]


def test_rule_counted_statuses_says_which_transactions_count(spark: SparkSession) -> None:
    silver = Silver(spark, *SOME, rules=EVERY_STATUS)

    found = store_ranking.build(silver.store_days, silver.stores, as_of=AS_OF, rules=EVERY_STATUS)

    assert values(found, "store_id", "transacted_amount", "amount_rank") == [
        ("s1", money("200"), 1),
        ("s2", money("160"), 2),
    ]


def test_transactions_after_as_of_do_not_count(spark: SparkSession) -> None:
    silver = Silver(spark, *SOME)

    found = store_ranking.build(silver.store_days, silver.stores, as_of=date(2023, 1, 2), rules=RULES)

    assert values(found, "store_id", "transaction_count", "as_of") == [("s1", 2, date(2023, 1, 2))]


def test_products_are_ranked_by_count_with_their_names_and_unknown_devices(spark: SparkSession) -> None:
    found = product_ranking.build(Silver(spark, *SOME).product_days, as_of=AS_OF, rules=RULES)

    names = ("product_sku", "product_name_count", "transaction_count", "transacted_amount", "count_rank")
    assert values(found, *names) == [
        ("(unknown)", 0, 1, money("7"), 2),
        ("377", 1, 1, money("10"), 2),
        ("3770009015048", 2, 3, money("310"), 1),
    ]


def test_the_average_is_that_of_single_transactions(spark: SparkSession) -> None:
    bare: Row = {"store_id": "s3"}
    silver = Silver(spark, *SOME, more=(bare,))

    found = amount_by_typology_country.build(silver.store_days, silver.stores, as_of=AS_OF, rules=RULES)

    names = ("typology", "country", "transaction_count", "transacted_amount", "average_transacted_amount")
    assert values(found, *names) == [
        ("Florist", "Spain", 1, money("160"), 160.0),
        ("Hotel", "Belgium", 3, money("160"), 160 / 3),
    ]


def test_shares_are_of_the_transactions_of_known_devices(spark: SparkSession) -> None:
    found = device_type_share.build(Silver(spark, *SOME).store_days, as_of=AS_OF, rules=RULES)

    assert values(found, "device_type", "transaction_count", "transaction_share") == [("1", 3, 0.75), ("2", 1, 0.25)]


def activation(silver: Silver, as_of: date = AS_OF) -> list[tuple[Any, ...]]:
    built = store_activation.build(silver.first_transactions, silver.devices, silver.stores, as_of=as_of)
    return values(built, "store_id", "days_to_five_transactions")


# Five of s1 over 36 hours, on two devices and in three statuses; a sixth on the last day.
FIVE = (
    transaction("1", "2023-01-01 06:00:00"),
    transaction("2", "2023-01-01 06:00:00", status="refused"),
    transaction("3", "2023-01-01 07:00:00", device_id="d2", status="cancelled"),
    transaction("4", "2023-01-02 01:00:00", device_id="d2"),
    transaction("5", "2023-01-02 18:00:00"),
    transaction("6", "2023-01-03 18:00:00"),
)


def test_activation_is_from_the_first_to_the_fifth_of_any_status_in_fractions_of_days(spark: SparkSession) -> None:
    assert activation(Silver(spark, *FIVE)) == [("s1", 1.5), ("s2", None)]


def test_an_earlier_transaction_that_comes_late_changes_the_activation(spark: SparkSession) -> None:
    # the fifth is now that of 2 January, 1 o'clock: from 31 December, 1 o'clock, two days
    assert activation(Silver(spark, *FIVE, transaction("7", "2022-12-31 01:00:00"))) == [("s1", 2.0), ("s2", None)]


def test_rule_activation_statuses_says_which_transactions_make_a_store_active(spark: SparkSession) -> None:
    accepted_only = CardPaymentsRules(activation_statuses=("accepted",))

    assert activation(Silver(spark, *FIVE, rules=accepted_only)) == [("s1", None), ("s2", None)]


def test_activation_looks_no_further_than_as_of(spark: SparkSession) -> None:
    assert activation(Silver(spark, *FIVE), as_of=date(2023, 1, 1)) == [("s1", None), ("s2", None)]


def test_five_transactions_of_one_minute_and_one_device_are_all_kept(spark: SparkSession) -> None:
    rows = [transaction(str(n), f"2023-01-01 06:00:{n:02d}") for n in range(1, 9)]

    assert activation(Silver(spark, *rows)) == [("s1", 4 / 86_400), ("s2", None)]


def test_a_summary_is_of_all_stores_and_of_each_typology(spark: SparkSession) -> None:
    # s1: 1.5 days; s2: four days; s3, a hotel as s1, has no transaction
    silver = Silver(
        spark,
        *FIVE,
        *(transaction(f"e{n}", f"2023-02-{n:02d} 10:00:00", device_id="e1") for n in range(1, 6)),
        more=({"store_id": "s3", "typology": "Hotel"}, {"store_id": "s4"}),
    )
    built = store_activation.build(silver.first_transactions, silver.devices, silver.stores, as_of=AS_OF)

    found = store_activation_summary.build(built)

    names = ("store_count", "activated_store_count", "average_days_to_five_transactions")
    assert values(found, "scope", *names, "median_days_to_five_transactions") == [
        ("(unknown)", 1, 0, None, None),
        ("Florist", 1, 1, 4.0, 4.0),
        ("Hotel", 2, 1, 1.5, 1.5),
        ("all", 4, 2, 2.75, 2.75),
    ]


def test_days_of_stores_hold_every_transaction_with_unknown_devices_apart(spark: SparkSession) -> None:
    found = Silver(spark, *SOME).store_days

    assert values(found, "store_id", "device_type", "status", "is_counted", "transacted_amount") == [
        ("s1", "1", "accepted", True, money("50")),
        ("s1", "1", "accepted", True, money("100")),
        ("s1", "1", "refused", False, money("40")),
        ("s1", "2", "accepted", True, money("10")),
        ("s2", "1", "accepted", True, money("160")),
        (None, None, "accepted", True, money("7")),
    ]


def test_of_a_device_and_day_no_more_than_the_first_five_are_kept(spark: SparkSession) -> None:
    rows = [transaction(str(n), f"2023-01-01 06:00:{n:02d}") for n in range(1, 9)]

    assert values(Silver(spark, *rows).first_transactions, "place") == [(1,), (2,), (3,), (4,), (5,)]
