"""Tables chosen by dbt's graph syntax."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from kiosk import PRODUCT as KIOSK

from medallion.contracts import TEXT, Column, Layer, Table
from medallion.data_product import DataProduct, Step
from medallion.errors import UsageError
from medallion.pipeline.selection import selected_tables

Rows = Any


def lines(bronze_tickets: Rows) -> Rows: ...


def orders(lines: Rows) -> Rows: ...


def price_list(bronze_prices: Rows) -> Rows: ...


def trends(orders: Rows, price_list: Rows) -> Rows: ...


def segments(orders: Rows) -> Rows: ...


def step(build: Any, layer: Layer) -> Step:
    columns = (Column("id", TEXT, "Key."),)
    return Step(
        table=Table(name=build.__name__, layer=layer, grain=("id",), description="Rows.", columns=columns), build=build
    )


PRODUCT: DataProduct = replace(
    KIOSK,
    steps=(
        *(step(build, Layer.SILVER) for build in (lines, orders, price_list)),
        *(step(build, Layer.GOLD) for build in (trends, segments)),
    ),
)


@pytest.mark.parametrize(
    ("selectors", "tables"),
    [
        (("orders",), "orders"),
        (("+orders",), "lines orders"),
        (("orders+",), "orders trends segments"),
        (("lines+1",), "lines orders"),
        (("1+trends",), "orders price_list trends"),
        (("+orders+",), "lines orders trends segments"),
        (("@orders",), "lines orders price_list trends segments"),
        (("orders+,gold",), "trends segments"),
        (("segments price_list",), "segments price_list"),
        (("segments", "price_list"), "segments price_list"),
        (("silver",), "lines orders price_list"),
        (("*",), "lines orders price_list trends segments"),
        (("source:prices+",), "price_list trends"),
    ],
)
def test_selectors_mean_what_they_mean_in_dbt(selectors: tuple[str, ...], tables: str) -> None:
    assert selected_tables(PRODUCT, selectors) == set(tables.split())


@pytest.mark.parametrize(
    ("selector", "message"),
    [
        ("ordres", "has no table 'ordres'; choose from: lines, orders, price_list, trends, segments, a layer"),
        ("orders!", "is not understood"),
        ("orders,gold", "no table is meant by this"),
        ("source:prices", "no table is meant by this"),
        ("", "no table is meant by this"),
    ],
)
def test_a_selector_that_means_no_table_is_refused(selector: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        selected_tables(PRODUCT, (selector,))
