"""Rows of marts in every odd state, each a currency of its own, and how they are published without a run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from medallion.products.card_payments.product import PRODUCT as CARD_PAYMENTS
from medallion.products.marketing_360.product import PRODUCT as MARKETING_360
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.versions import Publication, Staged, publish_gold

sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("pipeline", "warehouse")]

if TYPE_CHECKING:
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


def publish_others(home: Path) -> None:
    """The next versions of card payments and of customer activity."""
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
