"""Where a product's rows come from: a folder for its files, and a database with the tables of operational systems."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from every_product import Delivery, read_by, story_of
from operational_systems import Systems

if TYPE_CHECKING:
    from pathlib import Path

    from medallion.data_product import DataProduct


@dataclass(frozen=True)
class Origin:
    """What was delivered to one home: the files of a product, its tables, and those of the products that it reads."""

    product: DataProduct
    folder: Path
    systems: Systems | None

    @classmethod
    def new(cls, product: DataProduct, folder: Path, server_dsn: str) -> Origin:
        """An empty folder and, where tables are read, a database with empty ones."""
        folder.mkdir(parents=True)
        needs = any(one.table_sources for one in (product, *read_by(product)))
        return cls(product, folder, Systems.new(server_dsn) if needs else None)

    @property
    def dsn(self) -> str:
        return self.systems.dsn if self.systems else ""

    @property
    def options(self) -> tuple[str, ...]:
        """What the command line needs to know of it beside the database."""
        return ("--input", str(self.folder)) if self.product.file_sources else ()

    def deliver(self, number: int) -> None:
        """The product's delivery of that number (0 to 2), and those of the products that it reads."""
        for one in (*read_by(self.product), self.product):
            self.put(story_of(one).deliveries[number])

    def put(self, delivery: Delivery) -> None:
        for name, text in delivery.files.items():
            (self.folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        if delivery.sql and self.systems:
            self.systems.execute(delivery.sql)

    def take_back(self, number: int) -> None:
        """Remove the files of a delivery."""
        for name in story_of(self.product).deliveries[number].files:
            (self.folder / name).unlink(missing_ok=True)
