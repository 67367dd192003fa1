"""What can go wrong around the warehouse on AWS: one clear line each, and never a secret in it."""

from __future__ import annotations

import json
import logging
import socket
import threading
import traceback
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import boto3
import pyarrow.parquet as pq
import pytest
from aws_emulator import REGION
from contract_files import arrow_table
from redshift_emulator import Fault, emulated_redshift, emulated_warehouse
from redshift_wire import RefusedError
from shop import SALES

from medallion.errors import StorageError, UsageError
from medallion.warehouse.ddl import create_schema, create_table
from medallion.warehouse.redshift import RedshiftWarehouse
from medallion.warehouse.redshift_address import Login, RedshiftAddress, connect, credentials_of, from_secret
from medallion.warehouse.redshift_storage import ObjectStore

PASSWORD = "correct-horse-battery"


def ask(warehouse):
    with warehouse.read() as session:
        return session.rows("SELECT 1")


def warehouse_at(url, password=PASSWORD):
    address = RedshiftAddress.parse(url)
    return RedshiftWarehouse(address, lambda: Login(str(address.user), password), manifests="s3://lake/manifests")


def test_a_database_that_cannot_be_reached_is_named_with_what_to_check():
    with pytest.raises(StorageError, match=r"redshift://etl@127.0.0.1:1/dev: cannot be reached .*security group"):
        ask(warehouse_at("redshift://etl@127.0.0.1:1/dev"))


def test_a_host_that_is_unknown_is_named():
    with pytest.raises(StorageError, match="the host is unknown; check the address"):
        ask(warehouse_at("redshift://etl@nowhere.invalid/dev"))


def test_a_wrong_password_is_said_so_and_shown_nowhere(place, caplog):
    caplog.set_level(logging.DEBUG)
    with pytest.raises(StorageError, match="user or password is wrong; check the secret") as caught:
        ask(warehouse_at(place.url))
    said = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert PASSWORD not in said


def test_a_connection_that_is_silent_for_long_is_kept_alive(place):
    address = RedshiftAddress.parse(place.url)
    with closing(connect(address, lambda: Login(str(address.user), place.emulator.password), None)) as connection:
        options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        idle, interval, count = (connection._usock.getsockopt(socket.IPPROTO_TCP, one) for one in options)
    assert idle + interval * count < 350  # seconds, after which an endpoint forgets it


def test_the_password_is_not_in_what_the_driver_logs(place, caplog):
    caplog.set_level(logging.DEBUG)
    assert ask(place.warehouse) == [(1,)]
    assert place.emulator.password not in caplog.text


def test_a_database_that_is_not_there_is_said_so(place):
    url = place.emulator.url("nothing")
    with pytest.raises(StorageError, match="there is no such database; check the end of the address"):
        ask(warehouse_at(url, place.emulator.password))


@pytest.mark.parametrize(
    "url",
    [
        "redshift://etl@host",
        "redshift://host/a/b",
        "postgres://etl@host/dev",
        "redshift:///dev",
        "redshift://etl@host:port/dev",
        "redshift://etl@host/dev?sslmode=disable",
    ],
)
def test_what_is_no_address_is_refused_with_an_example(url):
    with pytest.raises(UsageError, match=r"is no address of a warehouse; write redshift://USER@HOST:5439/DATABASE"):
        RedshiftAddress.parse(url)


def test_an_address_with_a_password_is_refused_without_repeating_it():
    with pytest.raises(UsageError, match=r"holds a password.*MEDALLION_WAREHOUSE_PASSWORD") as caught:
        RedshiftAddress.parse(f"redshift://etl:{PASSWORD}@host/dev")
    assert PASSWORD not in str(caught.value)


def test_a_login_does_not_show_itself():
    assert PASSWORD not in repr(Login("etl", PASSWORD))


def test_the_login_comes_from_secrets_manager(place):
    client = boto3.client("secretsmanager", region_name=REGION)
    client.create_secret(
        Name=place.database,
        SecretString=json.dumps({"username": place.emulator.user, "password": place.emulator.password}),
    )
    address = RedshiftAddress.parse(place.url)
    credentials = credentials_of(address, password=None, secret=place.database, region=REGION)
    assert ask(RedshiftWarehouse(address, credentials, manifests=place.lake)) == [(1,)]


def test_a_secret_that_is_not_there_is_named(place):
    with pytest.raises(StorageError, match="secret nothing: there is no such secret; check its name and the region"):
        from_secret("nothing", REGION)


def test_a_secret_of_another_form_is_named_and_not_shown(place):
    client = boto3.client("secretsmanager", region_name=REGION)
    client.create_secret(Name=f"odd-{place.database}", SecretString=PASSWORD)
    with pytest.raises(StorageError, match="is not JSON with username and password") as caught:
        from_secret(f"odd-{place.database}", REGION)
    assert PASSWORD not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("ExpiredTokenException", "the AWS credentials have expired; sign in again"),
        ("AccessDeniedException", "this role may not read it; allow it secretsmanager:GetSecretValue"),
    ],
)
def test_credentials_that_do_not_do_are_said_so(place, monkeypatch, code, cause):
    class Answer(BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(400)
            self.end_headers()
            self.wfile.write(json.dumps({"__type": code, "message": "no"}).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(StorageError, match=cause):
            from_secret("warehouse", REGION)
        server.shutdown()


def copy(place, file):
    with place.warehouse.write() as session:
        session.copy_in("s.sales", SALES, [file])


def load(place, warehouse=None):
    file = f"{place.folder}/sales.parquet"
    pq.write_table(arrow_table(SALES, [("EUR", None)]), file)
    with (warehouse or place.warehouse).write() as session:
        session.execute(create_schema("s"))
        session.execute(create_table("s.sales", SALES, session.dialect))
        session.copy_in("s.sales", SALES, [file])


def test_a_role_that_the_warehouse_may_not_take_is_said_so(place):
    other = emulated_warehouse(place.emulator, place.database, place.lake, role="arn:aws:iam::1:role/other")
    with pytest.raises(StorageError, match="may not use the role for COPY and UNLOAD; attach it to the namespace"):
        load(place, other)


def test_without_a_role_the_setting_is_named(place):
    other = warehouse_at(place.url, place.emulator.password)
    with pytest.raises(UsageError, match=r"warehouse_role: is not set.*MEDALLION_WAREHOUSE_ROLE"):
        load(place, other)


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (RefusedError("Disk Full", "error: Disk Full code: 1016"), "no space left in the warehouse"),
        (RefusedError("Mandatory url is not present in manifest"), "a file to be loaded is gone; run again"),
        (
            RefusedError("S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 1"),
            "the role for COPY and UNLOAD may not use the lake",
        ),
        (RefusedError("permission denied for schema s", code="42501"), "the user lacks a right there; grant it"),
    ],
    ids=["disk full", "file gone", "access denied", "no right"],
)
def test_what_copy_says_is_told_in_one_line_with_the_file(place, error, cause):
    place.will(Fault("^COPY", error))
    with pytest.raises(StorageError, match=rf"sales\.parquet: cannot be loaded into s\.sales \({cause}") as caught:
        load(place)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named_before_copy(place):
    with pytest.raises(StorageError, match=r"gone\.parquet: cannot be loaded into s\.sales \(there is no such file"):
        copy(place, f"{place.folder}/gone.parquet")
    assert place.ran("COPY") == []


def test_a_bucket_that_is_not_there_is_named(place):
    with pytest.raises(StorageError, match=r"s3://no-such-bucket/a\.parquet: .*there is no such bucket; check --lake"):
        copy(place, "s3://no-such-bucket/a.parquet")


def test_a_file_of_this_machine_is_refused(place):
    with pytest.raises(StorageError, match="Redshift loads from S3 only; set --lake s3://BUCKET/FOLDER"):
        copy(place, "sales.parquet")


def test_rows_that_were_not_loaded_are_noticed(place):
    place.will(Fault("pg_last_copy_count", RefusedError("never mind")))
    with pytest.raises(StorageError, match="cannot be loaded"):
        load(place)


def test_manifests_do_not_stay_behind(place):
    load(place)
    assert ObjectStore().files(f"{place.lake}/manifests", suffix=".json") == []


def test_a_warehouse_without_control_tables_is_not_there_yet():
    emulator = emulated_redshift()
    with emulator.database() as empty:
        assert emulated_warehouse(emulator, empty, "s3://lake/x").exists() is False


def test_a_warehouse_with_control_tables_is_there(place):
    assert place.warehouse.exists() is True
