"""What a product reads of published tables: of other products as they are, of its own as an earlier day saw them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from medallion.contracts import Column, Layer, Table


@dataclass(frozen=True, kw_only=True)
class ProductInput:
    """A mart of another product, of which the published version is read, never what is under way.

    `columns` are those that are read, with the types that the reader relies on; a published table that lacks one, or
    has it with another type, stops the reader before anything is built. Builds ask for it as `name`, by default the
    table's own.
    """

    product: str
    table: str
    columns: tuple[Column, ...]
    alias: str = ""

    @property
    def name(self) -> str:
        """What builds call it."""
        return self.alias or self.table

    def __str__(self) -> str:
        return f"{self.product}.{self.table}"

    @cached_property
    def contract(self) -> Table:
        """What is read, as a table; its grain is the other product's affair."""
        return Table(
            name=self.name,
            layer=Layer.GOLD,
            grain=(),
            description=f"Published by {self.product}.",
            columns=self.columns,
        )


@dataclass(frozen=True, kw_only=True)
class EarlierVersion(ProductInput):
    """A mart of the product itself, as published for an earlier day: what is built now can be held against it.

    A run reads of the versions that are there, and have these columns, the one that was published last with an as-of
    date before the run's own; so the same day run again reads the same one. Without any it is a table without rows.
    Builds ask for `earlier_<table>`.
    """

    @property
    def name(self) -> str:
        """What builds call it."""
        return self.alias or f"earlier_{self.table}"
