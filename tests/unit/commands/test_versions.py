"""Versions of the marts on the command line: list them, compare them, go back, drop old ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from outcome import Medallion

from medallion.contracts import Layer
from medallion.products.restaurant.product import PRODUCT
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.lease import Holder, acquire_lease
from medallion.warehouse.versions import Publication, Staged, publish_gold

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
MART = next(s.table for s in PRODUCT.layer(Layer.GOLD) if s.table.name == "sales_by_location")


@pytest.fixture
def home(folder: Path) -> DuckDbWarehouse:
    """Two versions of one mart: in the second a location sold more, another is gone."""
    (folder / ".medallion").mkdir()
    opened = DuckDbWarehouse(folder / ".medallion" / "warehouse.duckdb")
    with opened.write() as session:
        create_control_tables(session)
        for number, amounts in enumerate(({"north": "10.00", "south": "5.00"}, {"north": "12.50"})):
            files = (_staged(folder / f"{number}.parquet", amounts),)
            published_at = NOW + timedelta(hours=number)
            publication = Publication(
                run_id=f"run-{number + 1}", as_of=date(2024, 2, 20 + number), published_at=published_at
            )
            publish_gold(session, PRODUCT, [Staged(table=MART, files=files)], publication)
    return opened


def _staged(path: Path, amounts: dict[str, str]) -> str:
    """A day's sales of locations as an engine stages them."""
    defaults: dict[str, Any] = {
        "varchar": pa.array(["USD"] * len(amounts)),
        "date": pa.array([date(2024, 2, 1)] * len(amounts)),
        "bigint": pa.array([1] * len(amounts), pa.int64()),
        "double": pa.array([0.5] * len(amounts)),
        "decimal": pa.array([Decimal("1.00")] * len(amounts), pa.decimal128(18, 2)),
    }
    columns = {column.name: defaults[column.data_type.name] for column in MART.columns}
    columns["restaurant_id"] = pa.array(list(amounts))
    columns["net_amount"] = pa.array([Decimal(amount) for amount in amounts.values()], pa.decimal128(18, 2))
    pq.write_table(pa.table(columns), path)
    return str(path)


def net_amounts(warehouse: DuckDbWarehouse) -> list[tuple[str, str]]:
    """What readers see."""
    with warehouse.read() as session:
        rows = session.rows("SELECT restaurant_id, net_amount FROM restaurant.sales_by_location ORDER BY 1")
    return [(location, str(amount)) for location, amount in rows]


@pytest.mark.usefixtures("home")
def test_versions_are_listed_newest_first_with_what_was_built_and_when(medallion: Medallion) -> None:
    newest, oldest = medallion("versions", "restaurant", "--json").document["versions"]

    assert newest == {
        "version": 2,
        "is_current": True,
        "rollback_to": None,
        "published_at": "2024-03-01T13:00:00+00:00",
        "as_of": "2024-02-21",
        "run_id": "run-2",
        "marts": 1,
        "marts_built": ["sales_by_location"],
        "rows": 1,
    }
    assert (oldest["version"], oldest["is_current"], oldest["rows"]) == (1, False, 2)


@pytest.mark.usefixtures("home")
def test_the_list_says_what_can_be_done_next(medallion: Medallion) -> None:
    outcome = medallion("versions", "restaurant")

    assert outcome.code == 0
    assert outcome.out.endswith("compare: medallion diff TABLE 1 2\ngo back: medallion rollback restaurant\n")


def test_without_a_warehouse_there_are_no_versions(medallion: Medallion, folder: Path) -> None:
    outcome = medallion("versions", "restaurant")

    assert (outcome.code, list(folder.iterdir())) == (0, [])
    assert outcome.out.startswith("restaurant: nothing is published in ")


@pytest.mark.parametrize("arguments", [("rollback", "restaurant"), ("prune", "restaurant", "--keep", "1")])
def test_where_nothing_is_published_nothing_can_be_changed_and_nothing_is_created(
    medallion: Medallion, folder: Path, arguments: tuple[str, ...]
) -> None:
    outcome = medallion(*arguments)

    assert (outcome.code, list(folder.iterdir())) == (2, [])
    assert outcome.err.startswith("error: restaurant: nothing is published in ")
    assert outcome.err.endswith("; check --home, or start with: medallion run restaurant --input DIR\n")


def test_after_a_rollback_readers_see_the_version_before(medallion: Medallion, home: DuckDbWarehouse) -> None:
    outcome = medallion("rollback", "restaurant")

    assert outcome.code == 0
    assert net_amounts(home) == [("north", "10.00"), ("south", "5.00")]
    lines = outcome.out.splitlines()
    assert lines[0] == "restaurant: readers see version 1 again, 1 mart as of 2024-02-20"
    assert lines[1].startswith("it was published 2024-03-01 12:00:00 UTC and is now version 3, in place of 2 (")
    assert lines[2].startswith("next: correct the cause; ")


def test_a_rollback_to_a_number_is_told_in_json(medallion: Medallion, home: DuckDbWarehouse) -> None:
    medallion("rollback", "restaurant")
    found = medallion("rollback", "restaurant", "--to", "2", "--json").document

    assert (found["version"], found["shows"], found["replaces"], found["as_of"]) == (4, 2, 3, "2024-02-21")
    assert found["marts"] == ["sales_by_location"]
    assert net_amounts(home) == [("north", "12.50")]


@pytest.mark.usefixtures("home")
def test_a_rollback_is_listed_as_the_version_it_shows_again(medallion: Medallion) -> None:
    run_id = medallion("rollback", "restaurant", "--json").document["run_id"]
    current = medallion("versions", "restaurant", "--json").document["versions"][0]

    assert (current["version"], current["rollback_to"], current["run_id"], current["marts_built"]) == (3, 1, run_id, [])
    assert run_id.startswith("rollback-2")


@pytest.mark.usefixtures("home")
def test_a_rollback_gives_the_lease_back(medallion: Medallion, home: DuckDbWarehouse) -> None:
    medallion("rollback", "restaurant")

    with home.read() as session:
        assert session.rows("SELECT count(*) FROM control.lease") == [(0,)]


@pytest.mark.parametrize("arguments", [("rollback", "restaurant"), ("prune", "restaurant", "--keep", "1")])
def test_while_a_run_holds_the_product_nothing_is_changed(
    medallion: Medallion, home: DuckDbWarehouse, arguments: tuple[str, ...]
) -> None:
    elsewhere = Holder("another-machine", 7, "then")
    with home.write() as session:
        acquire_lease(session, "restaurant", elsewhere, ttl_seconds=600, now=datetime.now(UTC))

    outcome = medallion(*arguments)

    assert outcome.code == 5
    assert outcome.err.startswith("error: restaurant: another run holds it (process 7 on another-machine, since ")
    assert len(medallion("versions", "restaurant", "--json").document["versions"]) == 2


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("rollback", "restaurant", "--to", "2"), "restaurant: version 2 is what readers see already; choose one of"),
        (("rollback", "restaurant", "--to", "9"), "restaurant: version 9 is not kept; choose one of: 1, 2"),
        (("diff", "sales_by_location", "1", "9"), "restaurant: version 9 is not kept; choose one of: 1, 2"),
        (("diff", "sales_trends", "1", "2"), "sales_trends: version 1 does not have it; publish it with: medallion"),
        (("diff", "restaurant_silver.orders", "1", "2"), "restaurant_silver.orders: is not a mart, and only marts "),
        (("diff", "sales_by_loc", "1", "2"), "table 'sales_by_loc' is unknown; did you mean sales_by_location"),
        (("prune", "restaurant", "--keep", "0"), "Invalid value for '--keep': "),
        (("prune", "restaurant"), "Missing option '--keep'"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("home")
def test_what_is_wrong_is_said_in_one_line(medallion: Medallion, arguments: tuple[str, ...], line: str) -> None:
    outcome = medallion(*arguments)

    expected = f"error: {line}"
    assert (outcome.code, outcome.err.count("\n"), outcome.err[: len(expected)]) == (2, 1, expected)


def test_pruning_drops_older_versions_and_says_which(medallion: Medallion, home: DuckDbWarehouse) -> None:
    outcome = medallion("prune", "restaurant", "--keep", "1")

    assert outcome.out == "restaurant: dropped version 1 (1 table), kept 2\n"
    with home.read() as session:
        tables = session.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'restaurant_versions'")
    assert tables == [("sales_by_location__000002",)]
    assert net_amounts(home) == [("north", "12.50")]


@pytest.mark.usefixtures("home")
def test_pruning_where_few_are_kept_drops_nothing(medallion: Medallion) -> None:
    found = medallion("prune", "restaurant", "--keep", "5", "--json").document

    assert found == {"product": "restaurant", "kept": [2, 1], "dropped": [], "dropped_tables": []}


@pytest.mark.usefixtures("home")
def test_a_difference_is_told_in_rows_columns_and_money(medallion: Medallion) -> None:
    found = medallion("diff", "restaurant.sales_by_location", "1", "2", "--json").document

    assert found["rows"] == {"added": 0, "removed": 1, "changed": 1, "unchanged": 0, "rounded": 0}
    assert found["changed_columns"] == {"net_amount": 1}
    assert [one for one in found["money"] if one["column"] == "net_amount"] == [
        {"column": "net_amount", "currency": "USD", "old": 15.0, "new": 12.5, "difference": -2.5}
    ]
    (example,) = found["examples"]
    assert example["key"] == {"order_date": "2024-02-01", "restaurant_id": "north", "currency": "USD"}
    assert example["changes"] == {"net_amount": {"old": 10.0, "new": 12.5}}


@pytest.mark.usefixtures("home")
def test_a_difference_is_read_in_a_few_lines(medallion: Medallion) -> None:
    said = [" ".join(line.split()) for line in medallion("diff", "sales_by_location", "1", "2").out.splitlines()]

    assert said[:4] == [
        "restaurant.sales_by_location: version 1 → version 2",
        "version 1: as of 2024-02-20, 2 rows, run run-1",
        "version 2: as of 2024-02-21, 1 rows, run run-2",
        "rows: 0 added · 1 removed · 1 changed · 0 unchanged",
    ]
    assert "net_amount USD 15.00 12.50 -2.50" in said
    assert "2024-02-01 north USD net_amount 10.00 12.50" in said


@pytest.mark.usefixtures("home")
def test_versions_that_share_a_table_differ_in_nothing(medallion: Medallion) -> None:
    medallion("rollback", "restaurant")

    assert medallion("diff", "sales_by_location", "1", "3").out.endswith(
        "both show the same table: nothing of it was built in between\n"
    )
