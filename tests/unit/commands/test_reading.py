"""Looking at what is published: by name, in SQL, and never changing it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from outcome import Medallion

from medallion.warehouse.duckdb import DuckDbWarehouse


def test_before_any_run_showing_says_how_to_start(medallion: Medallion) -> None:
    outcome = medallion("show", "customer_lifetime_value")

    assert (outcome.code, outcome.err) == (
        6,
        "error: .medallion/warehouse.duckdb: there is no warehouse yet; run a product first or check --home\n",
    )


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("custmer_lifetime_value", "did you mean customer_lifetime_value"),
        ("restaurant_silver.order", "did you mean restaurant_silver.orders"),
        ("control.runs", "did you mean control.run"),
        ("xyz", "choose one of: clv_model, customer_lifetime_value, "),
    ],
)
def test_an_unknown_table_suggests_similar_names(medallion: Medallion, name: str, remedy: str) -> None:
    outcome = medallion("show", name)

    line = f"error: table '{name}' is unknown; {remedy}"
    assert (outcome.code, outcome.err[: len(line)]) == (2, line)


@pytest.mark.parametrize("command", [("show", "orders"), ("show", "Orders", "--json")])
def test_of_tables_of_one_name_none_is_shown_for_another(medallion: Medallion, command: tuple[str, ...]) -> None:
    outcome = medallion(*command)

    said = outcome.document["error"] if "--json" in command else outcome.err.removeprefix("error: ").rstrip("\n")
    assert (outcome.code, said) == (
        2,
        f"table '{command[1]}': several are so called; write restaurant_silver.orders or sales_erp.orders",
    )


def test_a_diff_takes_the_one_mart_of_a_name(medallion: Medallion) -> None:
    outcome = medallion("diff", "orders", "1", "2")

    assert outcome.err.startswith("error: ")
    assert "several" not in outcome.err
    assert "is not a mart" not in outcome.err


@pytest.mark.usefixtures("warehouse")
def test_a_table_that_was_never_published_says_how_to_publish_it(medallion: Medallion) -> None:
    outcome = medallion("show", "sales_trends")

    assert outcome.code == 2
    assert outcome.err.endswith("publish it with: medallion run restaurant --input DIR\n")


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize("name", ["rejected_row", "quarantine.rejected_row", "Quarantine.Rejected_Row"])
def test_a_table_is_found_with_and_without_its_schema(medallion: Medallion, name: str) -> None:
    outcome = medallion("show", name, "--limit", "1", "--json")

    found = outcome.document
    assert (found["table"], found["row_count"], len(found["rows"])) == ("quarantine.rejected_row", 2, 1)


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("DROP TABLE control.run", "error: query: DROP is not a query; only SELECT and the like can run here\n"),
        ("DELETE FROM control.run", "error: query: DELETE is not a query; only SELECT and the like can run here\n"),
        ("COPY (SELECT 1) TO 'x.csv'", "error: query: COPY is not a query; only SELECT and the like can run here\n"),
        ("ATTACH 'x.duckdb'", "error: query: ATTACH is not a query; only SELECT and the like can run here\n"),
        ("SELECT 1; DROP TABLE control.run", "error: query: 2 statements are given; give one SELECT\n"),
        (" ", "error: query: 0 statements are given; give one SELECT\n"),
    ],
)
def test_a_query_cannot_change_anything(
    medallion: Medallion, folder: Path, warehouse: DuckDbWarehouse, sql: str, line: str
) -> None:
    before = Path(warehouse.location).read_bytes()

    outcome = medallion("query", sql)

    assert (outcome.code, outcome.err) == (2, line)
    assert Path(warehouse.location).read_bytes() == before
    assert [path.name for path in folder.iterdir()] == [".medallion"]


@pytest.mark.usefixtures("warehouse")
def test_a_wrong_query_is_explained_in_a_line(medallion: Medallion) -> None:
    outcome = medallion("query", "SELECT nothing FROM control.run")

    assert (outcome.code, outcome.err.count("\n")) == (2, 1)
    assert '"nothing" not found' in outcome.err


def test_what_is_no_sql_is_told_in_a_line_before_a_warehouse_is_looked_for(medallion: Medallion) -> None:
    outcome = medallion("query", "SELEC 1\nFROM control.run")

    assert (outcome.code, outcome.err) == (
        2,
        'error: query: Parser Error: syntax error at or near "SELEC"; correct the SQL\n',
    )


@pytest.mark.usefixtures("warehouse")
def test_a_query_as_csv_has_a_header_and_all_rows(medallion: Medallion) -> None:
    outcome = medallion("query", "SELECT i AS n, NULL AS nothing FROM range(300) t(i) -- all of them", "--csv")

    lines = outcome.out.splitlines()
    assert (lines[0], lines[1], len(lines)) == ("n,nothing", "0,", 301)


@pytest.mark.usefixtures("warehouse")
def test_a_query_as_json_keeps_every_digit_of_money(medallion: Medallion) -> None:
    outcome = medallion(
        "query", "SELECT 9007199254740993.01::DECIMAL(18,2) AS amount, DATE '2024-02-21' AS day", "--json"
    )

    assert '"amount": 9007199254740993.01' in outcome.out
    assert outcome.document["rows"][0]["day"] == "2024-02-21"


@pytest.mark.usefixtures("warehouse")
def test_json_has_no_number_that_is_none(medallion: Medallion) -> None:
    found = medallion("query", "SELECT 'nan'::DOUBLE AS a, ['-inf'::DOUBLE, 1.5] AS b", "--json")
    assert found.document["rows"] == [{"a": None, "b": [None, 1.5]}]


def test_a_warehouse_in_use_is_one_line_and_exit_code_5(
    medallion: Medallion, monkeypatch: pytest.MonkeyPatch, warehouse: DuckDbWarehouse
) -> None:
    monkeypatch.setenv("MEDALLION_WAREHOUSE_WAIT_SECONDS", "0.1")
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, warehouse.location], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        outcomes = [medallion("show", "control.run"), medallion("query", "SELECT 1"), medallion("status", "restaurant")]
        holder.communicate("")

    assert [(outcome.code, outcome.err.count("\n")) for outcome in outcomes] == [(5, 1)] * 3
    assert all(f"in use by process {holder.pid}" in outcome.err for outcome in outcomes)
