"""Who did what when, and why: every step is on record, and nothing on record is ever rewritten."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from governed_shop import NOW, SHOP, TODAY, with_terms
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medallion.errors import UsageError
from medallion.warehouse.access import AccessState, accesses, approved, events
from medallion.warehouse.control_tables import create_control_tables

CONSUMERS = count()
STEPS = ("ask", "approve", "reject", "withdraw", "revoke", "pass a day", "change the terms")


def log_of(office, consumer=None):
    with office.warehouse.read() as session:
        return events(session, "shop", consumer=consumer)


def test_a_step_is_on_record_with_who_when_why_and_on_which_terms(office):
    office.ask(purpose="weekly mailing", until=TODAY)
    office.later(hours=1)
    agreement = office.approve().request.agreement_hash
    office.later(hours=1)
    office.revoke(reason="the campaign ended")

    recorded = [(e.number, e.action, e.actor, e.account, e.owner, e.note, e.happened_at) for e in log_of(office)]
    assert recorded == [
        (1, "requested", "carl", "carl@desk", "Shop team", "weekly mailing", NOW),
        (2, "approved", "ana", "ana@desk", "Shop team", None, NOW + timedelta(hours=1)),
        (3, "revoked", "ana", "ana@desk", "Shop team", "the campaign ended", NOW + timedelta(hours=2)),
    ]
    assert {(e.until, e.agreement_hash, e.request_number) for e in log_of(office)} == {(TODAY, agreement, 1)}


def test_the_hash_on_record_is_another_under_other_terms(office):
    office.given()
    office.product = with_terms("For nobody.")
    office.ask(purpose=None)
    office.approve()
    assert len({event.agreement_hash for event in log_of(office)}) == 2


def test_the_order_of_the_log_is_that_of_the_steps_though_the_clock_went_back(office):
    office.ask()
    office.later(days=-3)
    office.approve()
    assert [event.action for event in log_of(office)] == ["requested", "approved"]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.booleans()), max_size=14))
def test_whatever_is_done_the_log_only_grows_and_explains_how_things_stand(office, steps):
    consumer = f"tool_{next(CONSUMERS)}"
    office.now, office.product, log = NOW, SHOP, []
    for number, (step, with_an_end) in enumerate(steps):
        before = log
        try:
            take(office, step, consumer, with_an_end, number)
        except UsageError:
            assert log_of(office, consumer) == before
        log = log_of(office, consumer)
        assert log[: len(before)] == before

    with office.warehouse.read() as session:
        found = [one for one in accesses(session, [office.product], office.now) if one.request.consumer == consumer]
        readers = [one for one in approved(session, office.product, office.now) if one.request.consumer == consumer]
    assert {one.request.number: one.request.state for one in found} == {e.request_number: e.action for e in log}
    assert len([one for one in found if one.request.state is AccessState.APPROVED]) <= 1
    assert len([one for one in found if one.request.state is AccessState.REQUESTED]) <= 1
    assert all(was_approved(one.request.number, log) for one in readers)


def take(office, step, consumer, with_an_end, number):
    if step == "pass a day":
        office.later(days=1)
    elif step == "change the terms":
        office.product = with_terms(f"Terms {number}.")
    elif step == "ask":
        office.ask(consumer=consumer, purpose=f"purpose {number}", until=office.now.date() if with_an_end else None)
    else:
        getattr(office, step)(consumer=consumer)


def was_approved(request_number, log):
    """Whether the last thing that happened to a request is that somebody else than the consumer approved it."""
    own = [event for event in log if event.request_number == request_number]
    return [event.action for event in own] == ["requested", "approved"] and own[0].actor != own[1].actor


def test_a_warehouse_of_an_older_release_has_no_access_and_gains_the_tables_with_the_first_request(office):
    with office.warehouse.write() as session:
        session.execute("DROP TABLE control.access_request")
        session.execute("DROP TABLE control.access_event")
    with office.warehouse.read() as session:
        nothing = (accesses(session, [SHOP], NOW), approved(session, SHOP, NOW), events(session, "shop"))
    with office.warehouse.write() as session:
        create_control_tables(session)

    assert nothing == ([], [], [])
    assert office.ask().state is AccessState.REQUESTED
