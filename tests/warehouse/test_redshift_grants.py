"""Who may read the marts on Redshift: what the record says and the readers' role, given with the publish."""

from __future__ import annotations

import psycopg
import pytest
from governed_shop import Office
from redshift_place import Place
from shop import NOW, PRODUCT

from medallion.warehouse.granting import apply_grants
from medallion.warehouse.records import Version, insert_records


@pytest.fixture
def readers(place: Place):
    """A role of dashboards, which belongs to the server and not to the database."""
    place.as_administrator("DROP ROLE IF EXISTS dashboards")
    place.as_administrator("CREATE ROLE dashboards")
    yield "dashboards"
    place.as_administrator("DROP OWNED BY dashboards")
    place.as_administrator("DROP ROLE dashboards")


def rights(place, role, relation):
    sql = f"SELECT has_schema_privilege('{role}', '{relation.partition('.')[0]}', 'usage') AND "
    return place.as_administrator(f"{sql} has_table_privilege('{role}', '{relation}', 'select')")[0][0]


def granted(place, readers):
    with place.warehouse.write() as session:
        return apply_grants(session, PRODUCT, readers, NOW)


def test_the_readers_role_reads_the_marts_and_what_ran_and_nothing_else(place, publish_on_redshift, readers):
    publish_on_redshift("1")
    publish_on_redshift("2")
    assert granted(place, readers) == ()
    marts = ("shop.sales", "shop_versions.sales__000001", "shop_versions.sales__000002")
    kinds = ("version", "run", "checkpoint", "batch", "quality", "lease")
    runs = tuple(f"control.{kind}" for kind in kinds)
    others = ("quarantine.rejected_row", "control.access_request", "control.access_event", "control.input_version")
    found = {one: rights(place, readers, one) for one in (*marts, *runs, *others)}
    assert found == {**dict.fromkeys((*marts, *runs), True), **dict.fromkeys(others, False)}


def test_of_rejected_rows_the_readers_role_sees_their_table_and_reason_alone(place, publish_on_redshift, readers):
    publish_on_redshift("1")
    granted(place, readers)
    columns = place.as_administrator(
        "SELECT column_name FROM information_schema.column_privileges WHERE grantee = 'dashboards'"
        " AND table_schema = 'quarantine' ORDER BY column_name"
    )
    assert columns == [("product",), ("reasons",), ("table_name",)]


def test_of_silver_the_readers_role_sees_the_day_that_freshness_is_told_by(place, publish_on_redshift, readers):
    with place.warehouse.write() as session:
        session.execute("CREATE SCHEMA shop_silver; CREATE TABLE shop_silver.orders (order_id INT, order_date DATE)")
        recorded = Version(
            product="shop", version=1, layer="silver", run_id="r", table_name="orders",
            relation="shop_silver.orders", published_at=NOW,
        )  # fmt: skip
        insert_records(session, [recorded])
    publish_on_redshift("1")
    granted(place, readers)
    columns = place.as_administrator(
        "SELECT table_name, column_name FROM information_schema.column_privileges WHERE grantee = 'dashboards'"
        " AND table_schema = 'shop_silver'"
    )
    assert columns == [("orders", "order_date")]


def test_a_version_that_somebody_dropped_is_granted_to_nobody_and_stops_no_publish(place, publish_on_redshift, readers):
    publish_on_redshift("1")
    publish_on_redshift("2")
    with place.warehouse.write() as session:
        session.execute("DROP TABLE shop_versions.sales__000001")
    assert granted(place, readers) == ()
    assert rights(place, readers, "shop_versions.sales__000002")


def test_the_readers_role_reads_through_the_view(place, publish_on_redshift, readers):
    publish_on_redshift("1")
    granted(place, readers)
    with psycopg.connect(place.emulator.dsn(place.database)) as connection:
        connection.execute("SET ROLE dashboards")
        assert connection.execute("SELECT currency FROM shop.sales").fetchall() == [("EUR",)]


@pytest.fixture
def tool(place: Place):
    """A role of a consumer."""
    place.as_administrator("DROP ROLE IF EXISTS tool")
    place.as_administrator("CREATE ROLE tool")
    yield "tool"
    place.as_administrator("DROP OWNED BY tool")
    place.as_administrator("DROP ROLE tool")


def read_as(place, role, relation):
    with psycopg.connect(place.emulator.dsn(place.database)) as connection:
        connection.execute(f"SET ROLE {role}")
        return connection.execute(f"SELECT currency FROM {relation}").fetchall()


def test_a_consumer_reads_the_view_of_the_port_and_no_table_behind_it_until_access_ends(
    place, publish_on_redshift, tool
):
    publish_on_redshift("1")
    office = Office(place.warehouse)
    office.given(consumer=tool)
    with place.warehouse.write() as session:
        apply_grants(session, office.product, None, NOW)
    assert read_as(place, tool, "shop.sales") == [("EUR",)]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="table sales__000001"):
        read_as(place, tool, "shop_versions.sales__000001")

    office.revoke(consumer=tool)
    with place.warehouse.write() as session:
        apply_grants(session, office.product, None, NOW)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema shop"):
        read_as(place, tool, "shop.sales")


def test_a_right_survives_the_next_publish(place, publish_on_redshift, readers):
    publish_on_redshift("1")
    granted(place, readers)
    publish_on_redshift("2")
    assert rights(place, readers, "shop.sales")


@pytest.mark.parametrize("missing", ["nobody_there", "user:nobody_there"])
def test_a_reader_that_is_not_there_is_noted_and_fails_nothing(place, publish_on_redshift, missing):
    publish_on_redshift("1")
    assert granted(place, missing) == (
        f"{missing}: is not known to the warehouse and was granted nothing; create it and run again",
    )


def test_before_the_first_publish_there_is_nothing_to_grant(place, readers):
    assert granted(place, readers) == ()
    assert place.ran("GRANT") == []
