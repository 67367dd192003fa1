"""Products run in this process, as the suites over every product tell their stories."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from every_product import read_by
from origins import Origin
from pydantic import SecretStr
from restaurant_input import workspace_in

from medallion.contracts import Layer
from medallion.pipeline.prepare import prepare
from medallion.pipeline.run import execute
from medallion.pipeline.running import Request
from medallion.settings import load_rules

if TYPE_CHECKING:
    from pathlib import Path

    from medallion.data_product import DataProduct
    from medallion.pipeline.plan import Plan
    from medallion.pipeline.progress import Report
    from medallion.pipeline.running import Workspace

Contents = Mapping[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Tried:
    """A home of a product and of those that it reads, and where their rows come from."""

    product: DataProduct
    workspace: Workspace
    origin: Origin
    engine: str
    server_dsn: str

    @classmethod
    def new(cls, product: DataProduct, folder: Path, engine: str, server_dsn: str) -> Tried:
        origin = Origin.new(product, folder / "input", server_dsn)
        workspace = workspace_in(folder / "home", engine)
        dsn = SecretStr(origin.dsn) if origin.dsn else None
        settings = workspace.settings.model_copy(update={"source_dsn": dsn})
        return cls(product, replace(workspace, settings=settings), origin, engine, server_dsn)

    def copy(self, folder: Path, *deliveries: int) -> Tried:
        """A home with the same contents, and an origin of its own to which the same was delivered."""
        found = Tried.new(self.product, folder, self.engine, self.server_dsn)
        shutil.copytree(self.workspace.home, found.workspace.home, dirs_exist_ok=True)
        for number in deliveries:
            found.origin.deliver(number)
        return found

    @property
    def warehouse(self) -> Path:
        return self.workspace.home / "warehouse.duckdb"

    def deliver(self, *numbers: int) -> None:
        """Deliver, and run the products that this one reads."""
        for number in numbers:
            self.origin.deliver(number)
        self.run_read_by()

    def run_read_by(self) -> None:
        for one in read_by(self.product):
            self.run(product=one)

    def request(self, product: DataProduct | None = None, **asked: Any) -> Request:
        known = product or self.product
        asked = {"input": self.origin.folder if known.file_sources else None, **asked}
        return Request(product=known, rules=load_rules(known), **asked)

    def run(self, product: DataProduct | None = None, **asked: Any) -> Report:
        return execute(self.workspace, self.request(product, **asked))

    def plan(self) -> Plan:
        return prepare(self.workspace, self.request()).plan

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        with self.workspace.warehouse.read() as session:
            return session.rows(sql, parameters)

    def marts(self) -> Contents:
        """All that readers see of the product."""
        names = [step.table.name for step in self.product.layer(Layer.GOLD)]
        return {name: self.rows(f"SELECT * FROM {self.product.name}.{name} ORDER BY ALL") for name in names}
