"""How long an access lasts: to its last day, while its terms hold, until replaced; nothing unknown opens a port."""

from __future__ import annotations

from datetime import timedelta

import pytest
from governed_shop import EVERYBODY, FIGURES, NOW, TODAY, as_draft, with_personal_sales, with_port, with_terms

from medallion.errors import UsageError


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
    office.given()
    office.revoke()
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
