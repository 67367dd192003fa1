"""What a data product promises: its sources, the steps that build its tables, and what must hold between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

from medallion.checks import Probe, Reconciliation
from medallion.contracts import Column, Layer, Table
from medallion.data_source import Source as Source
from medallion.data_source import SourceTable as SourceTable
from medallion.governance import Governance
from medallion.product_input import EarlierVersion as EarlierVersion
from medallion.product_input import ProductInput as ProductInput

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Key:
    """A column by whose values tables are kept up to date: only the values that new data touches are built anew.

    `of` are the tables whose new (for published ones: changed) rows say which values those are. Bronze tables have the
    key as delivered text, without surrounding blanks.
    """

    column: str
    of: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Step:
    """A table and the pure function that builds it. The positional parameters of `build` name its inputs.

    `key` names a `Key` of the product whose column the table and its inputs have: its rows of one value depend on
    nothing but the inputs' rows of that value, so a small delivery rebuilds these alone. Without a key a table is
    built whole. `reads` names the columns that the build reads of a wide input; it is given no others, and no others
    are fetched from the warehouse.
    """

    table: Table
    build: Callable[..., DataFrame]
    key: str | None = None
    reads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        parameters = signature(self.build).parameters.values()
        return tuple(p.name for p in parameters if p.kind is not Parameter.KEYWORD_ONLY)

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The keyword-only parameters: of `as_of`, `cutoff` and `rules`, those the build takes.

        `cutoff` is as_of where the data goes beyond it, and None where it does not (no row is left out): a table that
        takes it, and not as_of, stays what it is from one day to the next but for the keys of new data.
        """
        return tuple(p.name for p in signature(self.build).parameters.values() if p.kind is Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, kw_only=True)
class DataProduct:
    """Sources and inputs, steps in build order, and the rules with which they are built.

    `sources` are delivered files and tables of databases, `inputs` what other products publish, `earlier` own marts as
    an earlier day saw them. `keys` are the columns by which tables are kept up to date. `intermediates` are results
    that several passes of a build need: they are staged when a build asks for them and forgotten with the run. `as_of`
    is the (table, date column) whose newest value is the default as-of date.
    """

    name: str
    title: str
    description: str
    sources: tuple[Source, ...] = ()
    inputs: tuple[ProductInput, ...] = ()
    earlier: tuple[EarlierVersion, ...] = ()
    steps: tuple[Step, ...]
    rules: type[BaseModel]
    as_of: tuple[str, str]
    keys: tuple[Key, ...] = ()
    intermediates: tuple[Step, ...] = ()
    reconciliations: tuple[Reconciliation, ...] = ()
    probes: tuple[Probe, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    governance: Governance = field(default_factory=Governance)

    @property
    def versions_read(self) -> tuple[ProductInput, ...]:
        """All published versions that steps read: other products' tables, and own ones of an earlier day."""
        return (*self.inputs, *self.earlier)

    def compares_versions(self, step: Step) -> bool:
        """Whether the table's rows depend on what was published before, and not on the sources alone."""
        names = set(self.published_inputs(step))
        own = (one for one in self.steps if one.table.name in names)
        return bool(names & {one.name for one in self.earlier}) or any(self.compares_versions(one) for one in own)

    @property
    def file_sources(self) -> tuple[Source, ...]:
        """The sources whose rows come in files."""
        return tuple(source for source in self.sources if source.file_pattern)

    @property
    def table_sources(self) -> tuple[Source, ...]:
        """The sources that are tables of an operational database."""
        return tuple(source for source in self.sources if source.table)

    def source_of_file(self, file_name: str) -> Source | None:
        """The source a file belongs to: with the most specific (longest) pattern that its name matches.

        In any letter case, with or without `.gz`.
        """
        plain_name = file_name.lower().removesuffix(".gz")
        matching = [source for source in self.file_sources if fnmatchcase(plain_name, source.file_pattern.lower())]
        return max(matching, key=lambda source: len(source.file_pattern), default=None)

    def source(self, name: str) -> Source:
        """The source called `name`; raises StopIteration where there is none."""
        return next(source for source in self.sources if source.name == name)

    def step(self, table: str) -> Step:
        """The step that builds `table`, published or intermediate; raises StopIteration where there is none."""
        return next(step for step in (*self.steps, *self.intermediates) if step.table.name == table)

    def table(self, name: str) -> Table:
        """The contract of a table that steps read, an own one or a published version; StopIteration without one."""
        return next((one.contract for one in self.versions_read if one.name == name), None) or self.step(name).table

    def key(self, column: str) -> Key:
        """The key of that column; raises StopIteration where there is none."""
        return next(key for key in self.keys if key.column == column)

    def published_inputs(self, step: Step) -> tuple[str, ...]:
        """The bronze and published tables that a step reads, directly or through intermediates."""
        names: list[str] = []
        intermediate = {one.table.name: one for one in self.intermediates}
        for name in step.inputs:
            names += self.published_inputs(intermediate[name]) if name in intermediate else (name,)
        return tuple(dict.fromkeys(names))

    def columns_read(self, name: str, key: str | None) -> tuple[Column, ...]:
        """The columns of a table that steps with that key (None: those built whole) read, and foreign keys refer to."""
        table = self.table(name)
        readers = [step for step in self.steps if step.key == key and name in step.inputs]
        if not readers or any(name not in step.reads for step in readers):
            return table.columns
        chosen = {key, *(column for step in readers for column in step.reads[name])}
        for step in self.steps:
            chosen |= {
                one for foreign in step.table.foreign_keys if foreign.references == name for one in foreign.target
            }
        return tuple(column for column in table.columns if column.name in chosen)

    def layer(self, layer: Layer) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.table.layer is layer)

    @property
    def first_mart(self) -> Table:
        """What to look at first: the first mart, or the second where the first only prepares it."""
        first, *others = self.layer(Layer.GOLD)
        return others[0].table if others and first.table.name in others[0].inputs else first.table

    def schema(self, layer: Layer) -> str:
        """The warehouse schema of a layer: marts in the product's own, silver in `<product>_silver`."""
        return self.name if layer is Layer.GOLD else f"{self.name}_{layer}"
