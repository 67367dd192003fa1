"""`medallion access`: ask for a port, approve, ask again when terms changed, revoke; what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from campaign_tool import ACTIVITY, GRANTS, NAMED, REVOKES, TOOL, sql_of, states
from outcome import Medallion, Outcome

from medallion.commands.actor import actor_of
from medallion.governance import Lifecycle
from medallion.warehouse.duckdb import DuckDbWarehouse


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


def test_a_draft_gives_nobody_access(medallion: Medallion, change: Callable[..., None]) -> None:
    change(lifecycle=Lifecycle.DRAFT)
    outcome = medallion("access", "request", *NAMED, "--purpose", "p")
    assert (outcome.code, "is a draft, whose terms may still change; ask when it is ready" in outcome.err) == (2, True)


def test_the_last_day_is_kept_and_shown(medallion: Medallion) -> None:
    until = str(datetime.now(UTC).date() + timedelta(days=2))
    outcome = medallion("access", "request", *NAMED, "--purpose", "p", "--until", until)
    assert (f", until {until})" in outcome.out, until in medallion("access", "list").out) == (True, True)


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
        " medallion run marketing_360 --home elsewhere\n"
    )
