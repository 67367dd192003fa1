"""A changed rule, what it changed, the way back, and runs after that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from restaurant_input import ITEMS_HEADER, Bench, write_csv, write_input
from warehouse_contents import unaccounted_tables

from medallion import cli
from medallion.catalog import product
from medallion.contracts import Layer

MARTS = [step.table.name for step in product("restaurant").layer(Layer.GOLD)]
# As of 2024-01-05 customer u1 was silent for four days, u2 for three.
SHORTER = "churn_after_days=3"


@pytest.fixture
def published(published: Bench) -> Bench:
    """The product as published; its files are still there, as they usually are."""
    write_input(published.input)
    return published


@pytest.fixture
def command(published: Bench, capfd: pytest.CaptureFixture[str]) -> Any:
    """Runs a command on the product's home; its JSON document."""

    def run(*arguments: str) -> Any:
        capfd.readouterr()
        code = cli.main([*arguments, "--home", str(published.workspace.home), "--json"])
        out, err = capfd.readouterr()
        assert code == 0, out + err
        return json.loads(out)

    return run


def contents(bench: Bench) -> dict[str, list[Any]]:
    """All that readers see."""
    return {name: bench.rows(f"SELECT * FROM restaurant.{name} ORDER BY ALL") for name in MARTS}


def described_views(bench: Bench) -> list[Any]:
    """The marts as views, with the descriptions of their columns."""
    return bench.rows(
        "SELECT view_name, column_name, c.comment FROM duckdb_views() AS v JOIN duckdb_columns() AS c"
        " ON c.schema_name = v.schema_name AND c.table_name = view_name WHERE v.schema_name = 'restaurant' ORDER BY ALL"
    )


def at_risk(bench: Bench) -> list[Any]:
    return bench.rows("SELECT user_id FROM restaurant.churn_indicators WHERE churn_status = 'at risk' ORDER BY 1")


def test_a_changed_rule_shows_in_the_rows_it_changed(published: Bench, command: Any) -> None:
    published.run(SHORTER)

    found = command("diff", "churn_indicators", "1", "2")

    assert found["rows"] == {"added": 0, "removed": 0, "changed": 1, "unchanged": 1, "rounded": 0}
    assert [(row["key"]["user_id"], row["changes"]) for row in found["examples"]] == [
        ("u1", {"churn_status": {"old": "active", "new": "at risk"}})
    ]


def test_after_a_rollback_readers_see_all_marts_as_they_were(published: Bench, command: Any) -> None:
    before, views = contents(published), described_views(published)
    published.run(SHORTER)
    assert contents(published) != before

    found = command("rollback", "restaurant")

    assert (found["version"], found["shows"], found["marts"]) == (3, 1, sorted(MARTS))
    assert contents(published) == before
    assert described_views(published) == views


def test_a_rollback_of_all_marts_is_one_transaction_that_moves_no_rows(
    published: Bench, command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.run(SHORTER)
    passed = tmp_path / "passed.txt"
    monkeypatch.setenv("MEDALLION_FAULT_LOG", str(passed))

    command("rollback", "restaurant")

    places = [line.partition("#")[0] for line in passed.read_text().split()]
    assert places.count("warehouse.statement") >= len(MARTS)
    assert {"warehouse.copy_in", "warehouse.copy_out"}.isdisjoint(places)
    (changed,) = published.rows("SELECT count(DISTINCT published_at), count(*) FROM control.version WHERE version = 3")
    assert changed == (1, len(MARTS))


def test_a_run_after_a_rollback_publishes_what_is_asked_for_and_no_more(published: Bench, command: Any) -> None:
    published.run(SHORTER)
    command("rollback", "restaurant")

    assert published.run().run_id is None  # the rules are those of the version that readers see
    report = published.run(SHORTER)

    assert [table.name for table in report.tables if table.action == "built"] == [
        "customer_survival",
        "churn_indicators",
    ]
    assert (report.version, at_risk(published)) == (4, [("u1",)])


def test_deliveries_before_and_after_a_rollback_come_out_as_in_a_full_load(published: Bench, command: Any) -> None:
    line = "app,r1,2024-01-05T13:00:00Z,{0},u{0},,FALSE,USD,l1,Mains,Burger,10.00,1"
    write_csv(published.input, "order_items_2.csv", ITEMS_HEADER, [line.format(7)])
    published.run()
    command("rollback", "restaurant")
    write_csv(published.input, "order_items_3.csv", ITEMS_HEADER, [line.format(8)])

    published.run()
    after = contents(published)
    published.run(is_full=True)

    assert published.net_amount() == "59.50"  # 39.50 at first, and 10.00 with either delivery
    assert contents(published) == after


def test_the_record_of_runs_is_what_it_was_before_a_rollback(published: Bench, command: Any) -> None:
    published.run(SHORTER)
    before = command("history", "restaurant")
    command("rollback", "restaurant")

    assert command("history", "restaurant") == before
    assert command("status", "restaurant")["version"] == 3
    assert [table["action"] for table in command("plan", "restaurant")["tables"] if table["action"] != "skip"] == []


def test_pruned_versions_leave_no_table_and_runs_go_on(published: Bench, command: Any) -> None:
    published.run(SHORTER)
    before = contents(published)

    found = command("prune", "restaurant", "--keep", "1")

    assert (found["kept"], found["dropped"]) == ([2], [1])
    assert found["dropped_tables"] == [
        "restaurant_versions.churn_indicators__000001",
        "restaurant_versions.customer_survival__000001",
    ]
    assert contents(published) == before
    assert unaccounted_tables(published.workspace.home / "warehouse.duckdb") == []
    assert published.run().version == 3
    assert at_risk(published) == []
