"""The pages of the catalogue: whole, linked, self-contained, safe, and the same for the same facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest
from shop_contracts import CUSTOMERS
from shop_contracts import PRODUCT as SHOP
from site_facts import NOW, check, facts_of, published, site, table_of
from site_reading import Page, target, text_of

from medallion.catalog import PRODUCTS, product
from medallion.documentation.odcs import export
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


def test_the_contract_of_a_port_has_the_tables_that_it_offers_and_no_other() -> None:
    restaurant = product("restaurant")
    port = next(one for one in restaurant.governance.output_ports if one.name == "pricing")

    contract = export(restaurant, port)

    assert [found["name"] for found in contract["schema"]] == [*port.tables]
    assert (contract["id"], contract["name"]) == ("medallion.restaurant.pricing", f"{restaurant.title}: pricing")
    assert contract["description"]["purpose"] == port.description
