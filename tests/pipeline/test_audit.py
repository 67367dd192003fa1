from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from pyspark.sql import DataFrame, SparkSession

from medallion.checks import Check, ForeignKey, Reconciliation, Severity, Total
from medallion.contracts import Column, Layer, Table
from medallion.pipeline import audit
from medallion.pipeline.audit import CheckResult, TotalsLedger

AS_OF = date(2024, 5, 31)
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


def failed(results: list[CheckResult]) -> dict[str, tuple[int, str]]:
    return {result.name: (result.failed_count, result.detail) for result in results if not result.passed}


def test_good_rows_pass_every_check_and_each_check_is_reported(spark: SparkSession) -> None:
    results = audit.audit_table(SALES, sales(spark, ("a", "1", "10.00", "USD", "eve"), ("a", "2", "0", "EUR", "eve")))

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
    results = audit.audit_table(SALES, sales(spark, ("a", "1", "10.00", "USD", "eve"), bad))

    assert failed(results) == {check: (1, "keys (z, 9)")}


def test_of_many_bad_rows_all_are_counted_and_the_first_five_named(spark: SparkSession) -> None:
    results = audit.audit_table(SALES, sales(spark, *(("a", str(n), "-10.00", "USD", "eve") for n in range(9, 1, -1))))

    assert failed(results) == {"amount.minimum": (8, "keys (a, 2), (a, 3), (a, 4), (a, 5), (a, 6)")}


def test_a_rule_says_nothing_of_a_missing_value(spark: SparkSession) -> None:
    assert failed(audit.audit_table(SALES, sales(spark, ("a", "1", None, None, "eve")))) == {}


def test_two_rows_of_one_key_break_the_grain(spark: SparkSession) -> None:
    rows = [("a", "1", "10.00", "USD", "eve")] * 3 + [("a", "2", "10.00", "USD", "eve"), (None, "1", "0", "USD", "eve")]

    assert failed(audit.audit_table(SALES, sales(spark, *rows))) == {"grain_is_unique": (1, "keys (a, 1)")}


def test_two_rows_whose_key_is_missing_break_the_grain(spark: SparkSession) -> None:
    rows = [(None, "1", "10.00", "USD", "eve")] * 2

    assert failed(audit.audit_table(SALES, sales(spark, *rows))) == {"grain_is_unique": (1, "keys (None, 1)")}


def test_keys_that_hash_alike_are_no_repeat(spark: SparkSession) -> None:
    like_missing = "\0"  # what stands for a missing part where keys are hashed

    results = audit.audit_table(
        SALES, sales(spark, (None, "1", "0", "USD", "eve"), (like_missing, "1", "0", "USD", "eve"))
    )  # fmt: skip

    assert failed(results) == {}


def test_keys_whose_parts_change_places_are_no_repeat(spark: SparkSession) -> None:
    rows = [("a", None, "0", "USD", "eve"), (None, "a", "0", "USD", "eve"), ("ab", "c", "0", "USD", "eve"),
            ("a", "bc", "0", "USD", "eve")]  # fmt: skip

    assert failed(audit.audit_table(SALES, sales(spark, *rows))) == {}


def test_a_table_without_rows_keeps_every_promise(spark: SparkSession) -> None:
    assert failed(audit.audit_table(SALES, sales(spark))) == {}


OF_A_SHOP = ForeignKey(columns=("shop",), references="shops", to=("shop_id",))


def test_keys_that_the_other_table_does_not_have_are_named(spark: SparkSession) -> None:
    shops = spark.createDataFrame([("a",), ("b",)], "shop_id string")
    rows = sales(spark, ("a", "1", "0", "USD", "eve"), ("c", "1", "0", "USD", "eve"), ("c", "2", "0", "USD", "eve"))

    result = audit.audit_foreign_key(SALES, OF_A_SHOP, rows, shops)

    assert (result.name, result.failed_count, result.detail) == ("foreign_key.shops", 2, "keys (c, 1), (c, 2)")


def test_a_missing_key_points_nowhere_and_is_no_fault(spark: SparkSession) -> None:
    shops = spark.createDataFrame([("a",)], "shop_id string")

    assert audit.audit_foreign_key(SALES, OF_A_SHOP, sales(spark, (None, "1", "0", "USD", "eve")), shops).passed


def test_delivered_records_are_accounted_for_to_the_last() -> None:
    result = audit.audit_accounting(SALES, delivered=1200, accepted=1000, rejected=150, duplicate=50)

    assert result.passed
    assert result.detail == "1,200 delivered = 1,000 accepted + 150 rejected + 50 duplicates"


@pytest.mark.parametrize(("accepted", "off"), [(999, "1"), (1002, "-2")])
def test_a_record_lost_or_counted_twice_is_found(accepted: int, off: str) -> None:
    result = audit.audit_accounting(SALES, delivered=1200, accepted=accepted, rejected=150, duplicate=50)

    assert (result.failed_count, result.severity) == (abs(int(off)), Severity.FAIL)
    assert result.detail.endswith(f" is off by {off}")


def same_amount(left_where: str = "true", column: str = "amount") -> Reconciliation:
    return Reconciliation(
        name="same",
        left=Total(table="orders", column=column, where=left_where),
        right=Total(table="sales", column=column),
        description="the same",
    )


def amounts(spark: SparkSession, *rows: tuple[str | None, str, str]) -> DataFrame:
    typed = [(currency, Decimal(amount), date.fromisoformat(day)) for currency, amount, day in rows]
    return spark.createDataFrame(typed, "currency string, amount decimal(18,2), day date")


def reconciled(rule: Reconciliation, tables: Mapping[str, DataFrame]) -> CheckResult:
    return TotalsLedger(tables, AS_OF, [rule]).reconcile(rule)


def test_totals_that_agree_group_by_group_pass(spark: SparkSession) -> None:
    orders = amounts(spark, ("USD", "0.10", "2024-05-01"), ("USD", "0.20", "2024-05-02"), ("EUR", "5", "2024-05-01"))
    totals = amounts(spark, ("USD", "0.30", "2024-05-01"), ("EUR", "5.00", "2024-05-01"))

    assert reconciled(same_amount(), {"orders": orders, "sales": totals}).passed


def test_totals_are_compared_to_the_cent_and_what_differs_is_named(spark: SparkSession) -> None:
    orders = amounts(spark, ("USD", "12345678901234.56", "2024-05-01"), ("EUR", "5.00", "2024-05-01"))
    totals = amounts(spark, ("USD", "12345678901234.55", "2024-05-01"), ("EUR", "5.00", "2024-05-01"))

    result = reconciled(same_amount(), {"orders": orders, "sales": totals})

    assert (result.table, result.severity, result.failed_count) == ("sales", Severity.FAIL, 1)
    assert result.detail == "USD: orders 12345678901234.56, sales 12345678901234.55"


def test_a_group_that_one_side_lacks_differs_unless_it_is_zero(spark: SparkSession) -> None:
    orders = amounts(spark, ("USD", "1.00", "2024-05-01"), ("EUR", "0.00", "2024-05-01"))
    totals = amounts(spark, ("GBP", "2.00", "2024-05-01"))

    result = reconciled(same_amount(), {"orders": orders, "sales": totals})

    assert (result.failed_count, result.detail) == (2, "GBP: orders 0, sales 2.00; USD: orders 1.00, sales 0")


def test_only_rows_that_the_total_is_about_count_with_the_date_of_the_run(spark: SparkSession) -> None:
    orders = amounts(spark, ("USD", "1.00", "2024-05-31"), ("USD", "9.00", "2024-06-01"))
    totals = amounts(spark, ("USD", "1.00", "2024-05-01"))

    assert reconciled(same_amount("day <= DATE '{as_of}'"), {"orders": orders, "sales": totals}).passed


def test_rows_are_counted_where_the_total_is_of_all_columns(spark: SparkSession) -> None:
    orders = amounts(spark, ("USD", "1.00", "2024-05-31"), ("USD", "1.00", "2024-05-31"))
    totals = amounts(spark, ("USD", "2.00", "2024-05-01"))

    assert reconciled(same_amount(column="*"), {"orders": orders, "sales": totals}).detail == "USD: orders 2, sales 1"


def test_a_total_over_everything_is_called_all(spark: SparkSession) -> None:
    rule = Reconciliation(
        name="rows",
        left=Total(table="orders", column="*", by=()),
        right=Total(table="sales", column="*", by=()),
        description="as many rows",
    )

    result = reconciled(rule, {"orders": amounts(spark, ("USD", "1.00", "2024-05-31")), "sales": amounts(spark)})

    assert result.detail == "all: orders 1, sales 0"
