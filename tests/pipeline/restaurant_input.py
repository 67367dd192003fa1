"""Three small files of the restaurant product: two customers, a guest, a discount, a rejected and a repeated line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medallion.catalog import product
from medallion.lake import Lake
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request, Workspace
from medallion.settings import Settings, load_rules
from medallion.warehouse.duckdb import DuckDbWarehouse

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from medallion.pipeline.progress import Listener, Report

ITEMS_HEADER = (
    "APP_NAME,RESTAURANT_ID,CREATION_TIME_UTC,ORDER_ID,USER_ID,PRINTED_CARD_NUMBER,IS_LOYALTY,CURRENCY,LINEITEM_ID,"
    "ITEM_CATEGORY,ITEM_NAME,ITEM_PRICE,ITEM_QUANTITY"
)
OPTIONS_HEADER = "ORDER_ID,LINEITEM_ID,OPTION_GROUP_NAME,OPTION_NAME,OPTION_PRICE,OPTION_QUANTITY"
DATES_HEADER = "date_key,year,month,week,day_of_week,is_weekend,is_holiday,holiday_name"

ITEMS = (
    "app,r1,2024-01-01T10:00:00Z,o1,u1,XXXXXXXXXXXX1234,TRUE,USD,l1,Mains,Burger,10.00,2",
    "app,r1,2024-01-01T10:00:00Z,o1,u1,XXXXXXXXXXXX1234,TRUE,USD,l2,Drinks,Cola,2.50,1",
    "app,r2,2024-01-02T11:00:00Z,o2,u2,,FALSE,USD,l1,Mains,Burger,10.00,1",
    "app,r2,2024-01-02T11:00:00Z,o2,u2,,FALSE,USD,l1,Mains,Burger,10.00,1",  # delivered twice
    "app,r1,2024-01-05T12:00:00Z,o3,,,FALSE,USD,l1,Mains,Salad,8.00,1",
    "app,r1,2024-01-05T12:30:00Z,o4,u1,,FALSE,USD,l1,Mains,Salad,abc,1",  # rejected: its price is no number
)
OPTIONS = (
    "o1,l1,Extras,Cheese,1.00,1",
    "o1,l1,Extras,Cheese,1.00,1",  # chosen twice
    "o2,l1,Discount,Ten off,-3.00,1",
    "o9,l1,Extras,Cheese,1.00,1",  # rejected: no such line
)
DATES = ("01-01-2024,2024,1,1,Monday,FALSE,TRUE,New Year's Day",)
# o1: 2 × 10.00 + 2.50 + 2 × 1.00 = 24.50; o2: 10.00 − 3.00 = 7.00; o3: 8.00
NET_AMOUNT = "39.50"


def write_csv(folder: Path, name: str, header: str, rows: tuple[str, ...] | list[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def write_input(folder: Path) -> None:
    write_csv(folder, "order_items.csv", ITEMS_HEADER, ITEMS)
    write_csv(folder, "order_item_options.csv", OPTIONS_HEADER, OPTIONS)
    write_csv(folder, "date_dim.csv", DATES_HEADER, DATES)


def workspace_in(home: Path, engine: str) -> Workspace:
    """A workspace in a folder, which is made; a warehouse that is held is not waited for long."""
    home.mkdir(parents=True)
    settings = Settings(home=home, engine=engine, warehouse_wait_seconds=0.3)
    return Workspace(
        settings=settings,
        home=home,
        lake=Lake(str(home / "lake")),
        warehouse=DuckDbWarehouse(home / "warehouse.duckdb", wait_seconds=settings.warehouse_wait_seconds),
    )


@dataclass
class Bench:
    """A workspace and an input folder, run as a user would."""

    workspace: Workspace
    input: Path
    product: str = "restaurant"

    def run(
        self,
        *overrides: str,
        as_of: date | None = None,
        is_full: bool = False,
        listener: Listener = lambda _: None,
        **asked: Any,
    ) -> Report:
        """`asked` are further fields of the request: select, backfill, replay, or another input."""
        known = product(self.product)
        rules = load_rules(known, overrides=overrides)
        asked = {"input": self.input, "as_of": as_of, "is_full": is_full, **asked}
        request = Request(product=known, rules=rules, **asked)
        return execute(self.workspace, request, listener)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with self.workspace.warehouse.read() as session:
            return session.rows(sql)

    def value(self, sql: str) -> Any:
        return self.rows(sql)[0][0]

    def net_amount(self) -> str:
        """Of the published marts."""
        return str(self.value("SELECT sum(net_amount) FROM restaurant.sales_trends WHERE period = 'day'"))
