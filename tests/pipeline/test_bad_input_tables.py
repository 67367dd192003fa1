"""Bad rows in the tables of operational systems: where each ends, what the user is told, and that none is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from operational_systems import HomeOfProducts, Systems

from medallion import cli

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

PRODUCTS = ("sales_crm", "sales_erp", "logistics_wms", "marketing_360")
ROWS = """
    INSERT INTO sources.crm_customers VALUES (1, 'Ada', 'Archer', 'ada@example.org', '2024-05-01'),
        (2, 'Bo', 'Byte', 'bo@example.org', '2024-05-01'), (3, 'Cy', 'Long', rpad('é', 100, 'x'), '2024-05-01');
    INSERT INTO sources.erp_orders VALUES (10, 1, '2024-05-02', 10.00), (11, 2, '2024-05-02', 20.00),
        (12, NULL, '2024-05-02', 30.00), (13, 3, '2024-05-02', 40.00);
    INSERT INTO sources.wms_shipments VALUES (100, 10, '2024-05-03', 'Shipped'), (101, 10, '2024-05-04', 'In Transit'),
        (102, 11, '2024-05-03', 'Left on the porch'), (103, 10, '2024-05-05', 'delivered')"""
ACTIVITY = "SELECT customer_id, order_id, days_from_order_to_ship, delivery_status FROM marketing_360.customer_activity"
QUARANTINE = "SELECT product, row_key, reasons FROM quarantine.rejected_row ORDER BY ALL"


@pytest.fixture
def told(
    tmp_path: Path,
    engine_name: str,
    systems: Systems,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> tuple[HomeOfProducts, str]:
    """A home in which the four products were run on the bad rows, and what the user was told of the last."""
    home = HomeOfProducts.new(tmp_path / "home", engine_name, systems)
    monkeypatch.setenv("MEDALLION_SOURCE_DSN", systems.dsn)
    systems.execute(ROWS)
    for name in PRODUCTS:
        capfd.readouterr()
        assert cli.main(["run", name, "--home", str(home.workspace.home), "--engine", engine_name]) == 0
    return home, capfd.readouterr().out


def test_each_bad_row_is_in_quarantine_with_its_reason_and_no_row_is_lost(told: tuple[HomeOfProducts, str]) -> None:
    home, _ = told

    assert home.rows(QUARANTINE) == [
        ("logistics_wms", "102", "unknown_status"),
        ("logistics_wms", "103", "unknown_status"),  # written otherwise: statuses are taken as written
        ("sales_crm", "3", "too_long_email"),  # 100 characters, 101 bytes
    ]
    assert [*home.pulls("crm_customers"), *home.pulls("erp_orders"), *home.pulls("wms_shipments")] == [
        (3, 2, 1, 0, 0),
        (4, 4, 0, 0, 0),
        (4, 2, 2, 0, 0),
    ]


def test_of_two_current_shipments_the_one_shipped_last_counts_and_the_user_is_told(
    told: tuple[HomeOfProducts, str],
) -> None:
    home, output = told

    assert home.rows(f"{ACTIVITY} WHERE order_id = 10") == [(1, 10, 2, "In Transit")]
    assert "1 orders have several shipments under way: the one shipped last counts" in output


def test_an_order_whose_shipment_was_refused_is_there_without_a_status(told: tuple[HomeOfProducts, str]) -> None:
    home, _ = told

    assert home.rows(f"{ACTIVITY} WHERE order_id = 11") == [(2, 11, None, None)]


def test_orders_of_nobody_are_published_as_orders_and_counted_where_they_are_in_no_row(
    told: tuple[HomeOfProducts, str],
) -> None:
    home, output = told

    assert home.rows("SELECT order_id FROM sales_erp.orders ORDER BY 1") == [(10,), (11,), (12,), (13,)]
    assert home.rows(f"{ACTIVITY} WHERE order_id IN (12, 13)") == []
    assert "2 orders are of no known customer: they are in no row" in output


def test_an_order_of_a_customer_who_is_deleted_leaves_with_the_customer_and_is_counted(
    told: tuple[HomeOfProducts, str], systems: Systems
) -> None:
    home, _ = told
    systems.execute("DELETE FROM sources.crm_customers WHERE id = 2")

    home.run("sales_crm")
    report = home.run("marketing_360")

    assert home.rows(ACTIVITY) == [(1, 10, 2, "In Transit")]
    [found] = [check for check in report.checks if check.name == "orders_have_customers"]
    assert (found.failed_count, found.passed) == (3, False)
    assert home.rows("SELECT count(*) FROM sales_erp.orders") == [(4,)]
