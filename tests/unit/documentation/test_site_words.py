"""What the catalogue's pages say of a product: its owner, samples, checks, rows, inputs, consumers and runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from shop_contracts import CUSTOMERS
from shop_contracts import PRODUCT as SHOP
from site_facts import NOW, check, facts_of, published, site, table_of
from site_reading import text_of

from medallion.catalog import product
from medallion.documentation.site.facts import AccessFacts, InputFacts
from medallion.documentation.site.pages import render


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
