"""A table of an operational database: what is pulled of it, and what becomes of changed and deleted rows."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from operational_systems import EVERYTHING, NAMES, HomeOfProducts, Systems

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


def test_the_rows_of_a_table_are_published(home: HomeOfProducts, systems: Systems) -> None:
    systems.add_customers(1, 2)

    home.run()

    assert home.rows(NAMES) == [(1, "Ada"), (2, "Ada")]
    assert home.pulls() == [(2, 2, 0, 0, 0)]


def test_only_new_and_changed_rows_are_pulled_and_only_these_are_updated(
    home: HomeOfProducts, systems: Systems
) -> None:
    systems.add_customers(1, 2, 3)
    home.run()
    systems.add_customers(4)
    systems.execute("UPDATE sources.crm_customers SET first_name = 'Bo' WHERE id = 2")

    report = home.run()

    assert home.rows(NAMES) == [(1, "Ada"), (2, "Bo"), (3, "Ada"), (4, "Ada")]
    assert home.pulls() == [(3, 2, 0, 1, 0), (2, 2, 0, 0, 0)]
    assert [table.name for table in report.tables if table.action != "skipped"] == ["crm_customers", "customers"]


def test_a_row_that_is_deleted_at_the_source_disappears_and_is_counted(home: HomeOfProducts, systems: Systems) -> None:
    systems.add_customers(*range(1, 21))
    home.run()
    systems.execute("DELETE FROM sources.crm_customers WHERE id = 2")

    report = home.run()

    assert 2 not in [number for number, _ in home.rows(NAMES)]
    assert home.pulls() == [(20, 19, 0, 1, 0), (1, 0, 0, 0, 1)]
    assert "sources.crm_customers: 1 rows are gone there since the last pull" in report.notes


def test_a_deleted_row_may_come_back(home: HomeOfProducts, systems: Systems) -> None:
    systems.add_customers(1, 2)
    home.run()
    systems.execute("DELETE FROM sources.crm_customers WHERE id = 2")
    home.run()
    systems.add_customers(2, name="Bo")

    home.run()

    assert home.rows(NAMES) == [(1, "Ada"), (2, "Bo")]
    assert home.pulls() == [(2, 1, 0, 1, 0), (1, 0, 0, 0, 1), (1, 1, 0, 0, 0)]


def test_a_table_that_is_empty_by_now_leaves_none_of_its_rows(home: HomeOfProducts, systems: Systems) -> None:
    systems.add_customers(1, 2)
    home.run()
    systems.execute("DELETE FROM sources.crm_customers")

    home.run()

    assert home.rows(NAMES) == []


def test_a_row_that_cannot_be_is_in_quarantine_until_it_is_put_right_at_the_source(
    home: HomeOfProducts, systems: Systems
) -> None:
    systems.add_customers(1, 2)
    email = "é".ljust(100, "x")  # 100 characters, 101 bytes
    systems.execute("UPDATE sources.crm_customers SET email = %s WHERE id = 2", email)
    home.run()
    assert home.rows("SELECT row_key, reasons FROM quarantine.rejected_row") == [("2", "too_long_email")]
    systems.execute("UPDATE sources.crm_customers SET email = 'two@example.org' WHERE id = 2")

    home.run()

    assert home.rows("SELECT email FROM sales_crm.customers WHERE id = 2") == [("two@example.org",)]
    assert home.pulls() == [(2, 1, 0, 1, 0), (1, 1, 0, 0, 0)]
    assert home.rows("SELECT * FROM quarantine.rejected_row") == []


def test_any_history_of_changes_ends_equal_to_one_pull_of_what_is_there(
    tmp_path: Path, engine_name: str, systems: Systems, spark: SparkSession
) -> None:
    bit_by_bit = HomeOfProducts.new(tmp_path / "bit_by_bit", engine_name, systems)
    draw = random.Random(7)
    systems.add_customers(*range(100, 130))  # what is small beside these is updated by key
    bit_by_bit.run()
    for _ in range(6):
        for number in draw.sample(range(1, 12), 4):
            systems.execute("DELETE FROM sources.crm_customers WHERE id = %s", number)
            if draw.random() < 0.7:
                systems.add_customers(number, name=draw.choice(["Ada", "Bo", "Cy", "x" * 50]))
        bit_by_bit.run()
    at_once = HomeOfProducts.new(tmp_path / "at_once", engine_name, systems)

    at_once.run()

    assert bit_by_bit.rows(EVERYTHING) == at_once.rows(EVERYTHING)
    rebuilt = bit_by_bit.pulls()
    bit_by_bit.run(is_full=True)
    assert bit_by_bit.rows(EVERYTHING) == at_once.rows(EVERYTHING)
    assert bit_by_bit.pulls() == rebuilt


def test_a_product_that_reads_tables_needs_no_folder_and_refuses_one(home: HomeOfProducts, tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"^--input: sales_crm reads no files; run it without$"):
        home.run(input=tmp_path)
