"""The pages of the catalogue: whole, linked, self-contained, safe, and the same for the same facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest
from shop_contracts import CUSTOMERS
from shop_contracts import PRODUCT as SHOP
from site_facts import NOW, check, facts_of, published, site, table_of
from site_reading import Page, target

from medallion.catalog import PRODUCTS, product
from medallion.column_lineage.builds import TableLineage
from medallion.column_lineage.origins import UNKNOWN, ColumnRef, Origin
from medallion.documentation.odcs import export
from medallion.documentation.site.facts import AccessFacts, InputFacts
from medallion.documentation.site.pages import render
from medallion.domains import SALES
from medallion.governance import Governance, OutputPort

HOSTILE = "</script><script>alert('x')</script><img src=http://evil.example/x onerror=alert(1)> \"'&"
ALL_PUBLISHED = site(*(published(one) for one in PRODUCTS))
ALL_CONTRACTS = site(*(facts_of(one) for one in PRODUCTS))


@cache
def built(*, is_published: bool) -> dict[str, str]:
    return render(ALL_PUBLISHED if is_published else ALL_CONTRACTS)


@pytest.fixture(scope="module", params=[True, False], ids=["published", "contracts alone"])
def files(request: pytest.FixtureRequest) -> dict[str, str]:
    return built(is_published=request.param)


def pages(files: dict[str, str]) -> dict[str, Page]:
    return {path: Page(text) for path, text in files.items() if path.endswith(".html")}


def search_index(files: dict[str, str]) -> list[dict[str, str]]:
    script = files["assets/search-index.js"]
    found: list[dict[str, str]] = json.loads(script.removeprefix("window.CATALOG_INDEX = ").removesuffix(";\n"))
    return found


def text_of(files: dict[str, str], path: str) -> str:
    return Page(files[path]).text


def test_there_is_a_page_for_each_domain_product_and_table_and_a_contract_for_each_port(files: dict[str, str]) -> None:
    expected = {"index.html", "lineage.html", "assets/style.css", "assets/site.js", "assets/search-index.js"}
    for one in PRODUCTS:
        assert one.governance.domain
        expected |= {f"products/{one.name}.html", f"domains/{one.governance.domain.name.lower()}.html"}
        expected |= {f"tables/{one.name}.{step.table.name}.html" for step in one.steps}
        expected |= {f"contracts/{one.name}.{port.name}.odcs.yaml" for port in one.governance.output_ports}
    assert files.keys() == expected


def test_every_link_leads_to_a_file_and_an_anchor_in_it(files: dict[str, str]) -> None:
    found = pages(files)
    broken = []
    for path, page in found.items():
        for link in page.links:
            file, anchor = target(path, link)
            if file not in files or (anchor and anchor not in found[file].anchors):
                broken.append(f"{path}: {link}")
    assert broken == []


def test_every_page_has_a_title_of_its_own_one_heading_and_anchors_that_occur_once(files: dict[str, str]) -> None:
    found = pages(files)

    assert len({page.title for page in found.values()}) == len(found)
    assert {page.tags.count("h1") for page in found.values()} == {1}
    assert {page.tags.count("main") for page in found.values()} == {1}
    assert [path for path, page in found.items() if len(page.anchors) != len(set(page.anchors))] == []


def test_nothing_is_loaded_from_anywhere_else(files: dict[str, str]) -> None:
    loaded = {(path, resource) for path, page in pages(files).items() for resource in page.resources}

    assert {resource.rsplit("../", 1)[-1] for _, resource in loaded} == {
        "data:,",
        "assets/style.css",
        "assets/site.js",
        "assets/search-index.js",
    }
    own = {path: text for path, text in files.items() if not path.endswith(".yaml")}
    assert [path for path, text in own.items() if "http:" in text or "https:" in text] == []
    assert "url(" not in files["assets/style.css"]
    assert "@import" not in files["assets/style.css"]


def test_the_same_facts_give_the_same_bytes() -> None:
    assert render(ALL_PUBLISHED) == built(is_published=True)


def test_the_time_of_building_is_the_only_thing_that_differs_between_two_builds() -> None:
    later = render(replace(ALL_PUBLISHED, built_at=NOW + timedelta(minutes=5)))

    assert {path: text.replace("12:05", "12:00") for path, text in later.items()} == built(is_published=True)


def test_the_search_index_has_every_product_port_table_and_column_with_an_address_that_is_there() -> None:
    files = built(is_published=True)
    index = search_index(files)
    named = {(one["k"], one["c"], one["t"]) for one in index}

    for one in PRODUCTS:
        domain = one.governance.domain
        assert domain
        assert ("product", domain.name, one.title) in named
        assert {("port", one.title, port.name) for port in one.governance.output_ports} <= named
        for step in one.steps:
            assert ("table", one.schema(step.table.layer), step.table.name) in named
            owner = f"{one.name}.{step.table.name}"
            assert {("column", owner, column.name) for column in step.table.columns} <= named
    addresses = [target("index.html", one["u"]) for one in index]
    found = pages(files)
    assert [(file, anchor) for file, anchor in addresses if anchor and anchor not in found[file].anchors] == []


def test_owners_and_tags_are_searched_for() -> None:
    index = built(is_published=False)["assets/search-index.js"]

    (line,) = [line for line in index.splitlines() if '"t": "Marketing Customer 360"' in line]
    assert "Campaign team" in line
    assert "personal data" in line


def hostile_shop() -> dict[str, str]:
    column = replace(CUSTOMERS.columns[2], description=HOSTILE, accepted=(HOSTILE,))
    table = replace(CUSTOMERS, description=HOSTILE, columns=(*CUSTOMERS.columns[:2], column, *CUSTOMERS.columns[3:]))
    steps = (SHOP.steps[0], replace(SHOP.steps[1], table=table))
    port = OutputPort(name=HOSTILE, description=HOSTILE, tables=("customers",))
    agreed = Governance(domain=SALES, owner=HOSTILE, terms_of_use=HOSTILE, tags=(HOSTILE,), output_ports=(port,))
    shop = replace(SHOP, title=HOSTILE, description=HOSTILE, steps=steps, governance=agreed)
    row = ("Ada", HOSTILE, HOSTILE, 0.5, None, True, 3)
    failed = check("customers", passed=False, detail=HOSTILE, description=HOSTILE)
    facts = published(shop, tables={"customers": table_of("customers", table.column_names, row)}, checks=(failed,))
    return render(site(facts))


def test_markup_in_descriptions_and_values_stays_text() -> None:
    files = hostile_shop()

    for path, page in pages(files).items():
        assert page.tags.count("script") == 2, path  # the site's own
        assert "img" not in page.tags, path
        assert not any("evil" in resource for resource in page.resources), path
    assert "alert('x')" in text_of(files, "tables/shop.customers.html")
    assert search_index(files)[2]["t"] == HOSTILE


def test_files_of_products_with_strange_names_stay_in_the_folder() -> None:
    files = render(site(facts_of(replace(SHOP, name="../../etc/passwd"))))

    assert [path for path in files if ".." in path or path.startswith("/")] == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (published(product("sales_erp")), "fresh"),
        (published(product("sales_erp"), is_fresh=False), "stale"),
        (facts_of(product("sales_erp")), "never published"),
        (published(SHOP, is_fresh=None), "nothing promised"),
    ],
)
def test_the_start_page_and_the_product_say_whether_it_is_fresh(facts, words: str) -> None:
    files = render(site(facts))

    for path in ("index.html", f"products/{facts.name}.html"):
        assert f">{words}</span>" in files[path]


def test_what_is_fresh_says_until_when_so_that_a_page_that_lies_around_can_tell() -> None:
    page = render(site(published(product("sales_erp"))))["products/sales_erp.html"]

    assert 'data-fresh-since="2024-06-02T10:00:00+00:00" data-fresh-hours="24.0"' in page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("index.html", "Nothing is published yet: what follows is what the contracts say. Publish with medallion run"),
        ("products/restaurant.html", "Nothing is published yet. Publish it with medallion run restaurant --input DIR"),
        ("products/sales_crm.html", "Nothing is published yet. Publish it with medallion run sales_crm, then"),
        ("products/sales_crm.html", "Nothing was checked yet"),
        ("tables/sales_crm.customers.html", "Nothing is published yet. Publish it with medallion run sales_crm, then"),
    ],
)
def test_before_any_run_pages_say_what_to_type(path: str, words: str) -> None:
    assert words in text_of(built(is_published=False), path)


def test_a_product_that_nobody_answers_for_is_shown_as_that() -> None:
    files = render(site(facts_of(SHOP)))

    assert "Owner nobody yet" in text_of(files, "products/shop.html")
    assert "Products that no domain answers for yet." in text_of(files, "domains/no-domain.html")
    assert "offered to nobody yet" in text_of(files, "products/shop.html")


def test_personal_data_is_masked_in_samples_by_the_contracts_marks() -> None:
    row = ("Zebulon", "EUR", "High", 0.5, date(2024, 5, 1), True, 1234)
    shop = published(SHOP, tables={"customers": table_of("customers", CUSTOMERS.column_names, row)})

    files = render(site(shop))

    assert [path for path, text in files.items() if "Zebulon" in text] == []
    assert "••••• EUR High 50.0 % 2024-05-01 True 1,234" in text_of(files, "tables/shop.customers.html")


def test_a_column_that_is_not_published_yet_is_left_out_of_the_sample() -> None:
    shop = published(SHOP, tables={"customers": table_of("customers", ("currency",), ("EUR",))})

    sample = text_of(render(site(shop)), "tables/shop.customers.html").split("Sample", 1)[1]

    assert sample.startswith(" currency EUR The first 1 of 1,234 rows of version 2.")


def test_warnings_and_failures_stand_with_what_they_found() -> None:
    checks = (
        check("orders"),
        check("orders", "warn", passed=False, name="odd", description="nothing is odd", detail="7 are odd"),
        check("customers", passed=False, name="bad", description="nothing is bad", detail="keys (3)"),
    )
    files = render(site(published(SHOP, checks=checks)))

    words = text_of(files, "products/shop.html")
    assert "Passed 1 Warned 1 Failed 1" in words
    assert "failed customers nothing is bad bad 7 keys (3) warned orders nothing is odd odd 7 7 are odd" in words
    assert "1 passed, 1 warned" in text_of(files, "tables/shop.orders.html")


def test_rows_and_rejects_of_the_last_build_are_shown() -> None:
    files = render(site(published(SHOP)))

    assert "1,300 rows read, 60 rejected, 6 repeated" in text_of(files, "tables/shop.orders.html")
    assert "1,234 1,300 60 6" in text_of(files, "products/shop.html")


def test_inputs_are_shown_with_the_version_that_was_read_and_a_newer_one() -> None:
    read = {"sales_crm.customers": InputFacts(version=1, read_at=NOW)}
    others = [published(product(name)) for name in ("sales_crm", "sales_erp", "logistics_wms")]

    marketing = published(product("marketing_360"), inputs=read)
    words = text_of(render(site(*others, marketing)), "products/marketing_360.html")

    assert "email, signup_date 1 2 is published 2024-06-02 12:00 UTC" in words
    assert "total_amount – not read yet" in words


def test_consumers_and_their_access_are_shown() -> None:
    access = (AccessFacts(port="customers", consumer="analysts", state="approved", until=date(2025, 1, 1)),)
    crm = facts_of(product("sales_crm"), access=access)

    words = text_of(render(site(crm, facts_of(product("marketing_360")))), "products/sales_crm.html")

    assert "Marketing Customer 360 reads customers" in words
    assert "analysts customers approved 2025-01-01" in words


def test_a_failed_run_is_shown_without_its_error_which_may_name_rows() -> None:
    facts = published(product("sales_erp"))
    assert facts.last_run
    failed = replace(facts, last_run=replace(facts.last_run, status="failed"))

    words = text_of(render(site(failed)), "products/sales_erp.html")

    assert "Last run failed 2024-06-02 09:00 UTC; medallion status sales_erp says why" in words


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


def test_the_contract_of_a_port_has_the_tables_that_it_offers_and_no_other() -> None:
    restaurant = product("restaurant")
    port = next(one for one in restaurant.governance.output_ports if one.name == "pricing")

    contract = export(restaurant, port)

    assert [found["name"] for found in contract["schema"]] == [*port.tables]
    assert (contract["id"], contract["name"]) == ("medallion.restaurant.pricing", f"{restaurant.title}: pricing")
    assert contract["description"]["purpose"] == port.description
