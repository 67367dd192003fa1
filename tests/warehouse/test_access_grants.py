"""Access as GRANT and REVOKE: exactly the port's views, what ended is taken away, and no name breaks out."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

import pytest
from governed_shop import EVERYBODY, FIGURES, NOW, PEOPLE, SHOP, TODAY, Office, as_draft, with_port, with_terms
from hypothesis import given
from hypothesis import strategies as st
from shop import DAYS, SALES

from medallion.warehouse.access import Access, AccessRequest, AccessState
from medallion.warehouse.agreement import Agreement
from medallion.warehouse.consumer import Consumer
from medallion.warehouse.grants import product_grants, rendered

QUOTED = re.compile(r'"(?:[^"]|"")*"')
STATEMENT = re.compile(
    r"GRANT (SELECT ON _\._|USAGE ON SCHEMA _) TO (ROLE )?_;|REVOKE (SELECT ON _\._|USAGE ON SCHEMA _) FROM (ROLE )?_;"
)


@pytest.fixture
def office(warehouse, publish_marts):
    """All marts of the shop are published."""
    publish_marts((SALES, [("EUR", Decimal(1))]), (DAYS, []), (PEOPLE, []))
    return Office(warehouse)


def statements(office):
    with office.warehouse.read() as session:
        return [grant.sql for grant in product_grants(session, "shop", [office.product], office.now).grants]


USAGE = ['GRANT USAGE ON SCHEMA "shop" TO ROLE "tool";', 'GRANT USAGE ON SCHEMA "shop_versions" TO ROLE "tool";']
GIVEN = [
    *USAGE,
    'GRANT SELECT ON "shop"."days" TO ROLE "tool";',
    'GRANT SELECT ON "shop"."sales" TO ROLE "tool";',
]
TAKEN = [
    'REVOKE SELECT ON "shop"."days" FROM ROLE "tool";',
    'REVOKE SELECT ON "shop"."sales" FROM ROLE "tool";',
    'REVOKE USAGE ON SCHEMA "shop" FROM ROLE "tool";',
    'REVOKE USAGE ON SCHEMA "shop_versions" FROM ROLE "tool";',
]


def test_an_access_is_the_schemas_and_each_view_of_the_port_and_no_table_behind_them(office):
    office.given()
    assert statements(office) == GIVEN


def test_a_user_is_granted_by_name_and_a_role_as_a_role(office):
    office.given(consumer="user:ana")
    assert statements(office)[:2] == [
        'GRANT USAGE ON SCHEMA "shop" TO "ana";',
        'GRANT USAGE ON SCHEMA "shop_versions" TO "ana";',
    ]


def test_what_was_never_approved_is_neither_granted_nor_revoked(office):
    office.ask()
    office.ask(consumer="other")
    office.reject(consumer="other")
    assert statements(office) == []


@pytest.mark.parametrize("end", ["revoke", "expire", "change the terms", "make it a draft", "drop the port"])
def test_what_ended_is_revoked_whatever_ended_it(office, end):
    office.ask(until=TODAY)
    office.approve()
    if end == "revoke":
        office.revoke()
    elif end == "expire":
        office.later(days=1)
    else:
        changed = {
            "change the terms": with_terms("For nobody."),
            "make it a draft": as_draft(),
            "drop the port": with_port(EVERYBODY, "people"),
        }
        office.product = changed[end]
    assert statements(office) == TAKEN


def test_of_a_product_that_is_gone_everything_is_revoked(office):
    office.given()
    with office.warehouse.read() as session:
        assert [grant.sql for grant in product_grants(session, "shop", [], NOW).grants] == TAKEN


def test_what_another_port_gives_is_not_revoked_with_the_first(office):
    office.given()
    office.given(port=EVERYBODY)
    office.revoke()
    assert statements(office) == [
        'REVOKE SELECT ON "shop"."days" FROM ROLE "tool";',
        *USAGE,
        'GRANT SELECT ON "shop"."people" TO ROLE "tool";',
        'GRANT SELECT ON "shop"."sales" TO ROLE "tool";',
    ]


def test_a_table_that_left_the_port_is_revoked_and_the_rest_stays(office):
    office.given()
    office.product = with_port(FIGURES, "sales")
    assert statements(office) == [TAKEN[0], *USAGE, GIVEN[-1]]


def test_a_new_approval_grants_again_what_had_ended(office):
    office.given()
    office.revoke()
    office.given()
    assert statements(office) == GIVEN


def test_the_order_is_that_of_names_whatever_happened_first(office):
    for consumer in ("zoe", "user:bob", "abe"):
        office.given(consumer=consumer)
    principals = [line.rpartition(" TO ")[2] for line in statements(office) if 'SCHEMA "shop" ' in line]
    assert principals == ['ROLE "abe";', 'ROLE "zoe";', '"bob";']


def test_views_that_are_not_published_cannot_be_named_and_are_told(warehouse, publish_sales):
    publish_sales("1")
    office = Office(warehouse)
    office.given()
    with warehouse.read() as session:
        found = product_grants(session, "shop", [SHOP], NOW)
    assert ([grant.sql for grant in found.grants], found.waiting) == ([*USAGE, GIVEN[-1]], ("days",))


def test_before_the_first_publish_there_is_no_schema_to_name(warehouse):
    office = Office(warehouse)
    office.given()
    office.revoke()
    assert statements(office) == []


def test_a_publish_finds_its_grants_in_its_own_transaction(office, publication):
    office.given()
    with office.warehouse.write() as session:
        session.execute("UPDATE control.access_request SET until = DATE '2026-01-01'")
        assert [grant.sql for grant in product_grants(session, "shop", [SHOP], NOW).grants] == TAKEN


SAFE = st.sampled_from(["tool", "user:ana"])
NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20) | st.sampled_from(
    ['a"; DROP TABLE x; --', '"', '""', "a';--", 'user:";GRANT ALL ON x TO PUBLIC;--', "a\nb", "\\", "public", "a/*"]
)


@given(
    consumer=NAMES | SAFE, schema=NAMES.map(lambda name: name.replace(".", "_")), table=NAMES, is_given=st.booleans()
)
def test_no_name_breaks_out_of_its_quotes(consumer, schema, table, is_given):
    agreed = Agreement(terms="t", tables=(table,))
    request = AccessRequest(
        number=1,
        product=schema,
        port="p",
        consumer=consumer,
        state=AccessState.APPROVED,
        agreement=agreed.to_json(),
        requested_by="carl",
        requested_at=NOW,
    )
    state = AccessState.APPROVED if is_given else AccessState.REVOKED

    found = rendered(schema, [Access(replace(request, state=state), state, agreed)], {table})

    assert len(found.grants) == 3
    is_granted = is_given and Consumer.recorded(consumer).is_safe
    assert {grant.sql[:5] for grant in found.grants} == {"GRANT" if is_granted else "REVOK"}
    for grant in found.grants:
        assert STATEMENT.fullmatch(QUOTED.sub("_", grant.sql)), grant.sql
        names = [name[1:-1].replace('""', '"') for name in QUOTED.findall(grant.sql)]
        assert set(names) <= {schema, f"{schema}_versions", table, consumer.removeprefix("user:")}
