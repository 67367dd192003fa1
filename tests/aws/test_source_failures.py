"""What the function source_load cannot load is one line and nothing half done; the next invocation goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from aws_services import answer, before
from drive_bench import Clock
from source_bench import SourceBench, items, rds_secret

from medallion.errors import BusyError, InputError, MedallionError, StorageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


def failed(source: SourceBench, kind: type[MedallionError], **options: Any) -> str:
    with pytest.raises(kind) as found:
        source.run(**options)
    assert "\n" not in str(found.value)
    return str(found.value)


def test_a_file_the_gate_refuses_does_not_keep_the_others_back(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", b"order_id\no1\n")
    source.land("f2", "order_items_2.csv", items("Burger"))

    assert failed(source, InputError).startswith("order_items.csv: columns 'app_name', 'restaurant_id', ")
    assert source.counts() == (1, 1, 1)


def test_an_import_that_fails_leaves_nothing_and_the_next_goes_on(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    source.rows("ALTER FUNCTION aws_commons.create_s3_uri RENAME TO away")
    line = failed(source, StorageError)
    assert line.startswith("table restaurant.order_items: function aws_commons.create_s3_uri(")
    assert line.endswith("; create the extension that has it: CREATE EXTENSION aws_s3 CASCADE")
    assert source.counts() == (0, 0, 0)
    source.rows("ALTER FUNCTION aws_commons.away RENAME TO create_s3_uri")

    s3 = source.aws.client("s3")
    before(s3, "CreateMultipartUpload", lambda: pytest.fail("rows are written again"))

    assert (source.run(s3=s3)["loaded"], source.counts()) == (1, (1, 1, 1))


def test_a_server_without_the_import_is_given_it_or_told_where_it_is(source: SourceBench) -> None:
    source.rows("ALTER FUNCTION aws_s3.table_import_from_s3 RENAME TO away")
    line = failed(source, StorageError)
    assert line.startswith('schema restaurant: extension "aws_s3" is not available')
    assert line.endswith("; name an RDS for PostgreSQL or Aurora: they have the extension aws_s3 and others do not")


def test_rows_that_s3_does_not_hand_out_to_the_database(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    with psycopg.connect(source.dsn) as connection:
        connection.execute("ALTER FUNCTION aws_commons.create_s3_uri RENAME TO of_another_bucket")
        connection.execute(
            "CREATE FUNCTION aws_commons.create_s3_uri(text, text, text) RETURNS aws_commons._s3_uri_1 LANGUAGE sql AS"
            " $$ SELECT aws_commons.of_another_bucket('nowhere', $2, $3) $$"
        )

    line = failed(source, StorageError)

    assert line.startswith(
        "table restaurant.order_items: HTTP 404. Check your arguments or credentials and try again. ("
    )
    assert line.endswith("; check that the instance's s3Import role may read it, and the route to S3; then run again")
    assert source.counts() == (0, 0, 0)


@pytest.mark.parametrize("table", ["order_items", "_batch", "_object"])
def test_a_connection_lost_between_import_and_commit_leaves_nothing(source: SourceBench, table: str) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    source.land("f2", "order_items_2.csv", items())
    source.run()
    source.land("f3", "order_items_3.csv", items("Salad", "Cola"))
    source.rows(
        "CREATE FUNCTION hang_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;"
        f" CREATE TRIGGER hang_up AFTER INSERT ON restaurant.{table} EXECUTE FUNCTION hang_up()"
    )

    line = failed(source, MedallionError)

    assert "terminating connection" in line
    assert source.counts() == (1, 2, 2)
    source.rows("DROP FUNCTION hang_up CASCADE")
    assert (source.run()["loaded"], source.counts()) == (1, (3, 3, 3))


def test_rows_that_go_astray_in_the_database_are_noticed(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger", "Cola"))
    source.land("f2", "date_dim.csv", b"")
    failed(source, InputError)  # the tables are there now
    source.rows("DELETE FROM restaurant._object; DELETE FROM restaurant._batch")
    source.rows(
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
        " CREATE TRIGGER lose BEFORE INSERT ON restaurant.order_items FOR EACH ROW WHEN (NEW.item_name = 'Cola')"
        " EXECUTE FUNCTION lose()"
    )

    line = failed(source, InputError)

    assert line.startswith("order_items.csv: 2 rows are in incoming/restaurant/order_items/")
    assert "1 in the database; nothing was kept: look who else writes to either, then run again" in line
    assert source.rows("SELECT count(*) FROM restaurant._object") == [(0,)]


def test_out_of_time_between_two_files_the_next_invocation_goes_on(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    source.land("f2", "order_items_2.csv", items("Cola"))
    clock, s3 = Clock(), source.aws.client("s3")
    before(s3, "DeleteObject", clock.use_up)

    first, second = source.run(s3, clock), source.run()

    assert (first["done"], first["loaded"], second["done"], second["loaded"]) == (False, 1, True, 1)


def test_a_load_that_would_outlast_the_invocation_is_stopped_by_the_server(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    clock, s3 = Clock(), source.aws.client("s3")
    before(s3, "PutObject", clock.use_up)  # the gate's report: what comes next is the database
    with psycopg.connect(source.dsn) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION aws_commons.create_s3_uri(s3_bucket text, s3_key text, aws_region text)"
            " RETURNS aws_commons._s3_uri_1 LANGUAGE sql AS"
            " $$ SELECT pg_sleep(2); SELECT ROW($1, $2, $3)::aws_commons._s3_uri_1 $$"
        )

    line = failed(source, StorageError, s3=s3, remaining=clock)

    assert line.startswith("table restaurant.order_items: canceling statement due to statement timeout")
    assert line.endswith("; give the function more time, or deliver the file in parts; nothing of it was kept")
    assert source.counts() == (0, 0, 0)


def test_a_file_too_large_to_be_read_in_one_invocation_is_told(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    clock, s3 = Clock(), source.aws.client("s3")
    before(s3, "GetObject", clock.use_up)

    assert failed(source, StorageError, s3=s3, remaining=clock) == (
        f"order_items.csv: {len(items('Burger'))} bytes cannot be read within one invocation; give the function more"
        " memory (it is then faster), or deliver the file in parts"
    )
    assert (source.keys("incoming/"), source.keys("rejects/")) == ([], [])


def test_a_file_replaced_while_it_is_read_is_left_to_the_next_invocation(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    s3 = source.aws.client("s3")
    before(s3, "GetObject", lambda: source.land("f1", "order_items.csv", items("Salad")))

    assert failed(source, BusyError, s3=s3).endswith("nothing was overwritten; run again")
    assert source.run()["loaded"] == 1
    assert source.rows("SELECT item_name FROM restaurant.order_items") == [("Salad",)]


def test_a_read_that_s3_denies(source: SourceBench) -> None:
    source.land("f1", "order_items.csv", items("Burger"))
    s3 = source.aws.client("s3")
    answer(s3, "GetObject", 403, "AccessDenied", times=10)

    assert "access denied; allow the function's role to use it" in failed(source, StorageError, s3=s3)


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ("no json", "is not a JSON document; store username, password, host, port and dbname in it"),
        ('{"username": "a", "host": "b"}', "has no 'password'; store username, password, host, port and dbname of the"),
    ],
)
def test_a_secret_that_holds_something_else(source: SourceBench, secret: str, message: str) -> None:
    name = source.aws.new_secret(secret)

    assert failed(source, UsageError, source_secret=name).startswith(f"secret {name}: {message}")


def test_an_unreachable_database(source: SourceBench, unused_port: Callable[[], int]) -> None:
    port = unused_port()
    name = source.aws.new_secret(rds_secret(source.dsn, port=port))

    line = failed(source, InputError, source_secret=name)

    assert line.startswith(f"database 127.0.0.1:{port}/")
    assert line.endswith("check that it runs and is reachable, and the user and password in the connection string")


def test_a_password_that_was_rotated_away_is_told_and_not_repeated(source: SourceBench) -> None:
    name = source.aws.new_secret(rds_secret(source.dsn, password="old-secret"))

    line = failed(source, InputError, source_secret=name)

    assert "password authentication failed" in line
    assert "old-secret" not in line


def test_a_missing_setting(source: SourceBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_SECRET")

    assert failed(source, UsageError).startswith("setting SOURCE_SECRET: is missing; set it in the")
