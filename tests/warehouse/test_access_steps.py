"""Access to output ports: what each step leads to, and what is refused because nobody asked for it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from governed_shop import EVERYBODY, NOW, SHOP, TODAY, with_terms

from medallion.errors import UsageError
from medallion.warehouse.access import approved

AGAIN = "shop.figures for tool"


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


def test_consumers_and_ports_do_not_mix(office):
    office.given()
    office.ask(consumer="user:ana")
    office.ask(port=EVERYBODY)
    with pytest.raises(UsageError, match=r"^shop.everybody for user:ana: nobody asked for it"):
        office.approve(consumer="user:ana", port=EVERYBODY)
    with office.warehouse.read() as session:
        assert [(one.port, str(one.consumer)) for one in approved(session, SHOP, NOW)] == [("shop.figures", "tool")]
