"""The catalogue's site after real runs: what they found is on its pages, and nobody's name is."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from every_byte import found_in
from operational_systems import HomeOfProducts, Systems

from medallion import cli

PRODUCTS = ("sales_crm", "sales_erp", "logistics_wms", "marketing_360")
NAME, EMAIL = "Zebulonia", "73519064@example.org"


@pytest.fixture
def site(home: HomeOfProducts, systems: Systems, engine_name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Built after four products ran: two customers, one order with two shipments, and an order of nobody."""
    monkeypatch.chdir(home.workspace.home.parent)
    systems.add_customers(73519064, 73519065, name=NAME)
    systems.execute("INSERT INTO sources.erp_orders VALUES (1, 73519064, '2024-02-01', 10), (2, 99, '2024-02-01', 10)")
    systems.execute(
        "INSERT INTO sources.wms_shipments VALUES (1, 1, '2024-02-02', 'Shipped'), (2, 1, '2024-02-04', 'In Transit')"
    )
    for name in PRODUCTS:
        home.run(name)
    # The plans of builds are read on the embedded engine, which does not mix with the other one in a process.
    lineage = "--lineage" if engine_name == "embedded" else "--no-lineage"
    assert cli.main(["catalog", "build", lineage, "--home", str(home.workspace.home)]) == 0
    return home.workspace.home / "catalog"


def text_of(page: Path) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.read_text(encoding="utf-8"))).split())


def test_the_site_shows_what_the_runs_found_and_nobodys_name(site: Path, home: HomeOfProducts) -> None:
    assert found_in(home.workspace.home, (NAME, EMAIL)).keys() >= {"warehouse.duckdb (sales_crm_silver.crm_customers)"}
    assert found_in(site, (NAME, EMAIL, "73519064", "Archer")) == {}
    marketing = text_of(site / "products" / "marketing_360.html")
    assert "warned orders every order is of a customer that Sales CRM has orders_have_customers 1" in marketing
    assert "sales_crm.customers Sales CRM Customers id , first_name , last_name , email , signup_date 1 20" in marketing
    assert "version 1 published" in text_of(site / "index.html")
    activity = text_of(site / "tables" / "marketing_360.customer_activity.html")
    assert "••••• ••••• ••••• 20 1 10.00 3 In Transit" in activity
