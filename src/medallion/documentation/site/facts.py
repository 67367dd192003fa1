"""What the site shows beyond the contracts: how products stand and what their last runs found; the caller reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medallion.column_lineage.builds import TableLineage
    from medallion.data_product import DataProduct


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """A product's last run; times are UTC."""

    run_id: str
    status: str
    as_of: date | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CheckFacts:
    """What became of a check when its table was checked last. `detail` holds no personal data."""

    table: str
    name: str
    severity: str
    passed: bool
    failed_count: int | None
    detail: str
    description: str


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """A published table: its version, its rows, and what the run that built it last read and refused.

    `sample` are the first rows, with the columns `sample_columns`: those of the contract that are published.
    """

    version: int
    relation: str
    as_of: date | None
    published_at: datetime
    row_count: int | None
    rows_in: int | None = None
    rows_rejected: int | None = None
    rows_duplicate: int | None = None
    sample_columns: tuple[str, ...] = ()
    sample: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class InputFacts:
    """Which version of another product's table was read last."""

    version: int
    read_at: datetime


@dataclass(frozen=True, kw_only=True)
class AccessFacts:
    """A consumer's access to an output port as it stands: asked for, approved, expired and so on."""

    port: str
    consumer: str
    state: str
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class ProductFacts:
    """A product, its entry in the catalogue (as `medallion catalog describe --json` has it), and its last run.

    `tables` and `checks` are by table name, `inputs` by `product.table`.
    """

    product: DataProduct
    entry: Mapping[str, Any]
    last_run: RunFacts | None = None
    newest: date | None = None
    tables: Mapping[str, TableFacts] = field(default_factory=dict)
    checks: tuple[CheckFacts, ...] = ()
    inputs: Mapping[str, InputFacts] = field(default_factory=dict)
    access: tuple[AccessFacts, ...] = ()

    @property
    def name(self) -> str:
        return self.product.name

    @property
    def freshness(self) -> str:
        """`fresh`, `stale`, `never published` or `nothing promised`."""
        if self.entry["published_at"] is None:
            return "never published"
        return {True: "fresh", False: "stale", None: "nothing promised"}[self.entry["is_fresh"]]


@dataclass(frozen=True, kw_only=True)
class SiteFacts:
    """All that the site is made of, as it is at one moment.

    `lineage` is by product and table; `lineage_note` says why there is none.
    """

    products: tuple[ProductFacts, ...]
    built_at: datetime
    lineage: Mapping[str, Mapping[str, TableLineage]] = field(default_factory=dict)
    lineage_note: str = ""
