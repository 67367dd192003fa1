"""What a pull must not do: publish what the table no longer says, or empty what is published by accident."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from operational_systems import NAMES, HomeOfProducts, Systems

from medallion.catalog import product
from medallion.checks import DeletionLimit
from medallion.errors import AuditError, InputError
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request
from medallion.settings import load_rules

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from medallion.pipeline.progress import Event

ALLOWED = {"sales_crm.crm_customers": DeletionLimit(ratio=None)}


def test_a_table_that_was_emptied_stops_the_run_and_what_is_published_stays(
    home: HomeOfProducts, systems: Systems
) -> None:
    systems.add_customers(*range(1, 31))
    home.run()
    systems.execute("DELETE FROM sources.crm_customers")

    with pytest.raises(AuditError) as refusal:
        home.run()

    assert str(refusal.value) == (
        "crm_customers: check 'deletions_are_within_the_limit' fails for 30 rows (at most 50.0% of the rows that there"
        " were (from 20 rows on) are gone at once; where that is right, allow it:"
        ' MEDALLION_DELETION_LIMITS=\'{"sales_crm.crm_customers": {"ratio": null}}\'; 30 of 30 rows are gone from'
        " sources.crm_customers); nothing was published: correct the rule or the data and run the same command again"
    )
    assert len(home.rows(NAMES)) == 30


def test_the_same_command_goes_on_once_the_rows_are_back(home: HomeOfProducts, systems: Systems) -> None:
    systems.add_customers(*range(1, 31))
    home.run()
    systems.execute("DELETE FROM sources.crm_customers")
    with pytest.raises(AuditError):
        home.run()
    systems.add_customers(*range(1, 31), name="Bo")

    report = home.run()

    assert report.is_resumed
    assert home.rows(NAMES) == [(number, "Bo") for number in range(1, 31)]


def test_rows_may_all_be_gone_where_that_is_allowed(home: HomeOfProducts, systems: Systems) -> None:
    systems.add_customers(*range(1, 31))
    home.run()
    systems.execute("DELETE FROM sources.crm_customers WHERE id > 1")
    with pytest.raises(AuditError):
        home.run()
    settings = home.workspace.settings.model_copy(update={"deletion_limits": ALLOWED})
    home.workspace = replace(home.workspace, settings=settings)

    home.run()

    assert home.rows(NAMES) == [(1, "Ada")]


def test_few_deletions_stop_nothing_however_small_the_table(home: HomeOfProducts, systems: Systems) -> None:
    systems.add_customers(1, 2)
    home.run()
    systems.execute("DELETE FROM sources.crm_customers WHERE id = 1")

    home.run()

    assert home.rows(NAMES) == [(2, "Ada")]


@pytest.mark.parametrize("others", [0, 30], ids=["built whole", "updated by key"])
def test_a_row_that_was_good_and_is_not_any_more_is_published_no_more_as_after_a_first_pull(
    home: HomeOfProducts, systems: Systems, tmp_path: Path, engine_name: str, spark: SparkSession, others: int
) -> None:
    systems.add_customers(1, 2, *range(100, 100 + others))
    home.run()
    systems.execute("UPDATE sources.crm_customers SET signup_date = NULL WHERE id = 2")
    home.run()
    first = HomeOfProducts.new(tmp_path / "first", engine_name, systems)

    first.run()

    assert 2 not in [number for number, _ in home.rows(NAMES)]
    assert home.rows(NAMES) == first.rows(NAMES)
    systems.add_customers(3)
    systems.execute("UPDATE sources.crm_customers SET signup_date = '2024-02-02', first_name = 'Bo' WHERE id = 2")
    home.run()
    assert (2, "Bo") in home.rows(NAMES)


def test_a_rejected_row_that_is_deleted_is_in_quarantine_no_more_and_cannot_come_back(
    home: HomeOfProducts, systems: Systems
) -> None:
    systems.execute("INSERT INTO sources.wms_shipments VALUES (1, 1, '2024-05-01', 'Shipped')")
    systems.execute("INSERT INTO sources.wms_shipments VALUES (90, 1, '2024-05-01', 'Lost')")
    home.run("logistics_wms")
    assert home.rows("SELECT reasons FROM quarantine.rejected_row") == [("unknown_status",)]
    systems.execute("DELETE FROM sources.wms_shipments WHERE shipment_id = 90")

    home.run("logistics_wms")

    assert home.rows("SELECT reasons FROM quarantine.rejected_row") == []
    assert home.pulls("wms_shipments") == [(2, 1, 0, 1, 0), (1, 0, 0, 0, 1)]


def test_a_version_that_is_pruned_while_it_is_read_is_named_and_the_same_command_reads_the_newest(
    home: HomeOfProducts, systems: Systems
) -> None:
    systems.add_customers(1)
    for name in ("sales_crm", "sales_erp", "logistics_wms"):
        home.run(name)
    known = product("marketing_360")
    request = Request(product=known, rules=load_rules(known))

    def prune(event: Event) -> None:
        with home.workspace.warehouse.write() as session:
            session.execute("DROP VIEW IF EXISTS sales_crm.customers")
            session.execute("DROP TABLE IF EXISTS sales_crm_versions.customers__000001")

    with pytest.raises(InputError) as refusal:
        execute(home.workspace, request, prune)

    assert str(refusal.value) == (
        "marketing_360: version 1 of sales_crm.customers was pruned while it was read; run the same command again: it"
        " reads the newest version"
    )
    home.run("sales_crm", is_full=True)
    assert home.run("marketing_360").is_resumed
