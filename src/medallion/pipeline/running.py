"""The state of one run while it goes on: what it was asked for, where it works, and what it has found so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pyspark.sql import SparkSession

    from medallion.data_product import DataProduct, Step
    from medallion.lake import Lake
    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.progress import Event, Listener
    from medallion.pipeline.tables import Tables
    from medallion.settings import Settings
    from medallion.warehouse.base import Warehouse
    from medallion.warehouse.lease import Lease
    from medallion.warehouse.records import Batch, Run, Version


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Where runs work: everything that differs between a laptop and AWS, wired once by the entry point."""

    settings: Settings
    home: Path
    lake: Lake
    warehouse: Warehouse


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run is asked for. `input` is the folder of delivered files; None: whatever is known already."""

    product: DataProduct
    rules: BaseModel
    input: Path | None = None
    as_of: date | None = None
    is_full: bool = False


@dataclass(kw_only=True)
class Running:
    """A run under way. `batches` are all loaded deliveries of the product, those of this run included."""

    workspace: Workspace
    request: Request
    run: Run
    lease: Lease
    published: Mapping[str, Version]
    batches: tuple[Batch, ...]
    listener: Listener
    spark: SparkSession = field(init=False)
    tables: Tables = field(init=False)
    fingerprints: dict[str, str] = field(default_factory=dict)
    checks: list[CheckResult] = field(default_factory=list)
    current: tuple[Step, datetime] | None = None
    folder: str = ""

    @property
    def product(self) -> DataProduct:
        return self.request.product

    @property
    def rules(self) -> BaseModel:
        return self.request.rules

    @property
    def lake(self) -> Lake:
        return self.workspace.lake

    @property
    def warehouse(self) -> Warehouse:
        return self.workspace.warehouse

    @property
    def is_full(self) -> bool:
        return self.request.is_full

    @property
    def tell(self) -> Callable[[Event], None]:
        return self.listener
