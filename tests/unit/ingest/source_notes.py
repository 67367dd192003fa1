"""Notes: a source of two columns, its product, rows and queries, for tests of the source database."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pyarrow as pa
from pydantic import BaseModel

from medallion.contracts import TEXT, Column
from medallion.data_product import DataProduct, Source
from medallion.embedded.postgres import EmbeddedPostgres
from medallion.ingest.csv_gate import bronze_schema

NOON = datetime(2025, 3, 30, 12, 0, 0, 123456, tzinfo=UTC)
NOTES = Source(
    name="notes",
    file_pattern="notes*.csv",
    description="One record a note.",
    columns=(Column("author", TEXT, "Who wrote it."), Column('the "text" {0}', TEXT, "What it says.")),
)


def product(name: str, *sources: Source) -> DataProduct:
    return DataProduct(
        name=name, title="", description="", sources=sources or (NOTES,), steps=(), rules=BaseModel, as_of=("", "")
    )


def batch(batch_id: str, *texts: str, first: int = 1) -> pa.RecordBatch:
    """Rows of one file by one author, numbered from `first`."""
    count = len(texts)
    columns = [
        *(["Ann"] * count, list(texts), ["notes.csv"] * count, list(range(first, first + count))),
        *([batch_id] * count, [NOON] * count),
    ]
    schema = bronze_schema(NOTES)
    return pa.record_batch(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema
    )


def rows(server: EmbeddedPostgres, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(server.dsn) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []
