"""Contracts: what a column and a table promise. Frozen data, no I/O, importable without Spark.

Everything else that describes data is derived from here: Spark schemas, warehouse DDL, the data dictionary, the ODCS
export, audits and the formatting of dashboards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from medallion.checks import DEFAULT_LIMIT, Check, ForeignKey, RejectLimit
from medallion.data_types import DataType
from medallion.lineage import DISPOSITION, IS_DELETED, REFUSAL_COLUMNS, Disposition

if TYPE_CHECKING:
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


class PiiAction(StrEnum):
    """What the gate does to a delivered value before anything is written; nothing else of it is ever kept.

    `drop`: the column goes no further, and a header need not name it. `mask`: each letter and digit becomes `*`.
    `last4`: of a card number its last four digits, or nothing where it does not end in four. `hmac`: a keyed hash
    (setting pii_key), by which equal values can be told without being known.
    """

    DROP = "drop"
    MASK = "mask"
    LAST4 = "last4"
    HMAC = "hmac"


@dataclass(frozen=True)
class Column:
    """One column: its type, meaning, unit, and what values it may hold.

    `unit` is what a reader needs to format it: `currency`, `days`, `count`, `rate` (0–1), `percent`, `rank`, `score`.
    `formula` says of a metric how it is computed, from columns of its own table and of those that its build reads;
    `exclusions` what does not count in it, besides what the table leaves out.
    `pii` says what kind of personal data it is, or None.

    Of a source's column only: `header` is its name in delivered files where that is another (columns of one header name
    are its occurrences in their order); `pii_action` what the gate does to its values; `shape` a regular expression
    (RE2) that whole values match, without the blanks around them. A record with another value where there is a
    `pii_action` is kept out unseen: its fields have slipped.
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
    header: str | None = None
    pii_action: PiiAction | None = None
    shape: str | None = None
    formula: str | None = None
    exclusions: str | None = None

    def __post_init__(self) -> None:
        DataType.parse(self.type)
        if self.pii_action and not self.pii:
            raise ValueError(f"column {self.name}: has a pii_action, but pii does not say what it protects")

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers, which is what metrics are."""
        return self.type.split("(")[0] in ("smallint", "integer", "bigint", "decimal", "double")

    @property
    def delivered_name(self) -> str:
        """What the header of a delivered file calls the column."""
        return self.header or self.name

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
    with a disposition (accepted, rejected or duplicate), instead of the accepted ones alone. More rejected rows than
    `reject_limit` stop a run; those whose reason is one of `waiting` do not count: what they wait for may still come.
    `exclusions` says to readers which rows do not count in it. `distribution` and `sort` are the keys Redshift lays the
    table out by.
    """

    name: str
    layer: Layer
    grain: tuple[str, ...]
    description: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    source: str | None = None
    reject_limit: RejectLimit = DEFAULT_LIMIT
    waiting: tuple[str, ...] = ()
    distribution: str | None = None
    sort: tuple[str, ...] = ()
    exclusions: str | None = None

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

    @cached_property
    def stored_columns(self) -> tuple[Column, ...]:
        """The columns of the published table: of one that accounts for a source also each row's file and record."""
        return (*self.columns, *ROW_ORIGIN) if self.source else self.columns

    def conform_delivered(self, df: DataFrame) -> DataFrame:
        """As `conform`, with each row's disposition and origin; of rows not accepted also their text and why."""
        from medallion.spark import F

        is_accepted = F.col(DISPOSITION) == Disposition.ACCEPTED.value
        refused = [F.when(~is_accepted, F.col(name)).alias(name) for name in REFUSAL_COLUMNS]
        origin = [column.name for column in ROW_ORIGIN]
        return df.select(*self._typed_columns(), DISPOSITION, *refused, *origin)

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
    Column("_batch_id", "varchar(255)", "Delivery the row came with; what a later one says counts.", nullable=False),
    Column("_ingested_at", "timestamp", "When the delivery was read.", nullable=False),
)
DELETED_COLUMN = Column(IS_DELETED, "boolean", "Whether the row of this key is gone at its source.", nullable=False)
# Where a published row comes from. Rows that no file delivered (generated days) have neither.
ROW_ORIGIN = (
    Column("_batch_id", "varchar(255)", "Delivery that the row came with; see control.batch."),
    Column("_row_number", "bigint", "Number of the record in the delivered file; the header is record 0."),
)
