"""The tables of a run as DataFrames, by the names that builds ask for: bronze, staged by this run, or published.

A table is given whole, or within the affected values of a key: then no more is read of it than the rows that have one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medallion.contracts import BRONZE_PREFIX, Column, Layer, Table
from medallion.ingest import bronze
from medallion.lake import LakeFile
from medallion.pipeline.affected import KeySet
from medallion.pipeline.inputs import check_is_kept
from medallion.warehouse import increments

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from medallion.data_product import DataProduct
    from medallion.lake import Lake
    from medallion.pipeline.stage import StagedTable
    from medallion.warehouse.base import Session, Warehouse
    from medallion.warehouse.records import Batch, Version


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where the tables of a run come from: all loaded deliveries, those that are new, and what is published.

    `published` are also the other products' tables that are read, and own ones of an earlier day, under the names that
    builds have for them.
    """

    lake: Lake
    warehouse: Warehouse
    folder: str
    batches: tuple[Batch, ...]
    new: frozenset[str]
    published: Mapping[str, Version]


class Tables(Mapping[str, "DataFrame"]):
    """Tables as DataFrames; what only the warehouse has is unloaded into the run's folder when it is asked for."""

    def __init__(self, product: DataProduct, spark: SparkSession, origin: Origin) -> None:
        self._product, self._spark, self._origin = product, spark, origin
        self._lake = origin.lake
        self._opened: dict[tuple[str, str], DataFrame] = {}
        self._unloaded: dict[tuple[str, str], tuple[LakeFile, ...]] = {}
        # What two builds ask for at a time is fetched once; the rows of one key do not wait for those of another.
        # Made beforehand: two that ask for a lock of one name at a time have to get the same.
        self._locks = {kind: threading.RLock() for kind in ("", *(key.column for key in product.keys))}
        self.staged: dict[str, StagedTable] = {}
        self.again: dict[str, LakeFile | None] = {}

    def __getitem__(self, name: str) -> DataFrame:
        """The whole table, with the columns that builds of whole tables read."""
        return self._once(name, "", lambda: self._whole(name))

    def __iter__(self) -> Iterator[str]:
        yield from (source.bronze.name for source in self._product.sources)
        yield from (one.name for one in self._product.versions_read)
        yield from (step.table.name for step in self._product.steps)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def add(self, staged: StagedTable) -> None:
        """Make a table that this run staged the one that `name` stands for."""
        name = staged.step.table.name
        self.staged[name] = staged
        for known in [one for one in list(self._opened) if one[0] == name]:
            self._opened.pop(known, None)

    def know(self, versions: Mapping[str, Version]) -> None:
        """Make published versions readable that were found only now."""
        self._origin = replace(self._origin, published={**self._origin.published, **versions})

    def within(self, name: str, keys: KeySet) -> DataFrame:
        """The rows of a table that have one of the values."""
        return self._once(name, keys.column.name, lambda: self._within(name, keys))

    def fetch(self, names: Iterable[str]) -> None:
        """Unload those of the tables that only the warehouse has, whole and all at once, as they will be asked for."""
        with self._locks[""]:  # a table is there once it is unloaded, also for the audit of the layer below
            wanted = []
            for name in dict.fromkeys(names):
                staged = self.staged.get(name)
                if name in self._origin.published and (name, "") not in self._unloaded and (not staged or staged.keys):
                    wanted.append(_Wanted(name, None, None, staged.keys if staged else None))
            self._unload(wanted)

    def processed(self, name: str) -> DataFrame:
        """What this run has of a table to look at: what it staged, of bronze the rows it read for that, else all."""
        if name.startswith(BRONZE_PREFIX) and name.removeprefix(BRONZE_PREFIX) in self.again:
            return self._new_rows(name.removeprefix(BRONZE_PREFIX))
        staged = self.staged.get(name)
        if staged is None:
            return self[name]
        return self._read(staged.step.table, staged.table_files)

    def before(self, name: str, columns: Sequence[Column], keys: KeySet) -> tuple[LakeFile, ...]:
        """The published rows of a table that have one of the values, as files, before they are replaced."""
        wanted = _Wanted(name, "before", keys, None, tuple(columns))
        self._unload([wanted])
        return self._unloaded.pop((name, "before"))

    def _once(self, name: str, kind: str, opened: Callable[[], DataFrame]) -> DataFrame:
        with self._locks[kind]:
            if (name, kind) not in self._opened:
                self._opened[name, kind] = opened()
            return self._opened[name, kind]

    def _whole(self, name: str) -> DataFrame:
        if name.startswith(BRONZE_PREFIX):
            source = self._product.source(name.removeprefix(BRONZE_PREFIX))
            return self._read(source.bronze, self._bronze_files(source.name))
        staged = self.staged.get(name)
        if staged and not staged.keys:
            return self._read(staged.step.table, staged.table_files)
        if name not in self._origin.published and name in {one.name for one in self._product.earlier}:
            return self._read(self._product.table(name), ())  # no earlier version
        self.fetch([name])
        found = self._unloaded[name, ""]
        return self._read(self._narrowed(name, None), (*found, *(staged.table_files if staged else ())))

    def _within(self, name: str, keys: KeySet) -> DataFrame:
        if name.startswith(BRONZE_PREFIX):
            return self._new_rows(name.removeprefix(BRONZE_PREFIX))
        key, staged = keys.column.name, self.staged.get(name)
        if staged and (not staged.keys or staged.keys.column.name == key):
            return self._read(staged.step.table, staged.table_files)
        if (name, key) not in self._unloaded:
            wanted = self._wanted_within(name, keys)
            self._unload([one for one in wanted if (one.name, key) not in self._unloaded])
        found = self._read(
            self._narrowed(name, key), (*self._unloaded[name, key], *(staged.table_files if staged else ()))
        )
        if not staged:
            return found
        values = self._read(_table_of(keys.column), keys.files)
        return found.join(values, key, how="left_semi")

    def _wanted_within(self, name: str, keys: KeySet) -> list[_Wanted]:
        """The table, and what other steps with the key read of tables that have their rows by another key."""
        key = keys.column.name
        steps = [step for step in self._product.steps if step.key == key]
        others = {one for step in steps for one in step.inputs} - {step.table.name for step in steps}
        found = []
        for wanted in (name, *sorted(others - {name})):
            staged = self.staged.get(wanted)
            is_other = staged is None or (staged.keys is not None and staged.keys.column.name != key)
            if is_other and wanted in self._origin.published:
                found.append(_Wanted(wanted, key, keys, staged.keys if staged else None))
        return found

    def _unload(self, wanted: Sequence[_Wanted]) -> None:
        """Write published rows as files below the run's folder, in one session."""
        if not wanted:
            return
        with self._origin.warehouse.read() as session:
            loaded: dict[tuple[str, ...], tuple[str, str]] = {}
            for one in wanted:
                folder = f"{self._origin.folder}/_published/{one.name}/{one.kind or 'whole'}"
                if one.within is not None and not one.within.count:
                    self._unloaded[one.name, one.kind or ""] = ()
                    continue
                columns = one.columns or self._product.columns_read(one.name, one.kind)
                check_is_kept(session, self._product, one.name, self._origin.published[one.name])
                increments.unload_rows(
                    session,
                    self._origin.published[one.name].relation,
                    columns,
                    self._lake.uri(folder),
                    within=self._loaded(session, one.within, loaded),
                    without=self._loaded(session, one.without, loaded),
                )
                # Only now: after a failure another thread must not take it for a table without such rows.
                self._unloaded[one.name, one.kind or ""] = tuple(self._lake.files(folder))

    def _new_rows(self, source_name: str) -> DataFrame:
        source = self._product.source(source_name)
        again = self.again.get(source_name)
        files = self._bronze_files(source_name, is_new=True)
        return self._read(source.bronze, [*files, *([again] if again else [])])

    def _bronze_files(self, source_name: str, *, is_new: bool = False) -> list[LakeFile]:
        source = self._product.source(source_name)
        return [
            file
            for batch in self._origin.batches
            if batch.source == source_name and (not is_new or batch.batch_id in self._origin.new)
            for file in bronze.data_files(self._lake, self._product, source, batch.batch_id)
        ]

    def _read(self, table: Table, files: Sequence[LakeFile]) -> DataFrame:
        return self._lake.read_table(self._spark, table, files)

    def _narrowed(self, name: str, key: str | None) -> Table:
        """A table with the columns that were unloaded of it."""
        table = self._product.table(name)
        return replace(table, columns=self._product.columns_read(name, key), grain=(), sort=(), source=None)

    def _loaded(
        self, session: Session, keys: KeySet | None, loaded: dict[tuple[str, ...], tuple[str, str]]
    ) -> tuple[str, str] | None:
        """(column, relation) of key values in the session, where they are loaded once."""
        if keys is None:
            return None
        files = tuple(self._lake.uri(file.path) for file in keys.files)
        if (keys.column.name, *files) not in loaded:
            relation = increments.load_keys(session, keys.column, files, f"keys{len(loaded)}")
            loaded[keys.column.name, *files] = (keys.column.name, relation)
        return loaded[keys.column.name, *files]


@dataclass(frozen=True)
class _Wanted:
    """Rows of a published table: all, those within or without some keys; `kind` tells the unloads of a table apart."""

    name: str
    kind: str | None
    within: KeySet | None
    without: KeySet | None
    columns: tuple[Column, ...] = ()


def _table_of(column: Column) -> Table:
    """A table of a key's values alone."""
    return Table(
        name=column.name, layer=Layer.INTERMEDIATE, grain=(column.name,), description="Key values.", columns=(column,)
    )
