"""Access to output ports: what each step leads to, and what is refused because nobody asked for it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from governed_shop import (
    EVERYBODY,
    FIGURES,
    NOW,
    SHOP,
    TODAY,
    Office,
    as_draft,
    with_personal_sales,
    with_port,
    with_terms,
)

from medallion.errors import UsageError
from medallion.warehouse.access import approved

AGAIN = "shop.figures for tool"


@pytest.fixture
def office(warehouse):
    return Office(warehouse)


def given(office):
    office.given()


def asked(office):
    office.ask()


def rejected(office):
    office.ask()
    office.reject()


def withdrawn(office):
    office.ask()
    office.withdraw()


def revoked(office):
    office.given()
    office.revoke()


def expired(office):
    office.ask(until=TODAY)
    office.approve()
    office.later(days=1)


def outdated(office):
    office.given()
    office.product = with_terms("For nobody.")


def asked_under_other_terms(office):
    office.ask()
    office.product = with_terms("For nobody.")


def asked_for_a_day_that_passed(office):
    office.ask(until=TODAY)
    office.later(days=1)


def nothing(office):
    pass


@pytest.mark.parametrize(
    ("so_far", "step", "state"),
    [
        (nothing, "ask", "requested"),
        (asked, "approve", "approved"),
        (asked, "reject", "rejected"),
        (asked, "withdraw", "withdrawn"),
        (given, "revoke", "revoked"),
        (rejected, "ask", "requested"),
        (withdrawn, "ask", "requested"),
        (revoked, "ask", "requested"),
        (expired, "ask", "requested"),
        (expired, "revoke", "revoked"),
        (outdated, "ask", "requested"),
        (outdated, "revoke", "revoked"),
        (asked_under_other_terms, "ask", "requested"),
        (asked_under_other_terms, "reject", "rejected"),
        (asked_under_other_terms, "withdraw", "withdrawn"),
        (asked_for_a_day_that_passed, "ask", "requested"),
    ],
)
def test_a_step_leads_to_a_state(office, so_far, step, state):
    so_far(office)

    assert getattr(office, step)().state == state


@pytest.mark.parametrize(
    ("so_far", "step", "line"),
    [
        (nothing, "approve", "nobody asked for it; the consumer asks first: medallion access request shop.figures"),
        (nothing, "reject", "nobody asked for it; the consumer asks first"),
        (nothing, "withdraw", "nobody asked for it; the consumer asks first"),
        (nothing, "revoke", "nobody asked for it; there is nothing to revoke"),
        (asked, "ask", "was asked for already, by carl on 2026-11-02; to ask for something else, first: medallion"),
        (asked, "revoke", "was requested by carl on 2026-11-02; reject it with: medallion access reject shop.figures"),
        (given, "ask", "was approved already by ana on 2026-11-02; to change its purpose or last day, ask with"),
        (given, "approve", "was approved already by ana on 2026-11-02; there is nothing left to do"),
        (given, "reject", "was approved already by ana on 2026-11-02; there is nothing left to do"),
        (given, "withdraw", "was approved already by ana on 2026-11-02; there is nothing left to do"),
        (rejected, "approve", "was rejected by ana on 2026-11-02 (not needed); the consumer asks again: medallion"),
        (rejected, "reject", "was rejected by ana on 2026-11-02 (not needed); the consumer asks again"),
        (rejected, "revoke", "was rejected by ana on 2026-11-02 (not needed); there is nothing to revoke"),
        (withdrawn, "approve", "was withdrawn by carl on 2026-11-02; the consumer asks again"),
        (revoked, "approve", "was revoked by ana on 2026-11-02 (it ended); the consumer asks again"),
        (revoked, "revoke", "was revoked by ana on 2026-11-02 (it ended); there is nothing to revoke"),
        (expired, "approve", "its last day was 2026-11-02; the consumer asks again"),
        (asked_for_a_day_that_passed, "approve", "its last day was 2026-11-02; the consumer asks again"),
        (outdated, "approve", "was approved by ana on 2026-11-02, and since then the terms of use changed; the"),
        (asked_under_other_terms, "approve", "was requested by carl on 2026-11-02, and since then the terms of use"),
    ],
)
def test_a_step_that_does_not_follow_is_refused_with_one_line_and_changes_nothing(office, read, so_far, step, line):
    so_far(office)
    before = read("SELECT * FROM control.access_request"), read("SELECT * FROM control.access_event")

    with pytest.raises(UsageError) as caught:
        getattr(office, step)()

    assert str(caught.value).startswith(f"{AGAIN}: {line}")
    assert "\n" not in str(caught.value)
    assert (read("SELECT * FROM control.access_request"), read("SELECT * FROM control.access_event")) == before


@pytest.mark.parametrize("purpose", [None, "", " \t "])
def test_a_request_says_what_for(office, purpose):
    with pytest.raises(UsageError, match=r'--purpose: is needed, as it goes on record; write for example --purpose "w'):
        office.ask(purpose=purpose)


@pytest.mark.parametrize("step", ["reject", "revoke"])
def test_who_takes_something_away_says_why(office, step):
    {"reject": asked, "revoke": given}[step](office)
    with pytest.raises(UsageError, match="--reason: is needed, as it goes on record"):
        getattr(office, step)(reason=" ")


@pytest.mark.parametrize("purpose", ["x" * 1001, "reports\x1b[2J"], ids=["too long", "commands to a terminal"])
def test_a_purpose_can_be_shown_in_a_line(office, purpose):
    with pytest.raises(UsageError, match=r"--purpose: has [\d,]+ characters, or some that cannot be shown"):
        office.ask(purpose=purpose)


def test_a_purpose_of_several_lines_is_kept_as_one(office):
    assert office.ask(purpose="reports\n  for all\t").request.purpose == "reports for all"


def test_a_last_day_that_is_past_is_refused(office):
    with pytest.raises(UsageError, match="--until 2026-11-01: is past; give today or a later day"):
        office.ask(until=TODAY - timedelta(days=1))


def test_an_access_is_in_force_to_the_end_of_its_last_day_in_utc(office):
    office.ask(until=TODAY + timedelta(days=1))
    office.approve()

    office.now = NOW.replace(day=3, hour=23, minute=59, second=59, microsecond=999_999)
    at_the_end = office.states()
    office.later(microseconds=1)

    assert (at_the_end, office.states()) == (["approved"], ["expired"])


def test_nobody_gets_access_to_a_draft_and_an_access_ends_when_its_product_becomes_one(office):
    office.given()
    office.product = as_draft()

    with pytest.raises(UsageError, match="its product is a draft, whose terms may still change; ask when it is ready"):
        office.ask(port=EVERYBODY)
    assert office.states() == ["not_offered"]


def test_whoever_asked_does_not_approve_however_the_name_is_written(office):
    office.ask()
    with pytest.raises(UsageError, match="Carl asked for it; let Shop team approve it, or add --allow-self"):
        office.approve(by="Carl")


def test_an_own_request_is_approved_where_that_is_said_and_that_is_on_record(office, read):
    office.ask()
    assert office.approve(by="carl", more={"allow_self": True}).is_granted
    log = read("SELECT actor, note FROM control.access_event ORDER BY number")
    assert log == [("carl", "reports"), ("carl", "approved by whoever asked")]


@pytest.mark.parametrize(("named", "who"), [(("bea", "dan"), "bea, dan"), ((), "nobody is named")])
def test_only_who_is_named_approves_for_a_team(office, named, who):
    office.ask()
    with pytest.raises(UsageError, match=rf"ana does not approve for its owner, Shop team; let one .*: {who} \("):
        office.approve(more={"approvers": named})


def test_who_is_named_approves_for_a_team(office):
    office.ask()
    assert office.approve(by="bea", more={"approvers": ("bea",)}).is_granted


@pytest.mark.parametrize(
    ("product", "change"),
    [
        (with_terms("For nobody."), "the terms of use changed"),
        (with_port(FIGURES, "sales", "days", "people"), "table people is new"),
        (with_personal_sales(), "sales.currency is personal data (whereabouts)"),
    ],
)
def test_an_access_ends_with_the_terms_it_was_given_on_until_both_sides_agree_again(office, product, change):
    office.given()
    office.product = product

    with office.warehouse.read() as session:
        (found,) = office.found(session)
    assert (found.state, found.changes) == ("terms_changed", (change,))
    office.ask(purpose=None)
    assert office.states() == ["requested", "terms_changed"]
    office.approve()
    assert office.states() == ["approved"]


@pytest.mark.parametrize(
    "product",
    [
        with_port(FIGURES, "sales"),
        with_port(FIGURES, "days", "sales"),
        with_terms("For reports\n within the company. "),
    ],
    ids=["less is given", "in another order", "other line breaks"],
)
def test_what_gives_no_more_and_says_nothing_else_needs_no_new_consent(office, product):
    office.given()
    office.product = product
    assert office.states() == ["approved"]


def test_asking_again_for_changed_terms_keeps_purpose_and_last_day(office):
    office.ask(purpose="weekly mailing", until=TODAY)
    office.approve()
    office.product = with_terms("For nobody.")

    request = office.ask(purpose=None).request

    assert (request.purpose, request.until) == ("weekly mailing", TODAY)


def test_after_an_access_ended_a_new_purpose_is_needed(office):
    revoked(office)
    with pytest.raises(UsageError, match="--purpose: is needed"):
        office.ask(purpose=None)


def test_an_access_stays_while_a_longer_one_is_asked_for_and_is_replaced_by_it(office, read):
    office.ask(until=TODAY)
    office.approve()

    office.ask(until=TODAY + timedelta(days=30))
    meanwhile = office.states()
    office.approve()
    office.later(days=30)

    assert (meanwhile, office.states()) == (["requested", "approved"], ["approved"])
    assert read("SELECT number, state FROM control.access_request ORDER BY 1") == [(1, "replaced"), (2, "approved")]


def test_an_access_stays_when_a_longer_one_is_rejected(office):
    office.given()
    office.ask(purpose="more reports")
    office.reject()
    assert office.states() == ["rejected", "approved"]


def test_consumers_and_ports_do_not_mix(office):
    office.given()
    office.ask(consumer="user:ana")
    office.ask(port=EVERYBODY)
    with pytest.raises(UsageError, match=r"^shop.everybody for user:ana: nobody asked for it"):
        office.approve(consumer="user:ana", port=EVERYBODY)
    with office.warehouse.read() as session:
        assert [(one.port, str(one.consumer)) for one in approved(session, SHOP, NOW)] == [("shop.figures", "tool")]


def test_a_word_that_nobody_knows_opens_nothing(office):
    office.given()
    with office.warehouse.write() as session:
        session.execute("UPDATE control.access_request SET state = 'granted'")
    assert office.states() == ["revoked"]


def test_an_agreement_that_cannot_be_read_opens_nothing(office):
    office.given()
    with office.warehouse.write() as session:
        session.execute("UPDATE control.access_request SET agreement = '{\"terms\": '")
    assert office.states() == ["terms_changed"]


def test_of_two_simultaneous_approvals_one_wins_and_the_other_is_told(office, read):
    office.ask()

    def approving(name):
        try:
            return office.approve(by=name).state.value
        except UsageError as error:
            return str(error)

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(approving, ("ana", "bea", "cid", "dan")))

    ((winner,),) = read("SELECT actor FROM control.access_event WHERE action = 'approved'")
    told = f"{AGAIN}: was approved already by {winner} on 2026-11-02; there is nothing left to do"
    assert sorted(outcomes) == ["approved", told, told, told]
