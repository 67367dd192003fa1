"""Totals and records, checked over the tables of a warehouse within the transaction that would publish them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from kiosk import NOW

from medallion.checks import Reconciliation, Severity, Total
from medallion.pipeline.audit import CheckResult
from medallion.pipeline.reconcile import account_for, reconcile
from medallion.warehouse.base import Session
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.records import Batch
from medallion.warehouse.totals import Totals

AS_OF = date(2024, 5, 31)
Row = tuple[str | None, str, str]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with DuckDbWarehouse(tmp_path / "warehouse.duckdb").write() as session:
        session.execute("CREATE SCHEMA shop")
        for name in ("orders", "sales"):
            session.execute(f"CREATE TABLE shop.{name} (currency VARCHAR, amount DECIMAL(18,2), day DATE)")
        yield session


def with_rows(session: Session, table: str, *rows: Row) -> None:
    for row in rows:
        session.execute(f"INSERT INTO shop.{table} VALUES (?, ?, ?)", row)


def same_amount(left_where: str = "true", column: str = "amount") -> Reconciliation:
    return Reconciliation(
        name="same",
        left=Total(table="orders", column=column, where=left_where),
        right=Total(table="sales", column=column),
        description="the same",
    )


def reconciled(session: Session, rule: Reconciliation) -> CheckResult:
    return reconcile(Totals(session, "shop.{}".format, AS_OF, [rule.left, rule.right]), rule)


def test_totals_that_agree_group_by_group_pass(session: Session) -> None:
    with_rows(
        session, "orders", ("USD", "0.10", "2024-05-01"), ("USD", "0.20", "2024-05-02"), ("EUR", "5", "2024-05-01")
    )
    with_rows(session, "sales", ("USD", "0.30", "2024-05-01"), ("EUR", "5.00", "2024-05-01"))

    assert reconciled(session, same_amount()).passed


def test_totals_are_compared_to_the_cent_and_what_differs_is_named(session: Session) -> None:
    with_rows(session, "orders", ("USD", "12345678901234.56", "2024-05-01"), ("EUR", "5.00", "2024-05-01"))
    with_rows(session, "sales", ("USD", "12345678901234.55", "2024-05-01"), ("EUR", "5.00", "2024-05-01"))

    result = reconciled(session, same_amount())

    assert (result.table, result.severity, result.failed_count) == ("sales", Severity.FAIL, 1)
    assert result.detail == "USD: orders 12345678901234.56, sales 12345678901234.55"


def test_a_group_that_one_side_lacks_differs_unless_it_is_zero(session: Session) -> None:
    with_rows(session, "orders", ("USD", "1.00", "2024-05-01"), ("EUR", "0.00", "2024-05-01"))
    with_rows(session, "sales", ("GBP", "2.00", "2024-05-01"))

    result = reconciled(session, same_amount())

    assert (result.failed_count, result.detail) == (2, "GBP: orders 0, sales 2.00; USD: orders 1.00, sales 0")


def test_only_rows_that_the_total_is_about_count_with_the_date_of_the_run(session: Session) -> None:
    with_rows(session, "orders", ("USD", "1.00", "2024-05-31"), ("USD", "9.00", "2024-06-01"))
    with_rows(session, "sales", ("USD", "1.00", "2024-05-01"))

    assert reconciled(session, same_amount("day <= DATE '{as_of}'")).passed


def test_rows_are_counted_where_the_total_is_of_all_columns(session: Session) -> None:
    with_rows(session, "orders", ("USD", "1.00", "2024-05-31"), ("USD", "1.00", "2024-05-31"))
    with_rows(session, "sales", ("USD", "2.00", "2024-05-01"))

    assert reconciled(session, same_amount(column="*")).detail == "USD: orders 2, sales 1"


def test_a_total_over_everything_is_called_all(session: Session) -> None:
    with_rows(session, "orders", ("USD", "1.00", "2024-05-31"))
    rule = Reconciliation(
        name="rows",
        left=Total(table="orders", column="*", by=()),
        right=Total(table="sales", column="*", by=()),
        description="as many rows",
    )

    assert reconciled(session, rule).detail == "all: orders 1, sales 0"


def delivered(file_name: str, *, accepted: int, duplicates: int = 5, refused: int = 10, kept_out: int = 5) -> Batch:
    """A file of 120 records, of which so many were accepted, refused by silver or kept out by the gate."""
    return Batch(
        product="kiosk", source="tickets", batch_id=file_name, file_name=file_name, record_count=120,
        accepted_count=120 - kept_out, rejected_count=kept_out, published_count=accepted, refused_count=refused,
        duplicate_count=duplicates, registered_at=NOW,
    )  # fmt: skip


def test_the_records_of_every_file_are_accounted_for_to_the_last() -> None:
    result = account_for("tickets", [delivered("a.csv", accepted=100), delivered("b.csv", accepted=105, duplicates=0)])

    assert (result.passed, result.detail) == (True, "240 records of 2 files")


@pytest.mark.parametrize(("accepted", "off"), [(99, "1"), (102, "-2")])
def test_a_record_lost_or_counted_twice_is_found_with_its_file(accepted: int, off: str) -> None:
    result = account_for("tickets", [delivered("a.csv", accepted=100), delivered("b.csv", accepted=accepted)])

    assert (result.failed_count, result.severity) == (abs(int(off)), Severity.FAIL)
    assert result.detail == (f"b.csv: 120 delivered = {accepted} accepted + 15 rejected + 5 duplicates is off by {off}")


def test_a_record_lost_in_one_file_is_not_made_up_for_by_one_counted_twice_in_another() -> None:
    result = account_for("tickets", [delivered("a.csv", accepted=99), delivered("b.csv", accepted=101)])

    assert result.failed_count == 2
