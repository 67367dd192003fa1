"""One published run for all tests: each odd state of the marts is a currency of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from medallion import cli
from medallion.products.card_payments.product import PRODUCT as CARD_PAYMENTS
from medallion.products.marketing_360.product import PRODUCT as MARKETING_360
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.versions import Publication, Staged, publish_gold

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("pipeline", "warehouse")]

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from medallion.data_product import DataProduct

HOSTILE = "=HYPERLINK(1) <script>alert(1)</script> **$x$**"
AS_OF = date(2024, 3, 31)


def order_rows() -> Iterator[tuple[str, str]]:
    """Lines with their options: USD ordinary, EUR one customer, GBP guests alone, CHF without any discount."""
    number = 0

    def line(
        day: date, user: str, currency: str, place: str, price: str, discount: str = "", loyal: str = "FALSE"
    ) -> tuple[str, str]:
        nonlocal number
        number += 1
        item = HOSTILE if number % 5 == 0 else f"Item {number % 4}"
        moment = f"{day.isoformat()}T{8 + number % 12:02d}:00:00Z"
        row = f'app,{place},{moment},o{number},{user},,{loyal},{currency},l1,Mains {number % 3},"{item}",{price},1'
        return row, f"o{number},l1,Discount,Off,-{discount},1" if discount else ""

    for customer in range(12):
        for visit in range(1 + customer):
            day = AS_OF - timedelta(days=9 * customer + (7 + 3 * customer) * visit)
            loyal = "TRUE" if customer % 3 == 0 else "FALSE"
            place = HOSTILE.replace("=", "").replace(",", "") if customer % 4 == 3 else f"place-{customer % 4}"
            yield line(
                day, f"u{customer}", "USD", place, f"{10 + customer}.50", "2.25" if visit % 3 == 1 else "", loyal
            )
    for visit in range(3):
        yield line(AS_OF - timedelta(days=20 * visit), "only", "EUR", "paris", "30.00", "5.00" if visit else "")
        yield line(AS_OF - timedelta(days=15 * visit), "", "GBP", "london", "12.00", "1.00" if visit else "")
        yield line(AS_OF - timedelta(days=10 * visit), f"c{visit % 2}", "CHF", "bern", "25.00")


def published_rows(home: Path, product: DataProduct, rows: dict[str, Sequence[Sequence[Any]]]) -> None:
    """Publish marts of these rows as the product's next version, as a run does at its end."""
    from contract_files import arrow_table

    from medallion.warehouse.control_tables import create_control_tables

    folder = home / "staged"
    folder.mkdir(parents=True, exist_ok=True)
    staged = []
    for name, found in rows.items():
        table = product.step(name).table
        pq.write_table(arrow_table(table, found), folder / f"{name}.parquet")
        staged.append(Staged(table=table, files=(str(folder / f"{name}.parquet"),)))
    with DuckDbWarehouse(home / "warehouse.duckdb").write() as session:
        create_control_tables(session)
        now = datetime.now(UTC)
        publish_gold(session, product, staged, Publication(run_id=f"test {now}", as_of=AS_OF, published_at=now))


STORES = [
    ("s1", "Ada's", "Hotel", "France", "c1", AS_OF, 6, "600.00", 1),
    ("s2", "Bo's", "Press", "Spain", "c2", AS_OF, 2, "50.00", 2),
]
ACTIVITY = [
    (1, "Ada Secret", "ada@example.org", 100, 11, "20.00", 2, "Delivered"),
    (1, "Ada Secret", "ada@example.org", 100, 12, "30.00", None, None),
    (2, "Bo Secret", "bo@example.org", 50, None, None, None, None),
]


def _publish_others(home: Path) -> None:
    from decimal import Decimal

    stores = [(*row[:7], Decimal(row[7]), row[8]) for row in STORES]
    activity = [(*row[:5], Decimal(row[5]) if row[5] else None, *row[6:]) for row in ACTIVITY]
    published_rows(
        home,
        CARD_PAYMENTS,
        {
            "store_ranking": stores,
            "product_ranking": [("p1", AS_OF, 1, 8, Decimal("650.00"), 1)],
            "amount_by_typology_country": [("Hotel", "France", AS_OF, 6, Decimal("600.00"), 100.0)],
            "device_type_share": [("1", AS_OF, 8, 1.0)],
            "store_activation_summary": [("all", AS_OF, 2, 1, 12.5, 12.5), ("Hotel", AS_OF, 1, 1, 12.5, 12.5)],
        },
    )
    published_rows(home, MARKETING_360, {"customer_activity": activity})


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory, spark: SparkSession, engine_name: str) -> Path:
    """A home with a version of each product that has pages; not to be changed."""
    from restaurant_input import DATES_HEADER, ITEMS_HEADER, OPTIONS_HEADER, write_csv

    folder = tmp_path_factory.mktemp("dashboard")
    items, options = zip(*order_rows(), strict=True)
    write_csv(
        folder / "input", "order_items.csv", ITEMS_HEADER, [*items, "app,p,never,bad,,,FALSE,USD,l1,M,Item,1.00,1"]
    )
    write_csv(folder / "input", "order_item_options.csv", OPTIONS_HEADER, [one for one in options if one])
    write_csv(folder / "input", "date_dim.csv", DATES_HEADER, ["29-03-2024,2024,3,13,Friday,FALSE,TRUE,Good Friday"])
    home = folder / "home"
    run = ["run", "restaurant", "--input", str(folder / "input"), "--home", str(home), "--engine", engine_name]
    assert cli.main([*run, "--as-of", AS_OF.isoformat(), "--quiet"]) == 0
    _publish_others(home)
    return home


@pytest.fixture
def home(published_home: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    shutil.copytree(published_home, tmp_path / "home", ignore=shutil.ignore_patterns("lake", "staged", "logs"))
    return tmp_path / "home"


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose products were published without a row."""
    from medallion.contracts import Layer
    from medallion.products.restaurant.product import PRODUCT as RESTAURANT

    home = tmp_path_factory.mktemp("empty")
    for product in (RESTAURANT, CARD_PAYMENTS, MARKETING_360):
        published_rows(home, product, {step.table.name: [] for step in product.layer(Layer.GOLD)})
    return home
