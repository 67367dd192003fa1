"""Four products from three tables of a PostgreSQL: held against plain SQL, and the seed's rows in, numbers out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from operational_systems import HomeOfProducts, Systems

from medallion.ingest.source_sample import write_tables
from medallion.samples.customer_360 import COLUMNS, SCHEMA, Customer360Sample, generate

if TYPE_CHECKING:
    from medallion.pipeline.progress import Report

SEED = Path(__file__).parents[3] / "shared" / "data" / "customer_360" / "data_sources_seed.sql"
PRODUCTS = ("sales_crm", "sales_erp", "logistics_wms", "marketing_360")
STATUSES = "('Shipped', 'In Transit', 'Delivered')"
# Of an order's shipments the last one by (shipped_date, shipment_id); rows that a product refuses are not there.
ORACLE = f"""
    WITH customers AS (
        SELECT * FROM crm_customers WHERE signup_date IS NOT NULL AND strlen(email) <= 100 AND signup_date::date <= $day
    ), latest AS (
        SELECT order_ref, max_by(shipped_date, (shipped_date, shipment_id)) AS shipped_date,
            max_by(delivery_status, (shipped_date, shipment_id)) AS delivery_status
        FROM wms_shipments WHERE delivery_status IN {STATUSES} AND shipped_date::date <= $day GROUP BY order_ref
    )
    SELECT c.id, first_name || ' ' || last_name, email, $day - signup_date::date, order_id, total_amount,
        shipped_date::date - order_date::date, delivery_status
    FROM customers c
    LEFT JOIN (SELECT * FROM erp_orders WHERE order_date::date <= $day) o ON o.customer_id = c.id
    LEFT JOIN latest l ON l.order_ref = o.order_id
    ORDER BY 1, 5"""
ACTIVITY = "SELECT * FROM marketing_360.customer_activity ORDER BY customer_id, order_id"


def run_all(home: HomeOfProducts, **asked: Any) -> dict[str, Report]:
    return {name: home.run(name, **(asked if name == "marketing_360" else {})) for name in PRODUCTS}


@pytest.mark.parametrize(
    ("sample", "day"),
    [
        (Customer360Sample(customers=150), None),
        (Customer360Sample(customers=150, seed=2, dirty=1.0), None),
        (Customer360Sample(customers=150, seed=3, dirty=1.0), date(2023, 11, 30)),
    ],
    ids=["clean", "dirty", "a day in the past"],
)
def test_generated_tables_give_what_plain_sql_gives(
    home: HomeOfProducts, systems: Systems, sample: Customer360Sample, day: date | None
) -> None:
    generated = generate(sample)
    write_tables(systems.dsn, SCHEMA, COLUMNS, generated.tables, is_replacing=True)

    reports = run_all(home, as_of=day)

    with duckdb.connect() as connection:
        for name, rows in generated.tables.items():
            connection.execute(f"CREATE TABLE {name} ({COLUMNS[name]})")
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' for _ in rows[0])})", rows)
        expected = connection.execute(ORACLE, {"day": day or reports["marketing_360"].as_of}).fetchall()
    assert len(expected) > 100
    assert home.rows(ACTIVITY) == expected


def test_planted_faults_are_found_where_they_belong(home: HomeOfProducts, systems: Systems) -> None:
    generated = generate(Customer360Sample(customers=200, dirty=0.5))
    write_tables(systems.dsn, SCHEMA, COLUMNS, generated.tables, is_replacing=True)

    reports = run_all(home)

    planted = generated.planted
    refused = dict(home.rows("SELECT reasons, count(*) FROM quarantine.rejected_row GROUP BY 1"))
    assert refused == {
        "too_long_email": planted["email_of_101_bytes"],
        "invalid_signup_date": planted["missing_signup_date"],
        "unknown_status": planted["unknown_status"],
    }
    warned = {check.name: check.failed_count for check in reports["marketing_360"].checks if not check.passed}
    # Orders of the customers that were refused have none either.
    assert warned["orders_have_customers"] >= planted["order_of_deleted_customer"] + planted["order_without_customer"]
    assert warned["orders_have_one_shipment_under_way"] >= 1


def test_the_seeds_rows_give_the_seeds_target_table(home: HomeOfProducts, systems: Systems) -> None:
    if not SEED.is_file():
        pytest.skip(f"{SEED} is not here")
    systems.execute(SEED.read_text())

    run_all(home)

    # As of 2024-06-01, the newest day: 15 January, 20 February and 10 March are 138, 102 and 83 days before.
    assert home.rows(ACTIVITY) == [
        (1, "John Doe", "john.doe@example.com", 138, 1, Decimal("150.75"), 1, "Delivered"),
        (1, "John Doe", "john.doe@example.com", 138, 2, Decimal("200.00"), 1, "In Transit"),
        (2, "Jane Smith", "jane.smith@example.com", 102, 3, Decimal("75.50"), 0, "Delivered"),
        (2, "Jane Smith", "jane.smith@example.com", 102, 5, Decimal("120.00"), None, None),
        (3, "Peter Jones", "peter.jones@example.com", 83, 4, Decimal("500.25"), 1, "Shipped"),
    ]
