"""`medallion access`: ask for a port, approve, list, grants, ask again when terms changed, revoke; what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from outcome import Outcome

from medallion import catalog
from medallion.commands.actor import actor_of
from medallion.governance import Lifecycle
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.records import Version, replace_records

Medallion = Callable[..., Outcome]
ACTIVITY, TOOL = "marketing_360.customer_activity", "campaign_tool"
NAMED = (ACTIVITY, "--for", TOOL)
GRANTS = """\
BEGIN;
GRANT USAGE ON SCHEMA "marketing_360" TO ROLE "campaign_tool";
GRANT SELECT ON "marketing_360"."customer_activity" TO ROLE "campaign_tool";
COMMIT;
"""
REVOKES = """\
BEGIN;
REVOKE SELECT ON "marketing_360"."customer_activity" FROM ROLE "campaign_tool";
REVOKE USAGE ON SCHEMA "marketing_360" FROM ROLE "campaign_tool";
COMMIT;
"""


@pytest.fixture(autouse=True)
def published(folder: Path) -> DuckDbWarehouse:
    """A warehouse in which `marketing_360` was published."""
    (folder / ".medallion").mkdir()
    opened = DuckDbWarehouse(folder / ".medallion" / "warehouse.duckdb")
    version = Version(
        product="marketing_360",
        version=1,
        layer="gold",
        run_id="r1",
        table_name="customer_activity",
        relation="marketing_360_versions.customer_activity__000001",
        as_of=date(2024, 6, 30),
        published_at=datetime(2024, 7, 1, tzinfo=UTC),
    )
    with opened.write() as session:
        create_control_tables(session)
        replace_records(session, [version])
    return opened


@pytest.fixture
def asked(medallion: Medallion) -> Outcome:
    return medallion("access", "request", *NAMED, "--purpose", "weekly mailing", "--by", "carl")


@pytest.fixture
def approved(medallion: Medallion, asked: Outcome) -> Outcome:
    return medallion("access", "approve", *NAMED, "--by", "ana")


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Another catalogue: what is agreed about `marketing_360` is changed."""

    def changed(**agreed: object) -> None:
        products = [
            replace(one, governance=replace(one.governance, **agreed)) if one.name == "marketing_360" else one
            for one in catalog.PRODUCTS
        ]
        monkeypatch.setattr(catalog, "PRODUCTS", tuple(products))

    return changed


def sql_of(outcome: Outcome) -> str:
    return "".join(line for line in outcome.out.splitlines(keepends=True) if not line.startswith("--"))


def states(medallion: Medallion, *options: str) -> list[tuple[str, str]]:
    found = medallion("access", "list", "--json", *options).document["access"]
    return [(one["consumer"], one["state"]) for one in found]


def test_from_the_request_to_the_end_and_back_over_changed_terms(
    medallion: Medallion, change: Callable[..., None]
) -> None:
    def takes(command: str, *options: str) -> Outcome:
        outcome = medallion("access", command, *NAMED, *options)
        assert outcome.code == 0, outcome.err
        return outcome

    takes("request", "--purpose", "weekly mailing", "--by", "carl")
    assert sql_of(medallion("access", "grants")) == ""
    takes("approve", "--by", "ana")
    assert sql_of(medallion("access", "grants")) == GRANTS
    change(terms_of_use="For letters only.")
    assert (states(medallion), sql_of(medallion("access", "grants"))) == ([(TOOL, "terms_changed")], REVOKES)
    takes("request", "--by", "carl")
    takes("approve", "--by", "ana")
    assert (states(medallion), sql_of(medallion("access", "grants"))) == ([(TOOL, "approved")], GRANTS)
    takes("revoke", "--reason", "the tool is gone", "--by", "ana")
    assert (states(medallion), sql_of(medallion("access", "grants"))) == ([(TOOL, "revoked")], REVOKES)


def test_whoever_asks_sees_what_is_given_and_on_which_terms_and_who_decides(asked: Outcome) -> None:
    assert asked.out.splitlines() == [
        f"{ACTIVITY} for {TOOL}: requested (request 1, weekly mailing)",
        f"gives: {ACTIVITY}",
        "personal data: customer_activity.customer_id (customer id), customer_activity.customer_name (name),"
        " customer_activity.customer_email (e-mail address)",
        "terms of use: For campaigns to customers who agreed to be contacted. The terms of the products it is made of"
        " hold for it as well.",
        f"next: Campaign team approves or rejects it: medallion access approve {ACTIVITY} --for {TOOL}",
    ]


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


def test_without_a_name_the_account_acts(medallion: Medallion) -> None:
    found = medallion("access", "request", *NAMED, "--purpose", "x", "--json").document
    assert f"{found['requested_by']}@" in actor_of(None).account


def test_the_environment_cannot_say_who_the_account_is(monkeypatch: pytest.MonkeyPatch) -> None:
    account = actor_of(None)
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "somebody_else")
    assert actor_of(None) == account


@pytest.mark.usefixtures("asked")
def test_a_request_is_declined_or_taken_back(medallion: Medallion) -> None:
    declined = medallion("access", "reject", *NAMED, "--reason", "no such campaign", "--json").document
    medallion("access", "request", *NAMED, "--purpose", "another", "--by", "carl")
    taken_back = medallion("access", "withdraw", *NAMED, "--json").document

    assert (declined["state"], declined["reason"], taken_back["state"]) == ("rejected", "no such campaign", "withdrawn")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("approve", *NAMED), f"{ACTIVITY} for {TOOL}: nobody asked for it; "),
        (("request", "nope.x", "--for", "c", "--purpose", "p"), "product 'nope' is unknown; choose one of: restaurant"),
        (
            ("request", "sales_erp.x", "--for", "c", "--purpose", "p"),
            "port 'sales_erp.x' is unknown; choose one of: sales_erp.orders\n",
        ),
        (
            ("revoke", "card_payments", "--for", "c", "--reason", "r"),
            "port 'card_payments': is not PRODUCT.PORT; choose one of: card_payments.rankings, card_payments.act",
        ),
        (("show", "sales_erp.x"), "port 'sales_erp.x' is unknown; choose one of: sales_erp.orders\n"),
        (("request", *NAMED), "--purpose: is needed, as it goes on record; "),
        (("request", *NAMED, "--purpose", "p", "--until", "2020-01-01"), "--until 2020-01-01: is past; "),
        (("request", *NAMED, "--purpose", "p", "--until", "soon"), "--until soon: is not a date; write YYYY-MM-DD"),
        (("request", *NAMED, "--purpose", "p", "--by", " "), "--by ' ': is no name; "),
        (("request", ACTIVITY, "--for", "x;y", "--purpose", "p"), "consumer 'x;y': is no safe name; "),
        (("revoke", *NAMED), "Missing option '--reason'; see --help"),
        (("list", "--state", "granted"), "--state granted: is unknown; choose one of: requested, approved, "),
        (("list", "--product", "nope"), "product 'nope' is unknown; "),
        (("grants", "--product", "nope"), "product 'nope' is unknown; "),
        (("grants", "--dialect", "oracle"), "--dialect oracle: is unknown; choose one of: redshift, duckdb\n"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(medallion: Medallion, arguments: tuple[str, ...], line: str) -> None:
    outcome = medallion("access", *arguments)

    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert outcome.err.startswith(f"error: {line}")


def test_a_refusal_is_one_document_where_that_is_asked(medallion: Medallion) -> None:
    outcome = medallion("access", "approve", *NAMED, "--json")
    assert (outcome.code, outcome.document["exit_code"], outcome.err) == (2, 2, "")


@pytest.mark.usefixtures("asked")
def test_who_may_approve_is_a_setting(medallion: Medallion, folder: Path) -> None:
    (folder / "medallion.toml").write_text('[medallion]\napprovers = {"Campaign team" = ["bea"]}\n')

    refused = medallion("access", "approve", *NAMED, "--by", "ana")

    assert "ana does not approve for its owner, Campaign team; let one of these do it: bea (" in refused.err
    assert medallion("access", "approve", *NAMED, "--by", "bea").code == 0


def test_a_small_firm_approves_itself_where_it_says_so(medallion: Medallion) -> None:
    medallion("access", "request", *NAMED, "--purpose", "p")

    refused, done = (medallion("access", "approve", *NAMED, *more) for more in ((), ("--allow-self",)))

    assert (refused.code, "or add --allow-self, which goes on record" in refused.err, done.code) == (2, True, 0)


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


def test_a_draft_gives_nobody_access(medallion: Medallion, change: Callable[..., None]) -> None:
    change(lifecycle=Lifecycle.DRAFT)
    outcome = medallion("access", "request", *NAMED, "--purpose", "p")
    assert (outcome.code, "is a draft, whose terms may still change; ask when it is ready" in outcome.err) == (2, True)


def test_the_last_day_is_kept_and_shown(medallion: Medallion) -> None:
    until = str(datetime.now(UTC).date() + timedelta(days=2))
    outcome = medallion("access", "request", *NAMED, "--purpose", "p", "--until", until)
    assert (f", until {until})" in outcome.out, until in medallion("access", "list").out) == (True, True)


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


def test_in_a_home_of_an_older_release_the_first_request_makes_what_is_missing(
    medallion: Medallion, published: DuckDbWarehouse
) -> None:
    with published.write() as session:
        session.execute("DROP TABLE control.access_request; DROP TABLE control.access_event")
    assert medallion("access", "request", *NAMED, "--purpose", "p").code == 0


def test_without_a_warehouse_nothing_is_asked_for_and_nothing_is_created(medallion: Medallion, folder: Path) -> None:
    outcome = medallion("access", "request", *NAMED, "--purpose", "p", "--home", "elsewhere")

    assert (outcome.code, (folder / "elsewhere").exists()) == (2, False)
    assert outcome.err == (
        f"error: {ACTIVITY}: there is no warehouse in elsewhere to record access in; check --home, or start with:"
        " medallion run marketing_360\n"
    )


def test_the_grants_of_nothing_are_nothing(medallion: Medallion) -> None:
    assert medallion("access", "grants").out.endswith("-- Nothing is to be granted or revoked.\n")
