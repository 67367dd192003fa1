"""Tables kept up to date by key: some values of the key, built from their rows alone, give what a whole build gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from frames import Row, delivered
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from medallion.catalog import PRODUCTS
from medallion.contracts import BRONZE_PREFIX
from medallion.data_product import DataProduct, Source, Step
from medallion.delivered_text import delivered_text
from medallion.ingest.csv_gate import CsvGate, Delivery
from medallion.lineage import DISPOSITION, Disposition
from medallion.samples import card_payments, customer_360, restaurant

# Small and full of dirt: rows that contradict each other, repeats, orphans, and the last days in files of their own.
SAMPLES: dict[str, Callable[[Path], tuple[Path, ...]]] = {
    "restaurant": lambda folder: (
        restaurant.generate(
            restaurant.RestaurantSample(orders=240, seed=3, dirty=1.0, days=40, days_late=2), folder
        ).paths
    ),
    "card_payments": lambda folder: (
        card_payments.generate(
            card_payments.CardPaymentsSample(transactions=300, stores=20, seed=3, dirty=1.0, days=40, days_late=2),
            folder,
        ).paths
    ),
}
TABLES = customer_360.generate(customer_360.Customer360Sample(customers=60, seed=3, dirty=1.0)).tables
GONE = 7  # of so many rows of a database table, one is deleted by the second pull
# Within the samples, so that a cutoff cuts something off.
SEEN_FROM = {"restaurant": date(2024, 2, 15), "card_payments": date(2023, 2, 20)}
KEYED_STEPS = [
    pytest.param(product.name, step.table.name, id=f"{product.name}.{step.table.name}")
    for product in PRODUCTS
    for step in product.steps
    if step.key
]


@dataclass
class Chain:
    """A product's tables built from a sample, each once; `folder` keeps them."""

    spark: SparkSession
    product: DataProduct
    paths: tuple[Path, ...]
    folder: Path
    known: dict[str, DataFrame] = field(default_factory=dict)

    def table(self, name: str) -> DataFrame:
        """A bronze or published table: what later steps read of it."""
        if name.startswith(BRONZE_PREFIX):
            return self._kept(name, lambda: self._bronze(name.removeprefix(BRONZE_PREFIX)))
        built = self.built(name)
        return built.where(F.col(DISPOSITION) == Disposition.ACCEPTED.value) if DISPOSITION in built.columns else built

    def built(self, name: str) -> DataFrame:
        """All rows that the table's build returns."""
        step = self.product.step(name)
        return self._kept(name, lambda: self._build(step, self.table))

    def built_within(self, step: Step, values: list[Any]) -> DataFrame:
        """What the build returns for inputs that are restricted to some values of the step's key."""
        return self._build(step, lambda name: self._restricted(step, name, values))

    def _build(self, step: Step, read: Callable[[str], DataFrame]) -> DataFrame:
        day = SEEN_FROM.get(self.product.name)
        given = {"as_of": day, "cutoff": day, "rules": self.product.rules()}
        passing = {one.table.name: one for one in self.product.intermediates}
        inputs = (self._build(passing[name], read) if name in passing else read(name) for name in step.inputs)
        return step.build(*inputs, **{name: given[name] for name in step.parameters})

    def _restricted(self, step: Step, name: str, values: list[Any]) -> DataFrame:
        whole, key = self.table(name), str(step.key)
        return whole.where((delivered_text(key) if name.startswith(BRONZE_PREFIX) else F.col(key)).isin(values))

    def _bronze(self, source_name: str) -> DataFrame:
        source = self.product.source(source_name)
        if source.table:
            return delivered(self.spark, source, *_pulled(source))
        table = source.bronze
        schema = ", ".join(f"`{column.name}` {column.data_type.spark}" for column in table.columns)
        rows = [
            tuple(row.values())
            for delivery, path in enumerate(self.paths)
            if fnmatch(path.name, source.file_pattern)
            for row in _gated(path, source, delivery)
        ]
        return self.spark.createDataFrame(rows, schema)

    def _kept(self, name: str, make: Callable[[], DataFrame]) -> DataFrame:
        if name not in self.known:
            make().write.parquet(str(self.folder / name))
            self.known[name] = self.spark.read.parquet(str(self.folder / name))
        return self.known[name]


def _gated(path: Path, source: Source, delivery: int) -> Iterator[dict[str, Any]]:
    """The well-formed records of a file, as the gate lets them through."""
    stamps = Delivery(path.name, f"{delivery:08d}", datetime(2024, 3, 1, tzinfo=UTC))
    with path.open("rb") as stream:
        for batch in CsvGate(stream, source, stamps, on_rejects=lambda _: None).batches():
            yield from batch.to_pylist()


def _pulled(source: Source) -> Iterator[Row]:
    """A first pull of a generated table, and a second one of some rows again, others that are gone by then."""
    assert source.table
    for delivery in (0, 1):
        for place, row in enumerate(TABLES[source.table.name]):
            texts = ("" if value is None else str(value) for value in row)
            record: Row = dict(zip(source.column_names, texts, strict=True)) | {"delivery": delivery}
            is_gone = delivery == 1 and place % GONE == 0
            if is_gone:
                record |= {name: "" for name in source.column_names if name not in source.table.key}
            if delivery == 0 or is_gone or place % GONE == 1:
                yield record | {"_is_deleted": is_gone}


@pytest.fixture(scope="module")
def chains(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Chain]:
    folders = {product.name: tmp_path_factory.mktemp(product.name) for product in PRODUCTS}
    return {
        product.name: Chain(
            spark,
            product,
            SAMPLES[product.name](folders[product.name] / "in") if product.file_sources else (),
            folders[product.name] / "tables",
        )
        for product in PRODUCTS
    }


def a_third_of(chain: Chain, key: str) -> list[Any]:
    """Every third value of the key, among those by which new data says what is affected."""
    found: set[Any] = set()
    for name in chain.product.key(key).of:
        value = delivered_text(key) if name.startswith(BRONZE_PREFIX) else F.col(key)
        found |= {row[0] for row in chain.table(name).select(value.alias(key)).distinct().collect()}
    return sorted(found - {None})[::3]


def rows_of(built: DataFrame, columns: list[str]) -> Counter[tuple[Any, ...]]:
    return Counter(tuple(row) for row in built.select(*columns).collect())


@pytest.mark.parametrize(("product_name", "table"), KEYED_STEPS)
def test_some_values_of_the_key_are_built_alike_from_their_rows_and_from_all(
    chains: dict[str, Chain], product_name: str, table: str
) -> None:
    chain = chains[product_name]
    step, whole = chain.product.step(table), chain.built(table)
    values = a_third_of(chain, str(step.key))
    expected = rows_of(whole.where(F.col(str(step.key)).isin(values)), whole.columns)

    found = rows_of(chain.built_within(step, values), whole.columns)

    assert 0 < expected.total() < whole.count()
    assert found == expected


@pytest.mark.parametrize(("product_name", "table"), KEYED_STEPS)
def test_inputs_of_a_keyed_step_have_the_column_of_its_key(product_name: str, table: str) -> None:
    product = next(one for one in PRODUCTS if one.name == product_name)
    step = product.step(table)
    bronze = {source.bronze.name: source.bronze for source in product.sources}

    for name in product.published_inputs(step):
        given = bronze[name] if name in bronze else product.step(name).table
        assert step.key in given.column_names, name
