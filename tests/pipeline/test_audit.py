from __future__ import annotations

from decimal import Decimal

import pytest
from pyspark.sql import DataFrame, SparkSession

from medallion.checks import Check, ForeignKey, Severity
from medallion.contracts import Column, Layer, Table
from medallion.pipeline import audit
from medallion.pipeline.audit import CheckResult

SALES = Table(
    name="sales",
    layer=Layer.GOLD,
    grain=("shop", "till"),
    description="Sales a till.",
    columns=(
        Column("shop", "varchar(9)", "Shop."),
        Column("till", "varchar(9)", "Till."),
        Column("amount", "decimal(18,2)", "Sold.", minimum=0, maximum=1000),
        Column("currency", "varchar(3)", "Currency.", accepted=("USD", "EUR")),
        Column("owner", "varchar(9)", "Owner.", nullable=False),
    ),
    checks=(
        Check(name="amount_is_round", expression="amount % 10 = 0", description="whole tens", severity=Severity.WARN),
    ),
)


def sales(spark: SparkSession, *rows: tuple[str | None, str | None, str | None, str | None, str | None]) -> DataFrame:
    typed = [(shop, till, Decimal(amount) if amount else None, *rest) for shop, till, amount, *rest in rows]
    return spark.createDataFrame(
        typed, "shop string, till string, amount decimal(18,2), currency string, owner string"
    )  # fmt: skip


def audited(table: Table, staged: DataFrame) -> list[CheckResult]:
    return audit.answered([audit.table_question(table, staged)])


def audited_key(table: Table, key: ForeignKey, staged: DataFrame, target: DataFrame) -> CheckResult:
    (result,) = audit.answered([audit.foreign_key_question(table, key, staged, target)])
    return result


def failed(results: list[CheckResult]) -> dict[str, tuple[int, str]]:
    return {result.name: (result.failed_count, result.detail) for result in results if not result.passed}


def test_good_rows_pass_every_check_and_each_check_is_reported(spark: SparkSession) -> None:
    results = audited(SALES, sales(spark, ("a", "1", "10.00", "USD", "eve"), ("a", "2", "0", "EUR", "eve")))

    assert failed(results) == {}
    assert [result.name for result in results] == [
        "grain_is_unique",
        "amount.minimum",
        "amount.maximum",
        "currency.accepted",
        "owner.not_null",
        "amount_is_round",
    ]


@pytest.mark.parametrize(
    ("bad", "check"),
    [
        (("z", "9", "-10.00", "USD", "eve"), "amount.minimum"),
        (("z", "9", "1010.00", "USD", "eve"), "amount.maximum"),
        (("z", "9", "10.00", "GBP", "eve"), "currency.accepted"),
        (("z", "9", "10.00", "USD", None), "owner.not_null"),
        (("z", "9", "10.01", "USD", "eve"), "amount_is_round"),
    ],
)
def test_a_row_that_breaks_a_rule_is_counted_and_its_key_named(
    spark: SparkSession, bad: tuple[str, str, str, str, str], check: str
) -> None:
    results = audited(SALES, sales(spark, ("a", "1", "10.00", "USD", "eve"), bad))

    assert failed(results) == {check: (1, "keys (z, 9)")}


def test_of_many_bad_rows_all_are_counted_and_the_first_five_named(spark: SparkSession) -> None:
    results = audited(SALES, sales(spark, *(("a", str(n), "-10.00", "USD", "eve") for n in range(9, 1, -1))))

    assert failed(results) == {"amount.minimum": (8, "keys (a, 2), (a, 3), (a, 4), (a, 5), (a, 6)")}


def test_a_rule_says_nothing_of_a_missing_value(spark: SparkSession) -> None:
    assert failed(audited(SALES, sales(spark, ("a", "1", None, None, "eve")))) == {}


def test_two_rows_of_one_key_break_the_grain(spark: SparkSession) -> None:
    rows = [("a", "1", "10.00", "USD", "eve")] * 3 + [("a", "2", "10.00", "USD", "eve"), (None, "1", "0", "USD", "eve")]

    assert failed(audited(SALES, sales(spark, *rows))) == {"grain_is_unique": (1, "keys (a, 1)")}


def test_two_rows_whose_key_is_missing_break_the_grain(spark: SparkSession) -> None:
    rows = [(None, "1", "10.00", "USD", "eve")] * 2

    assert failed(audited(SALES, sales(spark, *rows))) == {"grain_is_unique": (1, "keys (None, 1)")}


def test_keys_that_hash_alike_are_no_repeat(spark: SparkSession) -> None:
    like_missing = "\0"  # what stands for a missing part where keys are hashed

    results = audited(
        SALES, sales(spark, (None, "1", "0", "USD", "eve"), (like_missing, "1", "0", "USD", "eve"))
    )  # fmt: skip

    assert failed(results) == {}


def test_keys_whose_parts_change_places_are_no_repeat(spark: SparkSession) -> None:
    rows = [("a", None, "0", "USD", "eve"), (None, "a", "0", "USD", "eve"), ("ab", "c", "0", "USD", "eve"),
            ("a", "bc", "0", "USD", "eve")]  # fmt: skip

    assert failed(audited(SALES, sales(spark, *rows))) == {}


def test_a_table_without_rows_keeps_every_promise(spark: SparkSession) -> None:
    assert failed(audited(SALES, sales(spark))) == {}


OF_A_SHOP = ForeignKey(columns=("shop",), references="shops", to=("shop_id",))


def test_keys_that_the_other_table_does_not_have_are_named(spark: SparkSession) -> None:
    shops = spark.createDataFrame([("a",), ("b",)], "shop_id string")
    rows = sales(spark, ("a", "1", "0", "USD", "eve"), ("c", "1", "0", "USD", "eve"), ("c", "2", "0", "USD", "eve"))

    result = audited_key(SALES, OF_A_SHOP, rows, shops)

    assert (result.name, result.failed_count, result.detail) == ("foreign_key.shops", 2, "keys (c, 1), (c, 2)")


def test_a_missing_key_points_nowhere_and_is_no_fault(spark: SparkSession) -> None:
    shops = spark.createDataFrame([("a",)], "shop_id string")

    assert audited_key(SALES, OF_A_SHOP, sales(spark, (None, "1", "0", "USD", "eve")), shops).passed


def test_of_many_questions_each_is_told_its_own_answer(spark: SparkSession) -> None:
    shops = spark.createDataFrame([("a",)], "shop_id string")
    good, bad = sales(spark, ("a", "1", "0", "USD", "eve")), sales(spark, ("c", "1", "-10", "USD", "eve"))

    results = audit.answered(
        [
            audit.table_question(SALES, good),
            audit.foreign_key_question(SALES, OF_A_SHOP, bad, shops),
            audit.table_question(SALES, bad),
        ]
    )

    names = ["grain_is_unique", *(check.name for check in SALES.row_checks)]
    assert [result.name for result in results] == [*names, "foreign_key.shops", *names]
    assert [result.name for result in results if not result.passed] == ["foreign_key.shops", "amount.minimum"]


def test_nothing_asked_is_nothing_found() -> None:
    assert audit.answered([]) == []
