"""`medallion catalog`: who answers for which product, what it offers and reads, and how it stands."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from outcome import Medallion

from medallion.catalog import PRODUCTS, product
from medallion.domains import SALES
from medallion.governance import Governance, Lifecycle
from medallion.warehouse.duckdb import DuckDbWarehouse


@pytest.mark.parametrize("arguments", [("catalog",), ("catalog", "list")])
def test_all_products_are_listed_with_domain_and_owner(medallion: Medallion, arguments: tuple[str, ...]) -> None:
    outcome = medallion(*arguments)

    for one in PRODUCTS:
        assert one.governance.domain
        assert re.search(rf"^ {one.name} +{one.governance.domain.name} +{one.governance.type} ", outcome.out, re.M)


def test_products_are_chosen_by_domain_and_tag(medallion: Medallion) -> None:
    def listed(*options: str) -> list[str]:
        return [one["product"] for one in medallion("catalog", "list", *options, "--json").document["products"]]

    assert listed("--domain", "logistics") == ["logistics_wms"]
    assert listed("--tag", "personal data", "--domain", "marketing") == ["marketing_360"]
    assert listed("--tag", "no such tag") == []


def test_a_product_is_described_with_what_it_reads_and_who_reads_it(medallion: Medallion) -> None:
    marketing = medallion("catalog", "describe", "marketing_360", "--json").document
    crm = medallion("catalog", "describe", "sales_crm", "--json").document

    assert marketing["inputs"] == ["sales_crm.customers", "sales_erp.orders", "logistics_wms.shipments"]
    assert marketing["output_ports"][0]["tables"] == ["marketing_360.customer_activity"]
    assert (marketing["version"], marketing["is_fresh"]) == (None, None)
    assert (crm["sources"], crm["consumers"]) == (["sources.crm_customers"], ["marketing_360"])


def test_a_product_that_was_published_long_ago_is_not_fresh(medallion: Medallion, warehouse: DuckDbWarehouse) -> None:
    found = medallion("catalog", "describe", "restaurant", "--json").document

    assert (found["version"], found["freshness_hours"], found["is_fresh"]) == (3, 24, False)


def test_people_read_the_description_in_lines(medallion: Medallion) -> None:
    lines = medallion("catalog", "describe", "sales_erp").out.splitlines()

    assert lines[0] == "Sales ERP Orders (sales_erp)"
    assert "reads: sources.erp_orders" in lines
    assert "service level: published within the last 24 hours; fresh now: never published" in lines


def test_a_product_is_not_ready_before_somebody_answers_for_it() -> None:
    with pytest.raises(ValueError, match=r"^a product that is ready has to say its owner, output_ports, terms_of_use$"):
        Governance(domain=SALES, lifecycle=Lifecycle.READY, freshness=timedelta(days=1))


def test_every_product_has_a_description_for_people() -> None:
    assert all(product(one.name).description.endswith(".") for one in PRODUCTS)
