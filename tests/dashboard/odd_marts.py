"""Input whose currencies are odd states of the marts, and marts published of rows without a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from medallion import catalog
from medallion.products.card_payments.product import PRODUCT as CARD_PAYMENTS
from medallion.products.marketing_360.product import PRODUCT as MARKETING_360
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.granting import apply_grants
from medallion.warehouse.versions import Publication, Staged, publish_gold

sys.path.append(str(Path(__file__).parents[1] / "warehouse"))

from contract_files import arrow_table

if TYPE_CHECKING:
    from medallion.data_product import DataProduct
    from medallion.warehouse.base import Warehouse

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
        app = "kiosk" if currency == "USD" and number % 3 == 0 else "app"
        row = f'{app},{place},{moment},o{number},{user},,{loyal},{currency},l1,Mains {number % 3},"{item}",{price},1'
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


Rows = dict[str, Sequence[Sequence[Any]]]


def published_rows(home: Path, product: DataProduct, rows: Rows) -> None:
    """Publish marts of these rows as the product's next version, as a run does at its end."""
    (home / "staged").mkdir(parents=True, exist_ok=True)
    publish_rows(DuckDbWarehouse(home / "warehouse.duckdb"), str(home / "staged"), product, rows)


def publish_rows(
    warehouse: Warehouse, folder: str, product: DataProduct, rows: Rows, readers: str | None = None
) -> None:
    """The same on any warehouse; `folder` is where it loads from."""
    staged = []
    for name, found in rows.items():
        table = product.step(name).table
        pq.write_table(arrow_table(table, found), f"{folder}/{name}.parquet")
        staged.append(Staged(table=table, files=(f"{folder}/{name}.parquet",)))
    with warehouse.write() as session:
        create_control_tables(session)
        now = datetime.now(UTC)
        publish_gold(session, product, staged, Publication(run_id=f"test {now}", as_of=AS_OF, published_at=now))
        apply_grants(session, product, readers, now)


STORES = [
    ("s1", "Ada's", "Hotel", "France", "c1", AS_OF, 6, "600.00", 1),
    ("s2", "Bo's", "Press", "Spain", "c2", AS_OF, 2, "50.00", 2),
]
ACTIVITY = [
    (1, "Ada Secret", "ada@example.org", 100, 11, "20.00", 2, "Delivered"),
    (1, "Ada Secret", "ada@example.org", 100, 12, "30.00", None, None),
    (2, "Bo Secret", "bo@example.org", 50, None, None, None, None),
]


def other_rows() -> dict[str, Rows]:
    """Marts of card payments and customer 360, by product and name."""
    stores = [(*row[:7], Decimal(row[7]), row[8]) for row in STORES]
    activity = [(*row[:5], Decimal(row[5]) if row[5] else None, *row[6:]) for row in ACTIVITY]
    payments: Rows = {
        "store_ranking": stores,
        "product_ranking": [("p1", AS_OF, 1, 8, Decimal("650.00"), 1)],
        "amount_by_typology_country": [("Hotel", "France", AS_OF, 6, Decimal("600.00"), 100.0)],
        "device_type_share": [("1", AS_OF, 8, 1.0)],
        "store_activation_summary": [("all", AS_OF, 2, 1, 12.5, 12.5), ("Hotel", AS_OF, 1, 1, 12.5, 12.5)],
    }
    return {CARD_PAYMENTS.name: payments, MARKETING_360.name: {"customer_activity": activity}}


def publish_others(home: Path) -> None:
    for name, rows in other_rows().items():
        published_rows(home, catalog.product(name), rows)
