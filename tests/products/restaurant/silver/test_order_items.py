from decimal import Decimal

import pytest
from bronze_rows import item, items_built
from frames import accepted, fates, rejected, values
from pyspark.sql import SparkSession

from medallion.products.restaurant.rules import RestaurantRules


def test_a_line_is_typed_and_freed_of_blanks(spark: SparkSession) -> None:
    found = items_built(
        spark, item(" o1\t", " l1 ", currency="usd", item_price=" 12.50 ", item_quantity="3", is_loyalty="TRUE")
    )

    columns = ("order_id", "lineitem_id", "currency", "item_price", "item_quantity", "is_loyalty", "_disposition")
    assert values(found, *columns) == [("o1", "l1", "USD", Decimal("12.50"), 3, True, "accepted")]


def test_every_unusable_record_is_rejected_with_its_reason(spark: SparkSession) -> None:
    found = items_built(
        spark,
        item(None),
        item("o2", "  "),
        item("o3", creation_time_utc="2024-02-30T10:00:00Z"),
        item("o4", creation_time_utc=None),
        item("o5", item_price="abc"),
        item("o6", item_price="1e3"),
        item("o7", item_price=None),
        item("o8", item_price="1000000"),
        item("o9", item_price="1.005"),
        item("p1", item_quantity="40000"),
        item("p2", item_quantity="1.5"),
        item("p3", item_quantity="two"),
        item("p4", currency="DOLLAR"),
        item("p5", currency=None),
        item("p6", is_loyalty="perhaps"),
    )

    assert values(found, "_row_number", "_disposition", "_reasons") == [
        (1, "rejected", "missing_order_id"),
        (2, "rejected", "missing_lineitem_id"),
        (3, "rejected", "invalid_creation_time_utc"),
        (4, "rejected", "invalid_creation_time_utc"),
        (5, "rejected", "invalid_item_price"),
        (6, "rejected", "invalid_item_price"),
        (7, "rejected", "invalid_item_price"),
        (8, "rejected", "overflow_item_price"),
        (9, "rejected", "overflow_item_price"),
        (10, "rejected", "overflow_item_quantity"),
        (11, "rejected", "overflow_item_quantity"),
        (12, "rejected", "invalid_item_quantity"),
        (13, "rejected", "invalid_currency"),
        (14, "rejected", "invalid_currency"),
        (15, "rejected", "invalid_is_loyalty"),
    ]


def test_a_record_with_several_faults_names_them_all(spark: SparkSession) -> None:
    found = items_built(spark, item("o1", None, item_price="free", item_quantity="99999"))

    assert values(found, "_reasons") == [("missing_lineitem_id,invalid_item_price,overflow_item_quantity",)]


def test_a_rejected_record_says_where_it_came_from_and_what_it_was(spark: SparkSession) -> None:
    found = items_built(spark, item(item_price="abc", printed_card_number="4111111111111234", delivery=7))

    (row,) = found.select("_source_file", "_row_number", "_batch_id", "_raw_text").collect()
    assert row[:3] == ("order_items_7.csv", 1, "00000007")
    assert '"item_price":"abc"' in row[3]
    assert "4111" not in row[3]
    assert '"printed_card_number":"…1234"' in row[3]


@pytest.mark.parametrize(
    ("column", "width"),
    [
        ("app_name", 50),
        ("restaurant_id", 255),
        ("user_id", 255),
        ("order_id", 255),
        ("lineitem_id", 255),
        ("item_category", 50),
        ("item_name", 255),
    ],
)
def test_text_may_be_as_wide_as_the_contract_says_in_bytes(spark: SparkSession, column: str, width: int) -> None:
    fits, one_byte_more = "é" * (width // 2) + "x" * (width % 2), "é" * (width // 2) + "x" * (width % 2 + 1)

    found = items_built(spark, item(**{column: fits}), item(**{column: one_byte_more}))

    assert values(accepted(found), column) == [(fits,)]
    assert values(rejected(found), "_row_number", "_reasons") == [(2, f"too_long_{column}")]


@pytest.mark.parametrize("user_id", [None, "", "   ", "\t", "NULL", "null", " Null "])
def test_a_guest_has_no_user_however_the_file_says_so(spark: SparkSession, user_id: str | None) -> None:
    found = items_built(spark, item(user_id=user_id))

    assert values(accepted(found), "user_id") == [(None,)]


@pytest.mark.parametrize(
    ("printed", "kept"),
    [
        ("XXXXXXXXXXXX1234", "1234"),
        ("4111 1111 1111 1234 ", "1234"),
        ("411111******0004", "0004"),
        ("678037123456", "3456"),
        ("6.78037E+11", None),
        ("XXXX-XXXX-12", None),
        ("unknown", None),
        ("", None),
        (None, None),
    ],
)
def test_of_a_card_only_the_last_four_digits_are_kept(
    spark: SparkSession, printed: str | None, kept: str | None
) -> None:
    found = items_built(spark, item(printed_card_number=printed))

    assert values(accepted(found), "printed_card_number") == [(kept,)]


def test_loyalty_is_read_in_the_words_that_exports_use(spark: SparkSession) -> None:
    words = {"TRUE": True, "t": True, "Yes": True, "Y": True, "1": True, " true ": True}
    words |= {"FALSE": False, "f": False, "No": False, "n": False, "0": False}
    known = {word: item(f"o{n}", is_loyalty=word, item_name=word) for n, word in enumerate(words)}

    found = items_built(spark, *known.values(), item("unsaid", is_loyalty=" ", item_name="unsaid"))

    assert dict(values(accepted(found), "item_name", "is_loyalty")) == {
        **{word.strip(): meaning for word, meaning in words.items()},
        "unsaid": None,
    }


def test_lines_of_an_excluded_app_are_rejected_and_of_others_are_not(spark: SparkSession) -> None:
    rules = RestaurantRules(excluded_app_names=("Diner - DEVELOPMENT", "Test"))

    found = items_built(
        spark, item("o1", app_name="Diner - DEVELOPMENT"), item("o2", app_name="Diner"), item("o3", app_name="Test"),
        rules=rules,
    )  # fmt: skip

    assert values(accepted(found), "app_name") == [("Diner",)]
    assert values(rejected(found), "_row_number", "_reasons") == [(1, "excluded_app"), (3, "excluded_app")]


def test_a_category_spelled_as_an_alias_is_repaired_in_any_letter_case(spark: SparkSession) -> None:
    rules = RestaurantRules(category_aliases={"Piza": "Pizza", "drink": "Drinks"})
    records = [
        item(f"o{n}", item_category=text) for n, text in enumerate(["PIZA", " piza ", "Drink", "Drinking", None])
    ]

    found = items_built(spark, *records, rules=rules)

    assert values(found, "order_id", "item_category") == [
        ("o0", "Pizza"), ("o1", "Pizza"), ("o2", "Drinks"), ("o3", "Drinking"), ("o4", None),
    ]  # fmt: skip


def test_a_pasted_url_that_an_alias_repairs_is_not_too_long(spark: SparkSession) -> None:
    url = "https://example.org/menu/" + "x" * 60

    found = items_built(spark, item(item_category=url), rules=RestaurantRules(category_aliases={url: "Pizza"}))

    assert values(accepted(found), "item_category") == [("Pizza",)]


def test_exact_repeats_collapse_to_one_line(spark: SparkSession) -> None:
    found = items_built(spark, item(), item(), item(delivery=2))

    assert fates(found) == {"accepted": 1, "duplicate": 2}


def test_of_conflicting_lines_the_newest_delivery_wins_whatever_its_time(spark: SparkSession) -> None:
    found = items_built(
        spark,
        item(item_price="2.00", creation_time_utc="2024-05-01T09:00:00Z", delivery=2),
        item(item_price="1.00", creation_time_utc="2024-05-01T20:00:00Z", delivery=1),
    )

    assert values(accepted(found), "item_price") == [(Decimal("2.00"),)]


def test_within_a_delivery_the_later_creation_time_wins(spark: SparkSession) -> None:
    found = items_built(
        spark,
        item(item_price="2.00", creation_time_utc="2024-05-01T12:00:00.250Z"),
        item(item_price="1.00", creation_time_utc="2024-05-01T12:00:00.249Z"),
    )

    assert values(accepted(found), "item_price") == [(Decimal("2.00"),)]


def test_at_equal_times_the_later_record_wins(spark: SparkSession) -> None:
    found = items_built(spark, *(item(item_price=f"{n}.00") for n in range(1, 13)))

    assert values(accepted(found), "item_price") == [(Decimal("12.00"),)]


def test_a_newer_but_unusable_record_does_not_displace_a_good_one(spark: SparkSession) -> None:
    found = items_built(spark, item(item_price="5.00"), item(item_price="abc", delivery=2))

    assert values(accepted(found), "item_price") == [(Decimal("5.00"),)]
    assert fates(found) == {"accepted": 1, "rejected": 1}


def test_keys_that_differ_only_in_surrounding_blanks_are_the_same_line(spark: SparkSession) -> None:
    found = items_built(spark, item("o1", "l1"), item(" o1", "l1 "))

    assert fates(found) == {"accepted": 1, "duplicate": 1}


def test_keys_that_differ_in_letter_case_are_different_lines(spark: SparkSession) -> None:
    found = items_built(spark, item("o1"), item("O1"))

    assert fates(found) == {"accepted": 2}


def test_no_delivered_lines_are_a_table_without_rows(spark: SparkSession) -> None:
    assert fates(items_built(spark)) == {}
