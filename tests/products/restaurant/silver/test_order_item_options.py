from decimal import Decimal

import pytest
from bronze_rows import option, options_built
from frames import accepted, fates, rejected, values
from pyspark.sql import DataFrame, SparkSession
from rows import items_of


@pytest.fixture(scope="module")
def lines(spark: SparkSession) -> DataFrame:
    """Two accepted lines of order o1."""
    return items_of(spark, {"order_id": "o1", "lineitem_id": "l1"}, {"order_id": "o1", "lineitem_id": "l2"})


def test_an_option_is_typed_and_freed_of_blanks(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option(" Cheese ", order_id=" o1", option_price="-1.50", option_quantity="2"))

    columns = ("order_id", "option_name", "occurrence", "option_price", "option_quantity", "_disposition")
    assert values(found, *columns) == [("o1", "Cheese", 1, Decimal("-1.50"), 2, "accepted")]


def test_an_option_chosen_twice_is_kept_twice(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option("Cheese"), option("Olives"), option("Cheese"))

    assert values(accepted(found), "option_name", "occurrence") == [("Cheese", 1), ("Cheese", 2), ("Olives", 1)]


def test_the_same_choice_at_another_price_counts_as_chosen_again(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option(option_price="1.00"), option(option_price="0.50"))

    assert values(accepted(found), "occurrence", "option_price") == [(1, Decimal("1.00")), (2, Decimal("0.50"))]


def test_the_same_option_of_two_lines_or_groups_is_chosen_once_each(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option(), option(lineitem_id="l2"), option(option_group_name="Free extras"))

    assert values(accepted(found), "lineitem_id", "option_group_name", "occurrence") == [
        ("l1", "Extras", 1),
        ("l1", "Free extras", 1),
        ("l2", "Extras", 1),
    ]


def test_a_newer_delivery_replaces_the_whole_set_of_the_line(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(
        spark, lines, option("Cheese"), option("Cheese"), option("Olives"), option("Ham", delivery=2)
    )  # fmt: skip

    assert values(accepted(found), "option_name", "occurrence") == [("Ham", 1)]
    assert fates(found) == {"accepted": 1, "duplicate": 3}


def test_a_newer_delivery_of_one_line_leaves_the_other_line_as_it_was(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(
        spark, lines, option("Cheese"), option("Ham", lineitem_id="l2"), option("Olives", delivery=2)
    )  # fmt: skip

    assert values(accepted(found), "lineitem_id", "option_name") == [("l1", "Olives"), ("l2", "Ham")]


def test_an_option_delivered_again_in_a_newer_file_is_there_once(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option(), option(delivery=2), option(delivery=2), option(delivery=3))

    assert values(accepted(found), "occurrence") == [(1,)]
    assert fates(found) == {"accepted": 1, "duplicate": 3}


def test_a_newer_delivery_of_unusable_options_replaces_nothing(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option(), option(option_price="free", delivery=2))

    assert values(accepted(found), "option_name") == [("Cheese",)]
    assert fates(found) == {"accepted": 1, "rejected": 1}


def test_an_unusable_option_does_not_count_among_the_occurrences(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option(option_price="free"), option(), option())

    assert values(accepted(found), "occurrence") == [(1,), (2,)]


def test_options_of_unknown_lines_are_orphans(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option(), option(order_id="o9"), option(lineitem_id="l9"))

    assert values(rejected(found), "order_id", "lineitem_id", "_reasons") == [
        ("o1", "l9", "orphan"),
        ("o9", "l1", "orphan"),
    ]


def test_orphans_are_accepted_once_their_line_has_arrived(spark: SparkSession, lines: DataFrame) -> None:
    arrived = lines.unionByName(items_of(spark, {"order_id": "o9", "lineitem_id": "l1"}))

    found = options_built(spark, arrived, option(order_id="o9"), option(order_id="o9"))

    assert values(accepted(found), "order_id", "occurrence") == [("o9", 1), ("o9", 2)]


def test_every_unusable_option_is_rejected_with_its_reasons(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(
        spark,
        lines,
        option(order_id=None),
        option(lineitem_id=" "),
        option(option_price="1e3"),
        option(option_price="1000000"),
        option(option_quantity="many"),
        option(option_quantity="40000"),
        option("é" * 51),
        option(option_group_name="x" * 101),
        option(order_id="o9", option_price=""),
    )

    assert values(rejected(found), "_row_number", "_reasons") == [
        (1, "missing_order_id"),
        (2, "missing_lineitem_id"),
        (3, "invalid_option_price"),
        (4, "overflow_option_price"),
        (5, "invalid_option_quantity"),
        (6, "overflow_option_quantity"),
        (7, "too_long_option_name"),
        (8, "too_long_option_group_name"),
        (9, "invalid_option_price,orphan"),
    ]


def test_a_rejected_option_keeps_its_record_as_delivered(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option("Ham", order_id="o9", delivery=3))

    (row,) = found.select("_source_file", "_batch_id", "_raw_text").collect()
    assert row[:2] == ("order_item_options_3.csv", "00000003")
    assert '"option_name":"Ham"' in row[2]


def test_an_option_without_name_or_group_is_kept_under_empty_names(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option(None, option_group_name=" "))

    assert values(accepted(found), "option_group_name", "option_name") == [("", "")]


def test_names_may_be_as_wide_as_the_contract_says_in_bytes(spark: SparkSession, lines: DataFrame) -> None:
    found = options_built(spark, lines, option("é" * 50))

    assert fates(found) == {"accepted": 1}
