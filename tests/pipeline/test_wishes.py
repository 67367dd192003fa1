"""What a request asks for beyond what changed, of a product that cannot do it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bad_input import refusal
from kiosk import NOW, PRODUCT, Rules

from medallion.errors import UsageError
from medallion.pipeline.running import Request
from medallion.pipeline.wishes import wish_of
from medallion.warehouse import ddl
from medallion.warehouse.control_tables import create_control_tables
from medallion.warehouse.duckdb import DuckDbWarehouse
from medallion.warehouse.records import Version, replace_records

if TYPE_CHECKING:
    from pathlib import Path

TICKETS = Version(
    product="kiosk",
    version=1,
    layer="silver",
    run_id="r1",
    table_name="tickets",
    relation="kiosk_silver.tickets",
    as_of=date(2024, 6, 1),
    row_count=3,
    published_at=NOW,
)


def test_a_product_whose_days_are_on_a_table_without_a_key_cannot_be_backfilled(tmp_path: Path) -> None:
    days = (date(2024, 5, 1), date(2024, 5, 2))
    request = Request(product=PRODUCT, rules=Rules(), input=None, backfill=days)
    with DuckDbWarehouse(tmp_path / "warehouse.duckdb").write() as session:
        create_control_tables(session)
        session.execute(ddl.create_schema("kiosk_silver"))
        session.execute(ddl.create_table(TICKETS.relation, PRODUCT.step("tickets").table, session.dialect))
        replace_records(session, [TICKETS])

        with refusal(UsageError) as said:
            wish_of(request, session)

    assert said == ["kiosk: tickets has no key to backfill by; use run --full-refresh"]
