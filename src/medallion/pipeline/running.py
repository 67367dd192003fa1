"""The state of one run while it goes on: what it was asked for, where it works, and what it has found so far."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from medallion.contracts import Layer

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pyspark.sql import SparkSession

    from medallion.data_product import DataProduct, Step
    from medallion.ingest.delivered_places import Place
    from medallion.lake import Lake
    from medallion.pipeline.affected import KeySet
    from medallion.pipeline.audit import CheckResult
    from medallion.pipeline.decision import Wish
    from medallion.pipeline.progress import Event, Listener
    from medallion.pipeline.tables import Tables
    from medallion.settings import Settings
    from medallion.warehouse.base import Warehouse
    from medallion.warehouse.lease import Lease
    from medallion.warehouse.quarantine import Chosen
    from medallion.warehouse.records import Batch, Run, Version

LAYERS = (Layer.BRONZE, Layer.SILVER, Layer.GOLD)


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """Where runs work: everything that differs between a laptop and AWS, wired once by the entry point."""

    settings: Settings
    home: Path
    lake: Lake
    warehouse: Warehouse


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a run is asked for. `input` is where delivered files are, a path or an address in S3; None: what is known.

    `run_id` is the id of a run that begins; one that goes on keeps its own. `select` names tables in dbt's graph
    syntax, None for all. `backfill` is a span of days (first, last) whose rows are read again. `replay` says which rows
    of quarantine are read again. `through` is the layer after which the run stops, to be gone on with by the next.
    """

    product: DataProduct
    rules: BaseModel
    input: Place | None = None
    as_of: date | None = None
    is_full: bool = False
    select: tuple[str, ...] | None = None
    backfill: tuple[date, date] | None = None
    replay: Chosen | None = None
    through: Layer = Layer.GOLD
    run_id: str | None = None


@dataclass(kw_only=True)
class Running:
    """A run under way. `batches` are all loaded deliveries of the product, `new` the ids of those of this run.

    `replaced` are deliveries that a new one of the same content takes the place of. `inputs` are the published versions
    that it reads, other products' and (once as_of is settled: of those that are there, `earlier`) own ones of an
    earlier day, by the names that builds have for them. `grown` are the tables and sources of which only
    some rows changed, with their fingerprint before. `keys` are the affected values, by column.
    """

    workspace: Workspace
    request: Request
    run: Run
    lease: Lease
    published: Mapping[str, Version]
    inputs: Mapping[str, Version] = field(default_factory=dict)
    earlier: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)
    batches: tuple[Batch, ...]
    listener: Listener
    wish: Wish
    new: frozenset[str] = frozenset()
    replaced: tuple[Batch, ...] = ()
    spark: SparkSession = field(init=False)
    tables: Tables = field(init=False)
    fingerprints: dict[str, str] = field(default_factory=dict)
    grown: dict[str, str] = field(default_factory=dict)
    keys: dict[str, KeySet] = field(default_factory=dict)
    row_counts: dict[str, int] = field(default_factory=dict)
    found: dict[Layer, list[CheckResult]] = field(default_factory=dict)  # by the layer that was checked
    noted: set[Layer] = field(default_factory=set)  # of which layers that is in control.quality
    notes: list[str] = field(default_factory=list)
    failed: tuple[Step, datetime] | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    folder: str = ""
    as_of: date | None = None
    cutoff: date | None = None
    has_dates: bool = False

    @property
    def product(self) -> DataProduct:
        return self.request.product

    @property
    def checks(self) -> list[CheckResult]:
        """The results of all checks so far. Layers overlap, and each publish notes its own layer's."""
        return [check for results in list(self.found.values()) for check in results]

    @property
    def checks_to_note(self) -> list[CheckResult]:
        """Those of layers that were not published."""
        return [check for layer, results in list(self.found.items()) if layer not in self.noted for check in results]

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
    def at_once(self) -> int:
        """How many tables are worked on at a time: more than one only where each is small."""
        return 2 if self.grown else 1

    @property
    def tell(self) -> Callable[[Event], None]:
        return self.listener
