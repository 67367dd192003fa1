"""The source database: delivered files loaded into PostgreSQL, exactly once each, and read from there into bronze."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from medallion.data_product import DataProduct, Source
from medallion.errors import EngineError, InputError
from medallion.ingest.csv_gate import Delivery, bronze_schema
from medallion.ingest.source_rows import DSN_VARIABLE, ROW_ID, RowRange, key_ranges, quoted, read_ranges, select_bronze

try:
    import psycopg
    from adbc_driver_postgresql import dbapi as adbc
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    from medallion.ingest.source_errors import explained, server_name
except ImportError as error:
    raise EngineError(
        f"PostgreSQL drivers: {error.name} is not installed; pip install 'medallion[postgres]', or use --source files"
    ) from error

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

BATCH_TABLE = "_batch"
CONNECT_SECONDS = 10
LOCK_TIMEOUT = "10min"  # how long a load waits for another one of the same table
BATCH_COLUMNS = (
    "source text, batch_id text, first_row_id bigint NOT NULL, last_row_id bigint NOT NULL, row_count bigint NOT NULL,"
    " loaded_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (source, batch_id)"
)
POSTGRES_TYPES = {"varchar": "text", "bigint": "bigint", "timestamp": "timestamptz"}


class SourceDatabase:
    """A product's source tables in PostgreSQL: schema = the product's name, a table a source.

    A table has the source's columns as text, lineage columns, and `row_id`, which rises in the order of loading. `dsn`
    is libpq's connection string. Raises InputError: no connection, a missing table or column, a missing right.
    """

    def __init__(self, dsn: str, product: DataProduct) -> None:
        self.display = server_name(dsn)
        self._dsn = make_conninfo(dsn, connect_timeout=conninfo_to_dict(dsn).get("connect_timeout", CONNECT_SECONDS))
        self._product = product

    def __repr__(self) -> str:
        return f"SourceDatabase({self.display}, {self._product.name})"

    def ensure_tables(self, records: Mapping[str, str] | None = None) -> None:
        """Create the schema and the tables that are missing; check the columns of those that exist.

        `records` are further tables, with their columns, that keep a record of what was loaded.
        """
        schema = quoted(self._product.name)
        with self._connection(f"schema {self._product.name}") as connection:
            # CREATE … IF NOT EXISTS needs the right to create even where the thing exists, and two at once collide.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"medallion.{self._product.name}",))
            if not _exists(connection, "to_regnamespace", schema):
                connection.execute(f"CREATE SCHEMA {schema}")
            for name, columns in {BATCH_TABLE: BATCH_COLUMNS, **(records or {})}.items():
                if not _exists(connection, "to_regclass", self.table(name)):
                    connection.execute(f"CREATE TABLE {self.table(name)} ({columns})")
            for source in self._product.file_sources:
                if not _exists(connection, "to_regclass", self.table(source.name)):
                    connection.execute(self._create_table(source))
                self._check(connection, source)

    def loaded(self, source: Source) -> dict[str, RowRange]:
        """The deliveries of `source` in the database, by batch id, in the order of loading."""
        with self._connection(self._name(source)) as connection:
            rows = connection.execute(
                f"SELECT batch_id, first_row_id, last_row_id, row_count FROM {self.table(BATCH_TABLE)}"
                " WHERE source = %s ORDER BY first_row_id, last_row_id",
                (source.name,),
            ).fetchall()
        return {batch_id: RowRange(first, last, count) for batch_id, first, last, count in rows}

    def load(self, source: Source, batch_id: str, batches: Iterable[pa.RecordBatch]) -> RowRange:
        """Load one delivered file (batches of `bronze_schema`) in one transaction; the ids its rows got, in file order.

        A `batch_id` that is loaded already is not loaded again and `batches` not read: its ids are returned. What
        `batches` raises is raised, and nothing of the file is in the table then.
        """
        rows = _CountedRows(source, batches)

        def copy(cursor: adbc.Cursor, _: int) -> int:
            rows.copy_into(cursor, self._product.name)
            return rows.count

        return self.load_once(source, batch_id, copy)

    def load_once(
        self,
        source: Source,
        batch_id: str,
        copy: Callable[[adbc.Cursor, int], int],
        note: Callable[[adbc.Cursor, RowRange], None] = lambda cursor, loaded: None,
    ) -> RowRange:
        """Have `copy` bring one file's rows into the table, unless `batch_id` is loaded already; then `note` it.

        `copy` is told the highest id there is, and says how many rows it brought. All is one transaction.
        """
        table = self.table(source.name)
        with explained(self._name(source), self.display), adbc.connect(self._dsn) as connection:
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                # Nobody else writes until the end: the ids between the first and the last are this file's alone.
                cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
                cursor.execute(
                    f"SELECT first_row_id, last_row_id, row_count FROM {self.table(BATCH_TABLE)}"
                    " WHERE source = $1 AND batch_id = $2",
                    (source.name, batch_id),
                )
                found = cursor.fetchone()
                loaded = RowRange(*found) if found else self._copied(cursor, source, batch_id, copy)
                note(cursor, loaded)
            connection.commit()
        return loaded

    def _copied(
        self, cursor: adbc.Cursor, source: Source, batch_id: str, copy: Callable[[adbc.Cursor, int], int]
    ) -> RowRange:
        table = self.table(source.name)
        cursor.execute(f"SELECT coalesce(max({ROW_ID}), 0) FROM {table}")
        before = cursor.fetchone()[0]
        count = copy(cursor, before)
        cursor.execute(
            f"SELECT coalesce(min({ROW_ID}), {before + 1}), coalesce(max({ROW_ID}), {before}) FROM {table}"
            f" WHERE {ROW_ID} > {before}"
        )
        first, last = cursor.fetchone()
        loaded = RowRange(first, last, count)
        cursor.execute(
            f"INSERT INTO {self.table(BATCH_TABLE)} (source, batch_id, first_row_id, last_row_id, row_count)"
            " VALUES ($1, $2, $3, $4, $5)",
            (source.name, batch_id, loaded.first, loaded.last, loaded.count),
        )
        return loaded

    def read_bronze(
        self,
        spark: SparkSession,
        source: Source,
        row_range: RowRange,
        parts: int,
        stamps: Delivery | None = None,
        dsn_variable: str = DSN_VARIABLE,
    ) -> DataFrame:
        """The rows of `row_range` as the columns of `source.bronze`, read by the engine in `parts` ranges of ids.

        With `stamps` as rows of that delivery, whatever they were loaded for. The environment variable `dsn_variable`
        is set for the engine's tasks: the plan does not hold the password.
        """
        with self._connection(self._name(source)) as connection:
            self._check(connection, source)
        schema = ", ".join(f"`{column.name}` {column.data_type.spark}" for column in source.bronze.columns)
        query = select_bronze(self._product.name, source, stamps)
        return read_ranges(spark, query, key_ranges(row_range, parts), schema, self._dsn, dsn_variable)

    def _create_table(self, source: Source) -> str:
        columns = ", ".join(
            f"{quoted(column.name)} {POSTGRES_TYPES[column.data_type.name]} NOT NULL"
            for column in source.bronze.columns
        )
        key = f"{ROW_ID} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
        return f"CREATE TABLE {self.table(source.name)} ({key}, {columns})"

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query about what was loaded; none of a statement that returns none."""
        with self._connection(f"schema {self._product.name}") as connection:
            cursor = connection.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def table(self, name: str) -> str:
        """The full name of one of the product's tables, as SQL writes it."""
        return f"{quoted(self._product.name)}.{quoted(name)}"

    def _name(self, source: Source) -> str:
        return f"table {self._product.name}.{source.name}"

    @contextmanager
    def _connection(self, subject: str) -> Iterator[psycopg.Connection[Any]]:
        """A connection for one transaction, committed at the end."""
        with explained(subject, self.display), psycopg.connect(self._dsn) as connection:
            yield connection

    def _check(self, connection: psycopg.Connection[Any], source: Source) -> None:
        """That the table exists, has every column of the contract, and may be read."""
        table = self.table(source.name)
        found = connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped"
            " ORDER BY attnum",
            (table,),
        ).fetchall()
        names = [name for (name,) in found]
        if not names:
            raise InputError(
                f"{self._name(source)}: does not exist in database {self.display}; create it, or name the database "
                "that has it"
            )
        missing = [name for name in (ROW_ID, *source.bronze.column_names) if name not in names]
        if missing:
            raise InputError(
                f"{self._name(source)}: column '{missing[0]}' is missing (found: {', '.join(names)}); "
                "add it to the table"
            )
        connection.execute(f"SELECT 1 FROM {table} LIMIT 0")


def _exists(connection: psycopg.Connection[Any], lookup: str, name: str) -> bool:
    """Whether PostgreSQL's function `lookup` (`to_regclass`, `to_regnamespace`) finds the quoted `name`."""
    row = connection.execute(f"SELECT {lookup}(%s) IS NOT NULL", (name,)).fetchone()
    return bool(row and row[0])


class _CountedRows:
    """Batches on their way into a table: counted, and what reading them raises kept, which the driver would flatten."""

    def __init__(self, source: Source, batches: Iterable[pa.RecordBatch]) -> None:
        self._source = source
        self._schema = bronze_schema(source)
        self._batches = batches
        self._error: BaseException | None = None
        self.count = 0

    def copy_into(self, cursor: adbc.Cursor, schema: str) -> None:
        """Append all rows, in order, to the source's table in `schema`."""
        reader = pa.RecordBatchReader.from_batches(self._schema, self._read())
        try:
            cursor.adbc_ingest(self._source.name, reader, mode="append", db_schema_name=schema)
        except adbc.Error:
            if self._error is not None:
                raise self._error from None
            raise

    def _read(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._batches:
                self.count += batch.num_rows
                yield batch.select(self._schema.names).cast(self._schema)
        except BaseException as error:
            self._error = error
            raise
