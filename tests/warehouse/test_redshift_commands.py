"""Commands that change a warehouse on Redshift: taken back for readers, or not answered, they are done once."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pyarrow.parquet as pq
import pytest
from contract_files import arrow_table
from redshift_emulator import ROLE, Fault
from redshift_wire import RefusedError

from medallion import cli
from medallion.contracts import Layer
from medallion.products.restaurant.product import PRODUCT
from medallion.warehouse import transactions
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.versions import Publication, Staged, publish_gold

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
MART = next(step.table for step in PRODUCT.layer(Layer.GOLD) if step.table.name == "sales_by_location")
DEADLOCK = RefusedError("deadlock detected", "Process 1 waits for process 2", code="40P01")


def taken_back_or_not_answered(statement):
    """Twice the warehouse takes back what the command did there, or the answer to its commit is lost."""
    faults = [Fault(statement, DEADLOCK, times=2), Fault("^COMMIT", after=True, since=statement)]
    return pytest.mark.parametrize("fault", faults, ids=["taken back", "not answered"])


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Repeats without the pauses in which others get on."""
    monkeypatch.setattr(transactions, "_FIRST_PAUSE", 0.002)
    monkeypatch.setattr(transactions, "_LONGEST_PAUSE", 0.02)


@pytest.fixture
def medallion(place, tmp_path, monkeypatch, capfd):
    """Runs a command on three published versions of a mart; returns what it prints as JSON."""
    settings = {
        "HOME": str(tmp_path),
        "WAREHOUSE": place.url,
        "WAREHOUSE_PASSWORD": place.emulator.password,
        "WAREHOUSE_ROLE": ROLE,
        "LAKE": place.lake,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"MEDALLION_{name}", value)
    place.warehouse.transact(create_control_tables)
    for number in (1, 2, 3):
        file = f"{place.folder}/{number}.parquet"
        pq.write_table(arrow_table(MART, []), file)
        publication = Publication(
            run_id=f"run-{number}", as_of=date(2024, 2, number), published_at=NOW + timedelta(hours=number)
        )
        staged = [Staged(table=MART, files=(file,), fingerprint=str(number))]
        place.warehouse.transact(
            lambda session, given=staged, by=publication: publish_gold(session, PRODUCT, given, by)
        )
    capfd.readouterr()

    def run(*arguments):
        code = cli.main([*arguments, "--json"])
        out, err = capfd.readouterr()
        assert code == 0, err
        return json.loads(out)

    return run


@taken_back_or_not_answered("CREATE OR REPLACE VIEW")
def test_a_rollback_is_done_once(place, medallion, fault):
    place.will(fault)
    done = medallion("rollback", "restaurant")
    assert (done["version"], done["shows"], done["replaces"]) == (4, 2, 3)
    versions = medallion("versions", "restaurant")["versions"]
    assert [one["version"] for one in versions] == [4, 3, 2, 1]
    assert versions[0]["run_id"] == done["run_id"]


@taken_back_or_not_answered("^DROP TABLE")
def test_versions_are_dropped_once_and_named(place, medallion, fault):
    place.will(fault)
    done = medallion("prune", "restaurant", "--keep", "1")
    assert (done["kept"], done["dropped"], len(done["dropped_tables"])) == ([3], [2, 1], 2)
    assert [one["version"] for one in medallion("versions", "restaurant")["versions"]] == [3]


@taken_back_or_not_answered("^INSERT INTO .*access_event")
def test_access_is_asked_for_once(place, medallion, fault):
    place.will(fault)
    consumer = ("marketing_360.customer_activity", "--for", "campaign_tool")
    asked = medallion("access", "request", *consumer, "--purpose", "weekly mailing", "--by", "carl")
    assert asked["state"] == "requested"
    assert place.as_administrator("SELECT action, actor FROM control.access_event") == [("requested", "carl")]
