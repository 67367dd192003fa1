"""Rows of a source table by ranges of their ids: split on the driver, read inside the engine, each by itself."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from medallion.data_product import Source

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from medallion.ingest.csv_gate import Delivery

ROW_ID = "row_id"
DSN_VARIABLE = "MEDALLION_TASKS_SOURCE_DSN"  # no setting: commands started from here do not take it for theirs
CERTIFICATES_VARIABLE = "MEDALLION_SOURCE_CERTIFICATES"  # what the server's certificate is checked by, as PEM
KeyRange = tuple[int, int]


@dataclass(frozen=True)
class RowRange:
    """The ids `first` to `last`, both included, that one delivery's `count` rows have; `last < first` for no rows."""

    first: int
    last: int
    count: int


def key_ranges(row_range: RowRange, parts: int) -> list[KeyRange]:
    """Split the ids into at most `parts` ranges (first, last), both included, of equal length give or take one.

    Together they hold every id once, in order; none is empty. No rows give no range.
    """
    length = row_range.last - row_range.first + 1
    count = max(0, min(parts, length))
    edges = [row_range.first + length * part // count for part in range(count + 1)] if count else []
    return [(first, end - 1) for first, end in pairwise(edges)]


def quoted(name: str) -> str:
    """An identifier as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def select_bronze(schema: str, source: Source, stamps: Delivery | None = None) -> str:
    """The query of one range, to be completed with `{first}` and `{last}`.

    A foreign table may hold numbers, dates and NULL; bronze holds what a file would: their text, and '' for nothing.
    With `stamps` rows are of that delivery, whatever they were loaded for.
    """
    texts = [f"coalesce({quoted(name)}::text, '') AS {quoted(name)}" for name in source.column_names]
    lineage = '"_source_file"::text, "_row_number"::bigint, "_batch_id"::text, "_ingested_at"::timestamptz'
    if stamps:
        name, batch_id = (value.replace("'", "''") for value in (stamps.file_name, stamps.batch_id))
        lineage = (
            f"""'{name}'::text AS "_source_file", "_row_number"::bigint, '{batch_id}'::text AS "_batch_id","""
            f""" '{stamps.ingested_at.isoformat()}'::timestamptz AS "_ingested_at\""""
        )
    columns = ", ".join((*texts, lineage)).replace("{", "{{").replace("}", "}}")
    table = f"{quoted(schema)}.{quoted(source.name)}".replace("{", "{{").replace("}", "}}")
    return f"SELECT {columns} FROM {table} WHERE {ROW_ID} BETWEEN {{first}} AND {{last}} ORDER BY {ROW_ID}"


def read_ranges(
    spark: SparkSession, query: str, ranges: Sequence[KeyRange], schema: str, dsn: str, dsn_variable: str
) -> DataFrame:
    """The rows of `query` for all `ranges`, one task a range, as a DataFrame of the Spark DDL `schema`.

    The connection string is no part of the plan: tasks take it from the environment variable `dsn_variable`.
    """
    if not ranges:
        return spark.createDataFrame([], schema)
    needed = {dsn_variable: dsn}
    certificates = os.environ.get("PGSSLROOTCERT")
    if certificates:  # a file of this machine, which others do not have
        needed[CERTIFICATES_VARIABLE] = Path(certificates).read_text(encoding="ascii")
    os.environ.update(needed)  # what an engine in this process sees
    context = getattr(spark, "sparkContext", None)  # Spark Connect has none
    if context is not None:
        # Travels with each Python function, to workers on other machines too, and unlike `spark.executorEnv.*` is
        # shown neither in Spark's web page nor in its event log.
        context.environment.update(needed)
    numbers = spark.range(0, len(ranges), 1, len(ranges))
    return numbers.mapInArrow(_range_reader(query, list(ranges), dsn_variable), schema)


def _range_reader(
    query: str, ranges: list[KeyRange], dsn_variable: str
) -> Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What a task runs. It refers to nothing of this package, which need not be installed where the task runs."""
    certificates_variable = CERTIFICATES_VARIABLE

    def read(numbers: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import os
        import tempfile
        from pathlib import Path

        from adbc_driver_postgresql import dbapi

        dsn = os.environ.get(dsn_variable)
        if not dsn:
            raise RuntimeError(f"{dsn_variable}: not set where the engine runs its tasks; set it there")
        certificates = os.environ.get(certificates_variable)
        if certificates and not Path(os.environ.get("PGSSLROOTCERT", "-")).exists():
            with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
                file.write(certificates)
            os.environ["PGSSLROOTCERT"] = file.name
        for batch in numbers:
            for number in batch.column(0).to_pylist():
                first, last = ranges[number]
                with dbapi.connect(dsn) as connection, connection.cursor() as cursor:
                    cursor.execute(query.format(first=first, last=last))
                    yield from cursor.fetch_record_batch()

    return read
