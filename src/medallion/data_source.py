"""What a product takes in: kinds of delivered files, and tables of an operational database."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from medallion.contracts import BRONZE_PREFIX, DELETED_COLUMN, LINEAGE_COLUMNS, TEXT, Column, Layer, PiiAction, Table


@dataclass(frozen=True, kw_only=True)
class SourceTable:
    """A table of an operational PostgreSQL, which is looked at whenever the product runs.

    `key` names the columns (of the source) that tell its rows apart. `changed_at` names a column that rises with every
    change of a row, where there is one: then only rows from its last known value on are read; without it all rows are
    read and compared with those that were known. Rows that are gone are noticed by their key either way.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    changed_at: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Source:
    """A kind of delivered file, by `file_pattern`, or a table of a database: its columns as they are delivered.

    A file's columns are all text, and `columns` are all that its header names; those whose `pii_action` is `drop` are
    in no table and may be missing. A table's columns have the types that it must have in the database; bronze holds
    their text. `set_columns` name a set of records that a newer delivery replaces as a whole (the options of a line);
    without any, each record is replaced for itself. Where `keeps_malformed_text` is off, as where a column has a
    `pii_action`, quarantine does not get the text of malformed records: another source's, with personal data, may be
    among them.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    file_pattern: str = ""
    table: SourceTable | None = None
    set_columns: tuple[str, ...] = ()
    keeps_malformed_text: bool = True

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names):
            raise ValueError(f"source {self.name}: columns repeated: {', '.join(names)}")
        if bool(self.file_pattern) == bool(self.table):
            raise ValueError(f"source {self.name}: has to name either a file_pattern or a table")
        if self.table:
            named = {*self.table.key, *((self.table.changed_at,) if self.table.changed_at else ())}
            if not self.table.key or not named <= {*self.column_names}:
                raise ValueError(f"source {self.name}: key or changed_at is none of its columns: {', '.join(names)}")

    @cached_property
    def kept_columns(self) -> tuple[Column, ...]:
        """The columns that go beyond the gate."""
        return tuple(column for column in self.columns if column.pii_action is not PiiAction.DROP)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names of the columns that go beyond the gate."""
        return tuple(column.name for column in self.kept_columns)

    @property
    def may_hold_secrets(self) -> bool:
        """Whether a delivered record may hold what must not be written anywhere."""
        return not self.keeps_malformed_text or any(column.pii_action for column in self.columns)

    @property
    def origin(self) -> str:
        """Where its rows come from, for people: the files' pattern or the database table."""
        return self.file_pattern or str(self.table)

    @property
    def bronze(self) -> Table:
        """The bronze table: the source's columns as text, then where each row came from.

        Of a database table a row may also say that the one with its key is gone.
        """
        columns = self.kept_columns
        if self.table:
            columns = tuple(replace(column, type=TEXT) for column in columns)
        return Table(
            name=BRONZE_PREFIX + self.name,
            layer=Layer.BRONZE,
            grain=("_batch_id", "_row_number"),
            description=f"Rows of {self.origin} as delivered. {self.description}",
            columns=(*columns, *LINEAGE_COLUMNS, *((DELETED_COLUMN,) if self.table else ())),
        )
