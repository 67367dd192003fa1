"""Columns on the catalogue's pages: what they are computed from, what uses them, and where that is not known."""

from __future__ import annotations

from site_facts import facts_of, site
from site_reading import text_of

from medallion.catalog import product
from medallion.column_lineage.builds import TableLineage
from medallion.column_lineage.origins import UNKNOWN, ColumnRef, Origin
from medallion.documentation.site.pages import render


def with_lineage() -> dict[str, str]:
    crm = {}
    for table, read in (("crm_customers", "bronze_crm_customers"), ("customers", "crm_customers")):
        known = {"first_name": Origin(frozenset({ColumnRef(read, "first_name")}))}
        names = product("sales_crm").step(table).table.column_names
        crm[table] = TableLineage({name: known.get(name, UNKNOWN) for name in names}, UNKNOWN)
    return render(site(facts_of(product("sales_crm")), lineage={"sales_crm": crm}))


def test_columns_are_followed_back_to_the_source_and_on_to_what_uses_them() -> None:
    files = with_lineage()

    words = text_of(files, "tables/sales_crm.customers.html").split("Used by", 1)[1]
    assert "first_name sales_crm.crm_customers.first_name – sources.crm_customers.first_name –" in words
    assert "sales_crm.customers.first_name" in text_of(files, "tables/sales_crm.crm_customers.html")


def test_a_column_of_constants_goes_back_to_what_decides_about_it() -> None:
    crm = product("sales_crm")
    decided = Origin(decided=frozenset({ColumnRef("bronze_crm_customers", "email")}))
    names = crm.step("crm_customers").table.column_names
    lineage = {"sales_crm": {"crm_customers": TableLineage(dict.fromkeys(names, decided))}}

    words = text_of(render(site(facts_of(crm), lineage=lineage)), "tables/sales_crm.crm_customers.html")

    row = "id no column alone: see what decides it sources.crm_customers.email sources.crm_customers.email –"
    assert row in words


def test_of_many_columns_the_first_are_shown_and_the_others_on_demand() -> None:
    crm = product("sales_crm")
    names = crm.step("customers").table.column_names
    every = Origin(frozenset(ColumnRef("crm_customers", name) for name in names))
    lineage = {"sales_crm": {"customers": TableLineage(dict.fromkeys(names, every))}}

    words = text_of(render(site(facts_of(crm), lineage=lineage)), "tables/sales_crm.customers.html")

    assert f"sales_crm.crm_customers.id and {len(names) - 3} more" in words


def test_where_the_build_cannot_tell_the_page_says_so() -> None:
    words = text_of(with_lineage(), "tables/sales_crm.customers.html").split("Used by", 1)[1]

    assert "email not known – – –" in words
    assert "and by what is not known" in words


def test_without_lineage_the_page_says_why() -> None:
    files = render(site(facts_of(product("sales_crm")), lineage_note="It was left out."))

    assert text_of(files, "tables/sales_crm.customers.html").count("It was left out.") == 1
