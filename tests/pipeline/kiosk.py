"""A small product of the tests' own: a kiosk that sells tickets, with one mart that looks at a day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel

from medallion.contracts import TEXT, Column, Layer, Table
from medallion.data_product import DataProduct, Source, Step

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


class Rules(BaseModel):
    """What the kiosk may want otherwise. Nothing reads `sleepy_hour`."""

    dearest: int = 100
    sleepy_hour: int = 14


def a_source(name: str) -> Source:
    return Source(name=name, file_pattern=f"{name}*.csv", description=name, columns=(Column("id", TEXT, "Key."),))


def a_table(name: str, layer: Layer) -> Table:
    columns = (Column("id", "varchar(9)", "Key."), Column("day", "date", "Day."))
    return Table(name=name, layer=layer, grain=("id",), description=name, columns=columns)


def find_repeats(bronze_tickets: DataFrame) -> DataFrame:
    return bronze_tickets.select("id")


def build_tickets(bronze_tickets: DataFrame, repeats: DataFrame, *, rules: Rules) -> DataFrame:
    return bronze_tickets.where(f"price <= {rules.dearest}")


def build_prices(bronze_prices: DataFrame) -> DataFrame:
    return bronze_prices


def build_sales(tickets: DataFrame, *, as_of: date) -> DataFrame:
    return tickets.where(f"day <= '{as_of}'")


def build_price_list(prices: DataFrame) -> DataFrame:
    return prices


PRODUCT = DataProduct(
    name="kiosk",
    title="Kiosk",
    description="Tickets sold.",
    sources=(a_source("tickets"), a_source("prices")),
    steps=(
        Step(table=a_table("tickets", Layer.SILVER), build=build_tickets),
        Step(table=a_table("prices", Layer.SILVER), build=build_prices),
        Step(table=a_table("sales", Layer.GOLD), build=build_sales),
        Step(table=a_table("price_list", Layer.GOLD), build=build_price_list),
    ),
    intermediates=(Step(table=a_table("repeats", Layer.INTERMEDIATE), build=find_repeats),),
    rules=Rules,
    as_of=("tickets", "day"),
)
