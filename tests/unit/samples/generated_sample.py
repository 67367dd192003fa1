"""A generated restaurant sample, read back with Python's own CSV reader."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from medallion.samples.restaurant import RestaurantSample, generate

if TYPE_CHECKING:
    from pathlib import Path

ORDERS = 4_000
Row = dict[str, str]


@dataclass(frozen=True)
class Sample:
    folder: Path
    planted: dict[str, Any]

    def records(self, name: str) -> list[list[str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def rows(self, name: str) -> list[Row]:
        header, *records = self.records(name)
        return [dict(zip(header, record, strict=False)) for record in records]

    @property
    def items(self) -> list[Row]:
        return self.rows("order_items.csv")

    @property
    def options(self) -> list[Row]:
        return self.rows("order_item_options.csv")

    def dirt(self, name: str) -> dict[str, int]:
        return dict(self.planted["files"][name]["dirt"])


def make(folder: Path, **settings: Any) -> Sample:
    files = generate(RestaurantSample(**{"orders": ORDERS, **settings}), folder)
    return Sample(folder, json.loads(files.planted.read_text(encoding="utf-8")))


def first_line_of_each_order(items: list[Row]) -> dict[str, Row]:
    return {row["order_id"]: row for row in reversed(items)}


def net_by_order(sample: Sample) -> dict[str, Decimal]:
    net: dict[str, Decimal] = defaultdict(Decimal)
    for row in sample.items:
        net[row["order_id"]] += Decimal(row["item_price"]) * int(row["item_quantity"])
    for row in sample.options:
        net[row["order_id"]] += Decimal(row["option_price"]) * int(row["option_quantity"])
    return net
