"""Objects of landing that a source database has taken in: each content once, by the server's own import from S3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medallion.errors import InputError
from medallion.ingest.csv_gate import GateReport
from medallion.ingest.source_csv import COPY_OPTIONS
from medallion.ingest.source_database import SourceDatabase
from medallion.ingest.source_rows import ROW_ID, RowRange, quoted

if TYPE_CHECKING:
    from medallion.data_product import Source

TABLE = "_object"
COLUMNS = (
    "object_key text, object_etag text, source text NOT NULL, file_name text NOT NULL, batch_id text NOT NULL,"
    " record_count bigint NOT NULL, accepted_count bigint NOT NULL, rejected_count bigint NOT NULL,"
    " extra_columns text NOT NULL, sha256 text NOT NULL, byte_count bigint NOT NULL,"
    " loaded_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (object_key, object_etag)"
)
_HAS_IMPORT = (
    "SELECT 1 FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
    " WHERE n.nspname = 'aws_s3' AND p.proname = 'table_import_from_s3'"
)
_IMPORT = "SELECT aws_s3.table_import_from_s3($1, $2, $3, aws_commons.create_s3_uri($4, $5, $6))"


@dataclass(frozen=True)
class S3Place:
    """An object as the database server names it."""

    bucket: str
    key: str
    region: str


@dataclass(frozen=True)
class LandedFile:
    """A delivered file: the object it is, and what the gate made of it. `batch_id` names its content."""

    key: str
    etag: str
    file_name: str
    batch_id: str
    report: GateReport


class SourceObjects:
    """The table `_object` of a product's source database: one row an object (key and ETag) that was taken in."""

    def __init__(self, database: SourceDatabase) -> None:
        self._database = database

    def ensure_tables(self) -> None:
        """Create what is missing of the product's tables, of this one and of the server's import from S3.

        The user that RDS makes may create the extension; another one has to be given it.
        """
        if not self._database.select(_HAS_IMPORT):
            self._database.select("CREATE EXTENSION IF NOT EXISTS aws_s3 CASCADE")
        self._database.ensure_tables({TABLE: COLUMNS})

    def known(self) -> set[tuple[str, str]]:
        """Key and ETag of every object taken in."""
        return {
            (key, etag) for key, etag in self._database.select(f"SELECT object_key, object_etag FROM {self._table}")
        }

    def load(self, source: Source, file: LandedFile, rows: S3Place, seconds: float) -> RowRange:
        """Take in a file whose accepted rows lie at `rows` (as `write_source_csv` makes them), in one transaction.

        Content that is held already, from another object, is not imported again. The server stops after `seconds`.
        Raises InputError and StorageError: nothing of the file is in the database then.
        """

        def copy(cursor: Any, before: int) -> int:
            cursor.execute(f"SET LOCAL statement_timeout = {max(1, int(seconds * 1000))}")
            columns = ", ".join(quoted(name) for name in source.bronze.column_names)
            table = self._database.table(source.name)
            cursor.execute(_IMPORT, (table, columns, COPY_OPTIONS, rows.bucket, rows.key, rows.region))
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {ROW_ID} > {before}")
            return int(cursor.fetchone()[0])

        def note(cursor: Any, loaded: RowRange) -> None:
            if loaded.count != file.report.accepted_count:
                raise InputError(
                    f"{file.file_name}: {file.report.accepted_count:,} rows are in {rows.key}, {loaded.count:,} in the"
                    " database; nothing was kept: look who else writes to either, then run again"
                )
            cursor.execute(
                f"INSERT INTO {self._table} (object_key, object_etag, source, file_name, batch_id, record_count,"
                " accepted_count, rejected_count, extra_columns, sha256, byte_count)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING",
                (
                    *(file.key, file.etag, source.name, file.file_name, file.batch_id, file.report.record_count),
                    *(file.report.accepted_count, file.report.rejected_count, ", ".join(file.report.extra_columns)),
                    *(file.report.sha256, file.report.byte_count),
                ),
            )

        return self._database.load_once(source, file.batch_id, copy, note)

    @property
    def _table(self) -> str:
        return self._database.table(TABLE)
