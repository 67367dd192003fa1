"""Contracts: what a column, a table and a data product promise. Frozen data, no I/O, importable without Spark.

Everything else that describes data is derived from here: Spark schemas, warehouse DDL, the data dictionary, the ODCS
export, audits and the formatting of dashboards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from medallion.checks import Check, ForeignKey, Probe, Reconciliation
from medallion.data_types import DataType
from medallion.lineage import DISPOSITION, ORIGIN_COLUMNS, Disposition

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pyspark.sql import Column as SparkColumn
    from pyspark.sql import DataFrame

BRONZE_PREFIX = "bronze_"
TEXT = "varchar(65535)"  # the widest text Redshift takes; what a source delivers before silver types it


class Layer(StrEnum):
    """Where a table lives: as delivered, cleaned, or ready for readers."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"
    CONTROL = "control"
    INTERMEDIATE = "intermediate"  # staged for the builds that ask for it, never published


@dataclass(frozen=True)
class Column:
    """One column: its type, meaning, unit, and what values it may hold.

    `unit` is what a reader needs to format it: `currency`, `days`, `count`, `rate` (0–1), `percent`, `rank`, `score`.
    `pii` says what kind of personal data it is, or None. `aliases` are other header names accepted from a source.
    """

    name: str
    type: str
    description: str
    unit: str | None = None
    nullable: bool = True
    pii: str | None = None
    accepted: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        DataType.parse(self.type)

    @property
    def data_type(self) -> DataType:
        return DataType.parse(self.type)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The row checks that the column's own promises amount to."""
        found = []
        if not self.nullable:
            found.append(("not_null", f"{self.name} IS NOT NULL", "always filled"))
        if self.accepted:
            values = ", ".join(_literal(value) for value in self.accepted)
            found.append(("accepted", f"{self.name} IN ({values})", f"one of {values}"))
        if self.minimum is not None:
            found.append(("minimum", f"{self.name} >= {self.minimum}", f"at least {self.minimum}"))
        if self.maximum is not None:
            found.append(("maximum", f"{self.name} <= {self.maximum}", f"at most {self.maximum}"))
        return tuple(
            Check(name=f"{self.name}.{rule}", expression=expression, description=f"{self.name} is {meaning}")
            for rule, expression, meaning in found
        )


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its grain (the columns no two rows share), columns in order, and checks.

    `source` names the source whose every delivered row the table accounts for: its build returns all of them, each
    with a disposition (accepted, rejected or duplicate), instead of the accepted ones alone.
    `distribution` and `sort` are the keys Redshift lays the table out by.
    """

    name: str
    layer: Layer
    grain: tuple[str, ...]
    description: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    source: str | None = None
    distribution: str | None = None
    sort: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = self.column_names
        unknown = [name for name in (*self.grain, *self.sort) if name not in names]
        if unknown or len(set(names)) != len(names):
            raise ValueError(f"table {self.name}: columns unknown or repeated: {', '.join(unknown or names)}")

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        """The column called `name`; raises KeyError where there is none."""
        return next((column for column in self.columns if column.name == name), None) or _missing(self.name, name)

    @property
    def row_checks(self) -> tuple[Check, ...]:
        """All row checks: those of the columns, then the table's own."""
        return (*(check for column in self.columns for check in column.checks), *self.checks)

    def conform(self, df: DataFrame) -> DataFrame:
        """`df` with exactly the contract's columns, order and types.

        A value that does not fit its type raises in the engine (ANSI casts); a missing column raises at analysis.
        """
        return df.select(*self._typed_columns())

    def conform_delivered(self, df: DataFrame) -> DataFrame:
        """As `conform`, with each row's disposition; of rows not accepted also where they came from and why."""
        from medallion.spark import F

        is_accepted = F.col(DISPOSITION) == Disposition.ACCEPTED.value
        origin = [F.when(~is_accepted, F.col(name)).alias(name) for name in ORIGIN_COLUMNS]
        return df.select(*self._typed_columns(), DISPOSITION, *origin)

    def _typed_columns(self) -> list[SparkColumn]:
        from medallion.spark import F

        return [F.col(column.name).cast(column.data_type.spark).alias(column.name) for column in self.columns]


def _literal(text: str) -> str:
    """A string in Spark SQL, which escapes by backslash: a doubled quote would join two strings."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _missing(table: str, name: str) -> Column:
    raise KeyError(f"{table} has no column {name}")


LINEAGE_COLUMNS = (
    Column("_source_file", "varchar(1024)", "Name of the delivered file.", nullable=False),
    Column("_row_number", "bigint", "Number of the record in its file; the header is record 0.", nullable=False),
    Column("_batch_id", "varchar(32)", "Delivery the row came with; a later one sorts after it.", nullable=False),
    Column("_ingested_at", "timestamp", "When the delivery was read.", nullable=False),
)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A kind of delivered file: which file names belong to it and which columns (all text) its header must name."""

    name: str
    file_pattern: str
    description: str
    columns: tuple[Column, ...]

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def bronze(self) -> Table:
        """The bronze table: the source's columns as text, then where each row came from."""
        return Table(
            name=BRONZE_PREFIX + self.name,
            layer=Layer.BRONZE,
            grain=("_batch_id", "_row_number"),
            description=f"Rows of {self.file_pattern} as delivered. {self.description}",
            columns=(*self.columns, *LINEAGE_COLUMNS),
        )


@dataclass(frozen=True, kw_only=True)
class Step:
    """A table and the pure function that builds it. The positional parameters of `build` name its inputs."""

    table: Table
    build: Callable[..., DataFrame]

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        parameters = signature(self.build).parameters.values()
        return tuple(p.name for p in parameters if p.kind is not Parameter.KEYWORD_ONLY)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The keyword-only parameters: of `as_of` and `rules`, those the build takes."""
        return tuple(p.name for p in signature(self.build).parameters.values() if p.kind is Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, kw_only=True)
class DataProduct:
    """Sources, steps in build order, and the rules with which they are built.

    `intermediates` are results that several passes of a build need: they are staged when a build asks for them and
    forgotten with the run. `as_of` is the (table, date column) whose newest value is the default as-of date.
    """

    name: str
    title: str
    description: str
    sources: tuple[Source, ...]
    steps: tuple[Step, ...]
    rules: type[BaseModel]
    as_of: tuple[str, str]
    intermediates: tuple[Step, ...] = ()
    reconciliations: tuple[Reconciliation, ...] = ()
    probes: tuple[Probe, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    def source(self, name: str) -> Source:
        """The source called `name`; raises StopIteration where there is none."""
        return next(source for source in self.sources if source.name == name)

    def step(self, table: str) -> Step:
        """The step that builds `table`, published or intermediate; raises StopIteration where there is none."""
        return next(step for step in (*self.steps, *self.intermediates) if step.table.name == table)

    def published_inputs(self, step: Step) -> tuple[str, ...]:
        """The bronze and published tables that a step reads, directly or through intermediates."""
        names: list[str] = []
        intermediate = {one.table.name: one for one in self.intermediates}
        for name in step.inputs:
            names += self.published_inputs(intermediate[name]) if name in intermediate else (name,)
        return tuple(dict.fromkeys(names))

    def layer(self, layer: Layer) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.table.layer is layer)

    def schema(self, layer: Layer) -> str:
        """The warehouse schema of a layer: marts in the product's own, silver in `<product>_silver`."""
        return self.name if layer is Layer.GOLD else f"{self.name}_{layer}"
