"""Card payments delivered bit by bit: what a later file changes, and what it leaves as it is."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from deliveries_strategy import WORLDS, File
from increments import Home, copy_of, home_in

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

CARD = "4556 5968 1547 3496,714"


@pytest.fixture(scope="module")
def begun(spark: SparkSession, engine_name: str, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """302 transactions of three devices in two stores, all accepted; to be copied, never to be changed."""
    home = home_in(tmp_path_factory.mktemp("begun"), engine_name, product_name="card_payments")
    home.deliver(WORLDS["card_payments"].bulk)
    return home


@pytest.fixture
def home(begun: Home, tmp_path: Path, engine_name: str) -> Home:
    return copy_of(begun, tmp_path, engine_name)


def sold(one: str, happened: str, *, device: str = "d1", amount: str = "10", status: str = "accepted") -> str:
    return f"{one},{device},Name,3770009015048,More,{amount},{status},{CARD},02/28/2023 1:00:00,{happened}"


def actions(home: Home, *files: File) -> dict[str, str]:
    return {table.name: table.action for table in home.deliver(files).tables}


def value(home: Home, sql: str) -> Any:
    return home.bench.value(sql)


def test_a_small_file_updates_transactions_and_their_days_by_key(home: Home) -> None:
    found = actions(home, File("transactions", 6, (sold("n1", "01/03/2023 2:00:00"),)))

    keyed = ("transactions", "device_days", "product_days", "first_transactions")
    assert {name: found[name] for name in keyed} == dict.fromkeys(keyed, "updated")
    assert value(home, "SELECT sum(transacted_amount) FROM card_payments.store_ranking") == Decimal(3030)


def test_a_changed_status_is_an_update(home: Home) -> None:
    before = value(home, "SELECT transaction_count FROM card_payments.store_ranking WHERE store_id = 's1'")

    home.deliver([File("transactions", 6, (sold("b0", "01/01/2023 1:00:00", status="refused"),))])

    after = value(home, "SELECT transaction_count FROM card_payments.store_ranking WHERE store_id = 's1'")
    assert after == before - 1
    assert value(home, "SELECT count(*) FROM card_payments_silver.transactions") == 302


def test_an_earlier_transaction_that_arrives_late_changes_the_stores_activation(home: Home) -> None:
    first = "SELECT first_transaction_at::VARCHAR FROM card_payments.store_activation WHERE store_id = 's2'"
    days = "SELECT days_to_five_transactions FROM card_payments.store_activation WHERE store_id = 's2'"
    assert (value(home, first), value(home, days)) == ("2023-01-03 03:00:00", 0.0)  # 25 at each of four hours

    home.deliver([File("transactions", 6, (sold("n1", "01/01/2023 3:00:00", device="d3", status="cancelled"),))])

    assert (value(home, first), value(home, days)) == ("2023-01-01 03:00:00", 2.0)


def test_a_device_of_an_unknown_store_waits_and_its_transactions_count_for_products_alone(home: Home) -> None:
    home.deliver(
        [
            File("devices", 6, ("d9,1,s9",)),
            File("transactions", 6, (sold("n1", "01/03/2023 2:00:00", device="d9", amount="7"),)),
        ]
    )
    in_stores = "SELECT sum(transacted_amount) FROM card_payments.store_ranking"
    in_products = "SELECT sum(transacted_amount) FROM card_payments.product_ranking"
    assert [row["reasons"] for row in _rejected(home)] == ["unknown_store"]
    assert (value(home, in_stores), value(home, in_products)) == (Decimal(3020), Decimal(3027))

    home.deliver([File("stores", 6, ("s9,Nine,Street,City,Peru,02/28/2023 1:00:00,Press,c9",))])

    assert _rejected(home) == []
    assert (value(home, in_stores), value(home, in_products)) == (Decimal(3027), Decimal(3027))


def _rejected(home: Home) -> list[dict[str, str]]:
    rows = home.bench.rows("SELECT table_name, reasons FROM quarantine.rejected_row ORDER BY ALL")
    return [{"table": table, "reasons": why} for table, why in rows]


def test_a_device_that_moves_takes_its_transactions_along(home: Home) -> None:
    home.deliver([File("devices", 6, ("d3,1,s1",))])

    query = "SELECT store_id, transaction_count FROM card_payments.store_ranking"
    assert home.bench.rows(query) == [("s1", 302)]


def test_bad_transactions_and_devices_are_in_quarantine_each_with_its_reason(home: Home) -> None:
    home.deliver(
        [
            File("devices", 6, ("d8,1,", "d9,1,s9")),
            File(
                "transactions",
                6,
                (
                    sold("x1", "01/03/2023 2:00:00", status="pending"),
                    sold("x2", "01/03/2023 2:00:00", amount='"1,234"'),
                    sold("x3", "02/30/2023 2:00:00"),
                    sold("x4", "01/03/2023 25:00:00"),
                ),
            ),
        ]
    )

    found = home.bench.rows("SELECT table_name, row_key, reasons FROM quarantine.rejected_row ORDER BY ALL")
    assert found == [
        ("devices", None, "missing_store_id"),
        ("devices", None, "unknown_store"),
        ("transactions", "x1", "unknown_status"),
        ("transactions", "x2", "invalid_amount"),
        ("transactions", "x3", "invalid_happened_at"),
        ("transactions", "x4", "invalid_happened_at"),
    ]


def test_a_changed_rule_builds_what_reads_it(home: Home) -> None:
    home.deliver([File("transactions", 6, (sold("b0", "01/01/2023 1:00:00", status="refused"),))])

    report = home.bench.run('counted_statuses=["accepted", "refused"]')

    found = {table.name: table.action for table in report.tables}
    assert (found["store_days"], found["store_ranking"]) == ("built", "built")
    assert {found[name] for name in ("transactions", "device_days", "product_days")} == {"skipped"}
    assert value(home, "SELECT sum(transaction_count) FROM card_payments.store_ranking") == 302
