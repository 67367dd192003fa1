"""Every column of the card payments' tables, held against plain SQL over the same CSV files."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from comparison import differences, missing_columns
from payment_oracle import compute

from medallion.catalog import product
from medallion.lake import Lake
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request, Workspace
from medallion.samples.card_payments import CardPaymentsSample, generate
from medallion.settings import Settings, load_rules
from medallion.warehouse.duckdb import DuckDbWarehouse

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SEED = Path(__file__).parents[4] / "shared" / "data" / "card_payments"
PAYMENTS = product("card_payments")
# Plain SQL computes the marts from transactions; what ours are aggregated from shows in them.
AGGREGATES = ("device_days", "product_days", "first_transactions", "store_days")
SAMPLES = {
    "clean": CardPaymentsSample(transactions=3000, seed=1),
    "with_late_files": CardPaymentsSample(transactions=3000, seed=2, dirty=0.5, days_late=4),
    "dirty_in_every_way": CardPaymentsSample(transactions=2000, seed=3, dirty=1.0, gzip=True, stores=30),
    "few_transactions_of_many_stores": CardPaymentsSample(transactions=60, seed=4, stores=200),
}


class Home:
    """Where the pipeline published, beside what plain SQL computed."""

    def __init__(self, delivered: Path, folder: Path, engine: str, as_of: date | None = None) -> None:
        home = folder / "home"
        home.mkdir()
        self.warehouse, self.oracle = home / "warehouse.duckdb", folder / "oracle.duckdb"
        settings, lake = Settings(home=home, engine=engine), Lake(str(home / "lake"))
        workspace = Workspace(settings=settings, home=home, lake=lake, warehouse=DuckDbWarehouse(self.warehouse))
        request = Request(product=PAYMENTS, rules=load_rules(PAYMENTS), input=delivered, as_of=as_of)
        self.report = execute(workspace, request)
        compute(delivered, self.oracle, as_of)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def assert_equal(self) -> None:
        assert missing_columns(PAYMENTS, self.warehouse, self.oracle, AGGREGATES) == {}
        assert differences(PAYMENTS, self.warehouse, self.oracle, without=AGGREGATES) == {}


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory, engine_name: str, spark: SparkSession) -> Home:
    if not SEED.is_dir():
        pytest.skip(f"{SEED} is not here")
    return Home(SEED, tmp_path_factory.mktemp("seed"), engine_name)


@pytest.mark.parametrize("name", SAMPLES)
def test_generated_payments_give_what_plain_sql_gives(
    name: str, tmp_path: Path, engine_name: str, spark: SparkSession
) -> None:
    Home(generate(SAMPLES[name], tmp_path / "input").folder, tmp_path, engine_name).assert_equal()


def test_a_day_in_the_past_gives_what_plain_sql_gives(tmp_path: Path, engine_name: str, spark: SparkSession) -> None:
    delivered = generate(SAMPLES["with_late_files"], tmp_path / "input").folder

    Home(delivered, tmp_path, engine_name, as_of=date(2022, 6, 30)).assert_equal()


def test_the_seeds_payments_give_what_plain_sql_gives(seed: Home) -> None:
    seed.assert_equal()


def test_the_seeds_accepted_transactions_are_all_in_the_rankings(seed: Home) -> None:
    # 488 of 1,500 transactions are accepted: grep -c ',accepted,' transactions.csv
    for mart in ("store_ranking", "product_ranking", "amount_by_typology_country"):
        found = seed.rows(f"SELECT sum(transaction_count), sum(transacted_amount) FROM card_payments.{mart}")
        assert found == [(488, Decimal("242628.00"))], mart


def test_the_seeds_leading_stores(seed: Home) -> None:
    leading = "FROM card_payments.store_ranking WHERE amount_rank <= 3 ORDER BY amount_rank"
    assert seed.rows(f"SELECT store_id, store_name, transaction_count, transacted_amount {leading}") == [
        ("3", "Nec Ante Ltd", 20, Decimal("9383.00")),
        ("97", "Sem Ut Cursus Corp.", 21, Decimal("8909.00")),
        ("19", "Magnis Dis Inc.", 13, Decimal("7334.00")),
    ]


def test_the_seeds_leading_products_two_of_which_share_a_rank(seed: Home) -> None:
    leading = "FROM card_payments.product_ranking WHERE count_rank <= 3 ORDER BY count_rank, product_sku"
    assert seed.rows(f"SELECT count_rank, product_sku, transaction_count, product_name_count {leading}") == [
        (1, "3770009015050", 31, 31),
        (2, "3770009015043", 29, 29),
        (3, "3770009015075", 28, 28),
        (3, "3770009015172", 28, 27),
    ]


def test_the_seeds_shares_of_device_types(seed: Home) -> None:
    assert seed.rows("SELECT device_type, transaction_count FROM card_payments.device_type_share ORDER BY 1") == [
        ("1", 116), ("2", 93), ("3", 88), ("4", 106), ("5", 85),
    ]  # fmt: skip


def test_the_seeds_stores_take_149_days_to_their_fifth_transaction(seed: Home) -> None:
    query = """SELECT store_count, activated_store_count, round(average_days_to_five_transactions, 2),
        round(median_days_to_five_transactions, 2) FROM card_payments.store_activation_summary WHERE scope = 'all'"""
    assert seed.rows(query) == [(100, 81, 149.50, 124.16)]


def test_what_is_odd_in_the_seeds_data_is_counted(seed: Home) -> None:
    assert {result.name: result.failed_count for result in seed.report.checks if not result.passed} == {
        "created_not_before_it_happened": 226,
        "times_are_unambiguous": 1500,
        "codes_stand_for_themselves": 67,
        "stores_have_devices": 13,
        "codes_have_one_name": 20,
    }
