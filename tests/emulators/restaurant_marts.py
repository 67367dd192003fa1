"""The restaurant's marts as readers find them, on one machine and on Redshift, to be held against each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from medallion.catalog import product
from medallion.contracts import Layer, Table
from medallion.warehouse.redshift import RedshiftWarehouse

Marts = dict[str, list[tuple[Any, ...]]]
_MARTS = [step.table for step in product("restaurant").layer(Layer.GOLD)]


def on_one_machine(home: Path) -> Marts:
    """The rows of every mart by its name, in the order of their keys."""
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        return {table.name: connection.execute(_rows(table)).fetchall() for table in _MARTS}


def on_redshift(warehouse: RedshiftWarehouse) -> Marts:
    """The same of a warehouse on Redshift."""
    with warehouse.read() as session:
        return {table.name: session.rows(_rows(table)) for table in _MARTS}


def _rows(table: Table) -> str:
    columns, keys = ", ".join(table.column_names), ", ".join(table.grain)
    return f"SELECT {columns} FROM restaurant.{table.name} ORDER BY {keys}"
