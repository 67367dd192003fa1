"""The command line as a user meets it: arguments in, exit code and text out; and a warehouse to look at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from outcome import Outcome

from medallion import cli
from medallion.contracts import Layer
from medallion.products.restaurant.product import PRODUCT
from medallion.warehouse import control, ddl
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.records import RejectedRow, Run, Version, insert_records, replace_records

NOW = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in an empty folder, with no settings in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MEDALLION_HOME", raising=False)
    return tmp_path


@pytest.fixture
def medallion(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Runs one command."""

    def run(*arguments: str) -> Outcome:
        code = cli.main(arguments)
        out, err = capfd.readouterr()
        return Outcome(code, out, err)

    return run


@pytest.fixture
def warehouse(folder: Path) -> DuckDbWarehouse:
    """A warehouse after one failed run, with one published mart of two customers and two rejected rows."""
    home = folder / ".medallion"
    home.mkdir()
    opened = DuckDbWarehouse(home / "warehouse.duckdb")
    table = next(s.table for s in PRODUCT.layer(Layer.GOLD) if s.table.name == "loyalty_program_impact")
    relation = f"restaurant.{table.name}"
    orders = PRODUCT.step("orders").table
    with opened.write() as session:
        create_control_tables(session)
        session.execute(ddl.create_schema("restaurant"))
        session.execute(ddl.create_table(relation, table, session.dialect))
        session.execute(ddl.create_schema("restaurant_silver"))
        session.execute(ddl.create_table("restaurant_silver.orders", orders, session.dialect))
        run = Run(
            run_id="r1", product="restaurant", started_at=NOW, parameters='{"input": "in box"}', engine="embedded"
        )
        control.start_run(session, run)
        control.fail_run(session, "r1", "order_items.csv: column 'ITEM_PRICE' is missing", NOW)
        replace_records(session, [_version(relation), _version("restaurant_silver.orders", "silver")])
        insert_records(session, [_rejected(1, "orphan"), _rejected(2, "orphan,missing_order_id")])
    return opened


def _version(relation: str, layer: str = "gold") -> Version:
    return Version(
        product="restaurant",
        version=3,
        layer=layer,
        run_id="r0",
        table_name=relation.split(".")[1],
        relation=relation,
        as_of=date(2024, 2, 21),
        row_count=6,
        published_at=NOW,
    )


def _rejected(row_number: int, reasons: str) -> RejectedRow:
    return RejectedRow(
        product="restaurant",
        table_name="order_item_options",
        source_file="order_item_options.csv",
        row_number=row_number,
        batch_id="1",
        reasons=reasons,
        raw_text="{}",
        run_id="r0",
        rejected_at=NOW,
    )
