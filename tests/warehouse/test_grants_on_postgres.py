"""The statements on a database that has users: PostgreSQL, which Redshift's grants descend from, takes them as they are
but for the word ROLE. What they give, and whether a name can break out, is the same there."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from governed_shop import NOW
from small_postgres import small_postgres

from medallion.warehouse.access import Access, AccessRequest, AccessState
from medallion.warehouse.agreement import Agreement
from medallion.warehouse.grants import rendered
from medallion.warehouse.versions import versions_schema

HOSTILE = 'sh"op; DROP SCHEMA x CASCADE; --'
PUBLISHED = {"sales", 'day"s', "hidden"}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A schema with three views, of a name that tries what it can, and two who may read nothing."""
    with (
        small_postgres(tmp_path_factory.mktemp("grants") / "postgres") as server,
        psycopg.connect(server.dsn, autocommit=True) as opened,
    ):
        for schema in (HOSTILE, versions_schema(HOSTILE)):
            opened.execute(psycopg.sql.SQL("CREATE SCHEMA {}").format(psycopg.sql.Identifier(schema)))
        for name in sorted(PUBLISHED):
            view = psycopg.sql.Identifier(HOSTILE, name)
            opened.execute(psycopg.sql.SQL("CREATE VIEW {} AS SELECT 1 AS a").format(view))
        for name in ("tool", "ana"):
            opened.execute(psycopg.sql.SQL("CREATE ROLE {}").format(psycopg.sql.Identifier(name)))
        yield opened


def access(consumer: str, state: AccessState) -> Access:
    agreed = Agreement(terms="t", tables=("sales", 'day"s'))
    request = AccessRequest(
        number=1,
        product=HOSTILE,
        port="p",
        consumer=consumer,
        state=state,
        agreement=agreed.to_json(),
        requested_by="carl",
        requested_at=NOW,
    )
    return Access(request, state, agreed)


def readers(connection: psycopg.Connection[tuple[object, ...]]) -> set[tuple[object, ...]]:
    """Who may read which view, schema and all."""
    return set(
        connection.execute(
            "SELECT r.rolname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, pg_roles r"
            " WHERE n.nspname = %s AND r.rolname IN ('tool', 'ana')"
            " AND has_schema_privilege(r.oid, n.oid, 'usage') AND has_table_privilege(r.oid, c.oid, 'select')",
            (HOSTILE,),
        )
    )


def apply(connection: psycopg.Connection[tuple[object, ...]], *found: Access) -> None:
    with connection.transaction():
        for grant in rendered(HOSTILE, found, PUBLISHED).grants:
            connection.execute(grant.sql.replace(" TO ROLE ", " TO ").replace(" FROM ROLE ", " FROM ").encode())


def test_a_consumer_may_read_the_ports_views_and_no_other_and_nobody_else_may(connection):
    for _ in range(2):  # twice is as once
        apply(connection, access("tool", AccessState.APPROVED), access("user:ana", AccessState.REVOKED))
        assert readers(connection) == {("tool", "sales"), ("tool", 'day"s')}


def test_who_is_revoked_may_read_nothing_and_others_read_on(connection):
    apply(connection, access("tool", AccessState.APPROVED), access("user:ana", AccessState.APPROVED))
    for _ in range(2):
        apply(connection, access("tool", AccessState.REVOKED), access("user:ana", AccessState.APPROVED))
        assert readers(connection) == {("ana", "sales"), ("ana", 'day"s')}
