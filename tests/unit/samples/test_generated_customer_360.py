"""The generated tables of operational systems: repeatable, plausible, and spoilt in known numbers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from medallion import cli
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.errors import UsageError
from medallion.samples.customer_360 import NEWEST, Customer360Sample, generate

CLEAN, DIRTY = generate(Customer360Sample(customers=200)), generate(Customer360Sample(customers=200, dirty=1.0))


def column(tables: dict[str, list[tuple[object, ...]]], table: str, place: int) -> list[object]:
    return [row[place] for row in tables[table]]


def test_the_same_settings_give_the_same_rows_and_another_seed_others() -> None:
    assert generate(Customer360Sample(customers=200)) == CLEAN
    assert generate(Customer360Sample(customers=200, seed=2)) != CLEAN


def test_a_clean_sample_has_no_fault() -> None:
    assert CLEAN.planted == {}
    assert set(column(CLEAN.tables, "erp_orders", 1)) <= set(column(CLEAN.tables, "crm_customers", 0))
    assert max(Counter(column(CLEAN.tables, "wms_shipments", 1)).values()) == 1


def test_nothing_happens_after_the_newest_day_or_before_its_cause() -> None:
    signups = {row[0]: row[4] for row in CLEAN.tables["crm_customers"]}
    placed = {row[0]: row[2] for row in CLEAN.tables["erp_orders"]}
    assert all(signups[row[1]] <= row[2] <= NEWEST for row in CLEAN.tables["erp_orders"])  # type: ignore[operator]
    assert all(placed[row[1]] <= row[2] <= NEWEST for row in CLEAN.tables["wms_shipments"])  # type: ignore[operator]


def test_a_dirty_sample_has_every_fault_as_often_as_it_says() -> None:
    customers = set(column(DIRTY.tables, "crm_customers", 0))
    orders = column(DIRTY.tables, "erp_orders", 1)
    long = [text for text in column(DIRTY.tables, "crm_customers", 3) if len(str(text).encode()) == 101]
    again = Counter(column(DIRTY.tables, "wms_shipments", 1)).values()
    found = {
        "email_of_101_bytes": len(long),
        "missing_signup_date": column(DIRTY.tables, "crm_customers", 4).count(None),
        "order_of_deleted_customer": sum(one is not None and one not in customers for one in orders),
        "order_without_customer": orders.count(None),
        "two_current_shipments": sum(count == 2 for count in again),
        "unknown_status": column(DIRTY.tables, "wms_shipments", 3).count("Left on the porch"),
    }

    assert min(found.values()) > 0
    assert found == DIRTY.planted


@pytest.mark.parametrize("setting", [{"customers": 0}, {"dirty": 1.5}, {"days": 0}])
def test_settings_out_of_range_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=next(iter(setting))):
        Customer360Sample(**setting)


def test_the_command_fills_a_database_and_does_not_replace_its_tables_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MEDALLION_SOURCE_DSN", raising=False)
    arguments = ["generate", "customer_360", "--customers", "20", "--dirty", "1", "--home", str(tmp_path), "--json"]

    with EmbeddedPostgres(tmp_path / "postgres") as server:  # kept running, to be looked into
        assert cli.main(arguments) == 0
        document = json.loads(capsys.readouterr().out)
        with psycopg.connect(server.dsn) as connection:
            counts = {
                name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in document["tables"]
            }
        assert cli.main(arguments) == 2
        assert "is there already" in json.loads(capsys.readouterr().out)["error"]
        assert cli.main([*arguments, "--replace"]) == 0

    assert counts == document["tables"]
    assert json.loads(Path(document["planted"]).read_text())["planted"]["unknown_status"] == 1
