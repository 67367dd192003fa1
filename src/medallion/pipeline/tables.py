"""The tables of a run as DataFrames, by the names that builds ask for: bronze, staged by this run, or published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from medallion.contracts import BRONZE_PREFIX
from medallion.data_product import DataProduct
from medallion.ingest import bronze
from medallion.lake import LakeFile
from medallion.warehouse import versions

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from medallion.lake import Lake
    from medallion.pipeline.stage import StagedTable
    from medallion.warehouse.base import Warehouse
    from medallion.warehouse.records import Batch, Version


class Tables(Mapping[str, "DataFrame"]):
    """Each table is opened when it is first asked for; one that only the warehouse has is unloaded into `folder`."""

    def __init__(
        self,
        product: DataProduct,
        spark: SparkSession,
        lake: Lake,
        warehouse: Warehouse,
        *,
        folder: str,
        batches: tuple[Batch, ...],
        published: Mapping[str, Version],
    ) -> None:
        self._product, self._spark, self._lake, self._warehouse = product, spark, lake, warehouse
        self._folder = folder
        self._batches = batches
        self._published = published
        self._opened: dict[str, Any] = {}
        self.staged: dict[str, StagedTable] = {}

    def __getitem__(self, name: str) -> DataFrame:
        if name not in self._opened:
            self._opened[name] = self._open(name)
        opened: DataFrame = self._opened[name]
        return opened

    def __iter__(self) -> Iterator[str]:
        yield from (source.bronze.name for source in self._product.sources)
        yield from (step.table.name for step in self._product.steps)

    def __len__(self) -> int:
        return len(self._product.sources) + len(self._product.steps)

    def add(self, staged: StagedTable) -> None:
        """Make a table that this run staged the one that `name` stands for."""
        self.staged[staged.step.table.name] = staged
        self._opened.pop(staged.step.table.name, None)

    def row_count(self, name: str) -> int:
        """Rows of a table, from what is on record about it."""
        if name.startswith(BRONZE_PREFIX):
            source = name.removeprefix(BRONZE_PREFIX)
            return sum(batch.accepted_count or 0 for batch in self._batches if batch.source == source)
        if name in self.staged:
            return self.staged[name].row_count
        return self._published[name].row_count or 0

    def _open(self, name: str) -> DataFrame:
        if name.startswith(BRONZE_PREFIX):
            source = self._product.source(name.removeprefix(BRONZE_PREFIX))
            files = [
                file
                for batch in self._batches
                if batch.source == source.name
                for file in bronze.data_files(self._lake, self._product, source, batch.batch_id)
            ]
            return self._lake.read_table(self._spark, source.bronze, files)
        table = self._product.step(name).table
        if name in self.staged:
            return self._lake.read_table(self._spark, table, self.staged[name].table_files)
        return self._lake.read_table(self._spark, table, self._unload(name))

    def _unload(self, name: str) -> list[LakeFile]:
        table = self._product.step(name).table
        target = f"{self._folder}/_published/{name}"
        with self._warehouse.read() as session:
            versions.unload(session, self._published[name].relation, self._lake.uri(target), table.columns)
        return self._lake.files(target)
