"""`medallion access list`, `show` and `grants`: who has what since when, what is to be done, and the SQL for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from campaign_tool import ACTIVITY, GRANTS, NAMED, REVOKES, TOOL, sql_of, states
from outcome import Medallion

from medallion import catalog
from medallion.commands.actor import actor_of
from medallion.warehouse.duckdb import DuckDbWarehouse


@pytest.mark.usefixtures("approved")
def test_machines_read_who_has_what_with_the_personal_data_and_the_agreement(medallion: Medallion) -> None:
    (found,) = medallion("access", "list", "--consumer", TOOL, "--json").document["access"]

    names = ("request", "port", "kind", "state", "is_granted", "purpose", "until", "requested_by", "decided_by")
    expected = [1, ACTIVITY, "role", "approved", True, "weekly mailing", None, "carl", "ana"]
    assert [found[name] for name in names] == expected
    assert {"column": "customer_activity.customer_email", "kind": "e-mail address"} in found["personal_data"]
    assert (found["tables"], len(found["agreement"])) == ([ACTIVITY], 64)


@pytest.mark.usefixtures("approved")
def test_people_read_in_a_row_who_has_what(medallion: Medallion) -> None:
    line = next(one for one in medallion("access", "list").out.splitlines() if TOOL in one)
    assert re.search(rf"^ {ACTIVITY} +{TOOL} +approved +weekly mailing +– +carl, ana +3 columns *$", line)


def test_what_products_read_of_others_is_listed_as_by_code(medallion: Medallion) -> None:
    found = medallion("access", "list", "--state", "by_code", "--json").document

    assert found["access"] == []
    assert [(one["port"], one["consumer"]) for one in found["by_code"]] == [
        ("sales_crm.customers", "marketing_360"),
        ("sales_erp.orders", "marketing_360"),
        ("logistics_wms.shipments", "marketing_360"),
    ]
    assert {"column": "customers.email", "kind": "e-mail address"} in found["by_code"][0]["personal_data"]


@pytest.mark.usefixtures("approved")
def test_the_list_is_narrowed_by_product_consumer_and_state(medallion: Medallion) -> None:
    medallion("access", "request", "sales_erp.orders", "--for", "user:ana", "--purpose", "audit")

    assert states(medallion) == [(TOOL, "approved"), ("user:ana", "requested")]
    assert states(medallion, "--product", "sales_erp") == [("user:ana", "requested")]
    assert states(medallion, "--consumer", TOOL) == [(TOOL, "approved")]
    assert states(medallion, "--state", "requested") == [("user:ana", "requested")]
    assert states(medallion, "--consumer", "nobody") == []


@pytest.mark.usefixtures("approved")
def test_the_list_says_what_is_to_be_done(medallion: Medallion, change: Callable[..., None]) -> None:
    medallion("access", "request", "sales_erp.orders", "--for", "user:ana", "--purpose", "audit")
    change(terms_of_use="For letters only.")

    assert medallion("access", "list").out.splitlines()[-2:] == [
        f"{ACTIVITY} for {TOOL}: the terms of use changed; to agree to that: medallion access request {ACTIVITY} --for"
        f" {TOOL}",
        "sales_erp.orders for user:ana: to be decided: medallion access approve sales_erp.orders --for user:ana",
    ]


@pytest.mark.usefixtures("approved")
def test_the_history_of_a_port_says_who_did_what_when_and_why(medallion: Medallion) -> None:
    medallion("access", "revoke", *NAMED, "--reason", "the tool is gone", "--by", "bea")
    found = medallion("access", "show", ACTIVITY, "--json").document

    assert (found["owner"], found["is_offered"]) == ("Campaign team", True)
    assert [(one["action"], one["actor"], one["note"]) for one in found["events"]] == [
        ("requested", "carl", "weekly mailing"),
        ("approved", "ana", None),
        ("revoked", "bea", "the tool is gone"),
    ]
    account = actor_of(None).account
    assert {one["account"] for one in found["events"]} == {account}
    shown = medallion("access", "show", ACTIVITY, "--for", TOOL).out
    assert all(word in shown for word in ("owner: Campaign team", "terms of use: For campaigns", "the tool is gone"))


@pytest.mark.usefixtures("approved")
def test_an_access_to_what_the_catalogue_has_no_more_can_still_be_seen_and_revoked(
    medallion: Medallion, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = tuple(one for one in catalog.PRODUCTS if one.name != "marketing_360")
    monkeypatch.setattr(catalog, "PRODUCTS", others)

    assert (states(medallion), sql_of(medallion("access", "grants"))) == ([(TOOL, "not_offered")], REVOKES)
    assert "in the catalogue no more" in medallion("access", "show", ACTIVITY).out
    assert medallion("access", "revoke", *NAMED, "--reason", "the product is gone").code == 0
    assert medallion("access", "request", *NAMED, "--purpose", "p").code == 2


@pytest.mark.usefixtures("approved")
def test_machines_read_the_grants_with_their_consumers(medallion: Medallion) -> None:
    (found,) = medallion("access", "grants", "--json").document["products"]
    assert [one["sql"] for one in found["statements"]] == GRANTS.splitlines()[1:-1]
    assert {one["consumer"] for one in found["statements"]} == {TOOL}


@pytest.mark.usefixtures("approved")
def test_duckdb_has_no_users_and_that_is_said(medallion: Medallion) -> None:
    outcome = medallion("access", "grants", "--dialect", "duckdb")
    note = "DuckDB has no users: access is recorded and shown here, and whoever can open the file reads all of it"
    assert outcome.out == f"-- {note}.\n"
    assert medallion("access", "grants", "--dialect", "duckdb", "--json").document["note"] == note


def test_what_is_approved_before_it_is_published_waits_for_that(medallion: Medallion) -> None:
    orders = ("sales_erp.orders", "--for", TOOL)
    medallion("access", "request", *orders, "--purpose", "p", "--by", "carl")
    medallion("access", "approve", *orders, "--by", "ana")

    outcome = medallion("access", "grants")

    assert sql_of(outcome) == ""
    assert outcome.out.endswith("-- sales_erp.orders is approved, and not published yet: grant it when it is.\n")


@pytest.mark.parametrize("arguments", [("list",), ("show", ACTIVITY), ("grants",)])
def test_in_a_home_of_an_older_release_or_without_a_warehouse_nobody_asked_for_anything(
    medallion: Medallion, published: DuckDbWarehouse, folder: Path, arguments: tuple[str, ...]
) -> None:
    with published.write() as session:
        session.execute("DROP TABLE control.access_request; DROP TABLE control.access_event")
    old = medallion("access", *arguments)
    without = medallion("access", *arguments, "--home", "elsewhere")

    assert (old.code, old.err, old.out) == (0, "", without.out)
    assert not (folder / "elsewhere").exists()


def test_the_grants_of_nothing_are_nothing(medallion: Medallion) -> None:
    assert medallion("access", "grants").out.endswith("-- Nothing is to be granted or revoked.\n")
