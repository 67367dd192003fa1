"""The warehouse on AWS on the command line: what is missing or wrong is one line, before anything is tried."""

from __future__ import annotations

import sys

import pytest

from medallion.commands.wiring import open_warehouse, open_workspace, settings_of
from medallion.errors import UsageError
from medallion.settings import load_settings

URL = "redshift://etl@127.0.0.1:1/dev"
LAKE = "s3://lake/here"
PASSWORD = "correct-horse-battery"


def test_without_an_address_the_warehouse_is_a_file_of_the_home_folder(tmp_path):
    assert open_warehouse(load_settings(home=tmp_path)).location == str(tmp_path / "warehouse.duckdb")


def test_an_address_and_a_lake_in_s3_are_a_warehouse_on_redshift(tmp_path):
    settings = load_settings(home=tmp_path, warehouse=URL, lake=LAKE)
    assert (open_warehouse(settings).location, open_warehouse(settings).dialect) == (URL, "redshift")


@pytest.mark.parametrize("lake", [None, "/data/lake"])
def test_a_warehouse_on_redshift_without_a_lake_in_s3_is_refused(tmp_path, lake):
    with pytest.raises(UsageError, match=r"loads from S3 only; add --lake s3://BUCKET/FOLDER"):
        open_workspace(load_settings(home=tmp_path, warehouse=URL, lake=lake))


def test_where_the_driver_is_not_installed_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "redshift_connector", None)
    for name in [name for name in sys.modules if name.startswith("medallion.warehouse.redshift")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(
        UsageError, match=r"needs redshift_connector\S*; install it with: pip install 'medallion\[aws\]'"
    ):
        open_warehouse(load_settings(home=tmp_path, warehouse=URL, lake=LAKE))


def test_a_password_in_the_address_is_refused_and_not_repeated(tmp_path):
    with pytest.raises(UsageError, match="holds a password") as caught:
        open_warehouse(load_settings(home=tmp_path, warehouse=f"redshift://etl:{PASSWORD}@host/dev", lake=LAKE))
    assert PASSWORD not in str(caught.value)


def test_a_password_of_the_environment_is_in_no_settings_that_are_shown(monkeypatch):
    monkeypatch.setenv("MEDALLION_WAREHOUSE_PASSWORD", PASSWORD)
    assert PASSWORD not in repr(settings_of(None))


def test_a_password_without_a_user_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("MEDALLION_WAREHOUSE_PASSWORD", PASSWORD)
    with pytest.raises(UsageError, match=r"has a password but no user; write redshift://USER@HOST:5439/DATABASE"):
        open_warehouse(load_settings(home=tmp_path, warehouse="redshift://host/dev", lake=LAKE))
