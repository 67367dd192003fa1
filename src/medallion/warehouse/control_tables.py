"""Contracts of the tables that record what ran: schemas `control` and `quarantine`, the same in every warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.contracts import TEXT, Column, Layer, Table
from medallion.warehouse.access_contracts import ACCESS_EVENT, ACCESS_REQUEST
from medallion.warehouse.ddl import add_column, comments, create_schema, create_table

if TYPE_CHECKING:
    from medallion.warehouse.base import Session

CONTROL, QUARANTINE = "control", "quarantine"


def _column(name: str, column_type: str, description: str, *, nullable: bool = True) -> Column:
    return Column(name, column_type, description, nullable=nullable)


def _key(name: str, description: str, column_type: str = "varchar(255)") -> Column:
    return Column(name, column_type, description, nullable=False)


def _control_table(name: str, grain: tuple[str, ...], description: str, *columns: Column) -> Table:
    # Small tables that every statement filters by product: a copy on each Redshift node avoids moving them.
    return Table(
        name=name, layer=Layer.CONTROL, grain=grain, description=description, columns=columns, distribution="all"
    )


_PRODUCT = _key("product", "Data product.")
_RUN_ID = _key("run_id", "Run that wrote the row.")
_TABLE = _key("table_name", "Table of the product.")
_AS_OF = _column("as_of", "date", "Date the data is seen from; a resumed run keeps it.")
_ERROR = _column("error", TEXT, "Why it failed, in one line.")

RUN = _control_table(
    "run",
    ("run_id",),
    "One row a run; a resumed run keeps its row and counts the attempt.",
    _RUN_ID,
    _PRODUCT,
    _column("number", "integer", "Counts the product's runs; clocks can go back, this does not."),
    _key("status", "running, failed, succeeded or abandoned.", "varchar(20)"),
    _AS_OF,
    _column("engine", "varchar(64)", "Engine that built the tables."),
    _column("source", "varchar(64)", "Where the rows came from: files or a source database."),
    _column("parameters", TEXT, "Rules and options of the run, JSON."),
    _key("started_at", "Start of the first attempt, UTC.", "timestamp"),
    _column("finished_at", "timestamp", "End of the last attempt, UTC."),
    _key("attempt", "How often the run was started.", "integer"),
    _ERROR,
    _column("failure", "varchar(64)", "Kind of the error; after InputError and AuditError the data may be put right."),
    _column("host", "varchar(255)", "Machine of the last attempt."),
    _column("pid", "integer", "Process of the last attempt."),
)

CHECKPOINT = _control_table(
    "checkpoint",
    ("run_id", "product", "table_name"),
    "How far a run got with each table.",
    _RUN_ID,
    _PRODUCT,
    _TABLE,
    _key("layer", "Layer of the table.", "varchar(20)"),
    _key("status", "staged, published, skipped or failed.", "varchar(20)"),
    _column("fingerprint", "varchar(64)", "Hash of what the table's content depends on."),
    _key("attempt", "Attempt of the run that wrote the row.", "integer"),
    _column("rows_in", "bigint", "Rows read from the table's source or inputs."),
    _column("rows_out", "bigint", "Rows in the table."),
    _column("rows_rejected", "bigint", "Rows in quarantine."),
    _column("rows_duplicate", "bigint", "Rows left out as repeats of others."),
    _column("seconds", "double", "Time the table took."),
    _ERROR,
    _key("started_at", "When its build began, UTC.", "timestamp"),
    _column("finished_at", "timestamp", "When it ended, UTC."),
)

BATCH = _control_table(
    "batch",
    ("product", "source", "batch_id", "file_name"),
    "One row a delivered file, or pull of a database table.",
    _PRODUCT,
    _key("source", "Source the file belongs to."),
    _key("batch_id", "Delivery; what a later one says counts. By file name, or by arrival: setting delivery_order."),
    _key("file_name", "Name of the file.", "varchar(1024)"),
    _column("file_path", "varchar(4096)", "Where it was read."),
    _column("byte_count", "bigint", "Size of the file."),
    _column("modified_ns", "bigint", "Modification time in nanoseconds, to recognise an untouched file quickly."),
    _column("sha256", "varchar(64)", "Hash of the content; equal content is a replay."),
    _key("status", "registered, loaded, replay or missing.", "varchar(20)"),
    _column("replay_of", "varchar(255)", "Batch that delivered the same content."),
    _column("run_id", "varchar(255)", "Run that read it."),
    _column("record_count", "bigint", "Records in the file, header not counted."),
    _column("accepted_count", "bigint", "Records that went on to bronze."),
    _column("rejected_count", "bigint", "Records that could not be read and went to quarantine."),
    _column("published_count", "bigint", "Of the accepted records, those that are in the silver table now."),
    _column("refused_count", "bigint", "Of the accepted records, those that silver keeps in quarantine now."),
    _column("duplicate_count", "bigint", "Of the accepted records, those that repeat others or were replaced."),
    _column("deleted_count", "bigint", "Of the accepted records, those that say that a row is gone at its source."),
    _column("first_row_id", "bigint", "First row id in the source database."),
    _column("last_row_id", "bigint", "Last row id in the source database."),
    _key("registered_at", "When the file was first seen, UTC.", "timestamp"),
    _column("loaded_at", "timestamp", "When its rows were in bronze, UTC."),
)

QUALITY = _control_table(
    "quality",
    ("run_id", "product", "table_name", "check_name"),
    "One row a check and run.",
    _RUN_ID,
    _PRODUCT,
    _TABLE,
    _key("check_name", "Check."),
    _key("severity", "fail: blocks the publish of the layer; warn: is reported.", "varchar(10)"),
    _key("passed", "Whether it held.", "boolean"),
    _column("failed_count", "bigint", "Rows for which it did not hold."),
    _column("detail", TEXT, "What was found: keys, counts, values."),
    _column("description", TEXT, "What the check says."),
    _key("checked_at", "When, UTC.", "timestamp"),
)

LEASE = _control_table(
    "lease",
    ("product",),
    "Who may run a product: one at a time.",
    _PRODUCT,
    _key("holder", "Host, process and its start time, so that a reused process id is not taken for the holder."),
    _key("host", "Machine of the holder."),
    _key("pid", "Process id of the holder.", "integer"),
    _column("run_id", "varchar(255)", "Run it is held for."),
    _key("acquired_at", "Since when, UTC.", "timestamp"),
    _key("heartbeat_at", "Last sign of life, UTC.", "timestamp"),
    _key("expires_at", "From then on others may take it, UTC.", "timestamp"),
)

VERSION = _control_table(
    "version",
    ("product", "version", "table_name"),
    "What each published version of a product points to; a table not named in a version is that of the version before.",
    _PRODUCT,
    _key("version", "Number of the publish, counted for each layer.", "integer"),
    _key("layer", "Layer of the table.", "varchar(20)"),
    _RUN_ID,
    _TABLE,
    _key("relation", "Physical table, schema.name; empty where the mart ends with this version."),
    _column("fingerprint", "varchar(64)", "Hash of what the table's content depends on."),
    _column("definition", "varchar(64)", "Hash of the table's code, contract, rules and dates."),
    _column("inputs", TEXT, "Fingerprint of each input that it was built from, JSON."),
    _column("contract", TEXT, "Columns and grain as published, JSON."),
    _AS_OF,
    _column("row_count", "bigint", "Rows in the table."),
    _key("published_at", "When, UTC.", "timestamp"),
)

INPUT_VERSION = _control_table(
    "input_version",
    ("run_id", "product", "table_name", "input_product", "input_table"),
    "Which published version, of another product or of its own for an earlier day, a table was built from.",
    _RUN_ID,
    _PRODUCT,
    _TABLE,
    _key("input_product", "Product that was read."),
    _key("input_table", "Its table."),
    _key("version", "Version of it that was read.", "integer"),
    _key("relation", "Physical table, schema.name."),
    _column("fingerprint", "varchar(64)", "Hash of what the content that was read depends on."),
    _key("read_at", "When the table was published, UTC.", "timestamp"),
)

REJECTED_ROW = Table(
    name="rejected_row",
    layer=Layer.CONTROL,
    grain=("product", "table_name", "source_file", "row_number", "batch_id"),
    description="Delivered rows that were not accepted, with the reasons.",
    columns=(
        _PRODUCT,
        _TABLE,
        _key("source_file", "Name of the delivered file.", "varchar(1024)"),
        _key("row_number", "Number of the record in its file; the header is record 0.", "bigint"),
        _key("batch_id", "Delivery the row came with."),
        _column("row_key", TEXT, "Value of the table's key that the row names, where it could be read."),
        _column("reasons", TEXT, "Why it was rejected, separated by commas."),
        _column("raw_text", TEXT, "The record as delivered."),
        _RUN_ID,
        _key("rejected_at", "When, UTC.", "timestamp"),
    ),
    sort=("product", "table_name"),
)

TABLES = (
    *((CONTROL, table) for table in (RUN, CHECKPOINT, BATCH, QUALITY, LEASE, VERSION, INPUT_VERSION)),
    *((CONTROL, table) for table in (ACCESS_REQUEST, ACCESS_EVENT)),
    (QUARANTINE, REJECTED_ROW),
)


def create_control_tables(session: Session) -> None:
    """Create what is missing: schemas, tables, and columns that a later release added. Cheap where nothing is."""
    present = session.rows(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE table_schema IN (?, ?)",
        (CONTROL, QUARANTINE),
    )
    columns = {(schema, table, column) for schema, table, column in present}
    tables = {(schema, table) for schema, table, _ in present}
    for schema, table in TABLES:
        relation = f"{schema}.{table.name}"
        if (schema, table.name) not in tables:
            session.execute(create_schema(schema))
            session.execute(create_table(relation, table, session.dialect))
            session.execute(";\n".join(comments(relation, table, session.dialect)))
            continue
        for column in table.columns:
            if (schema, table.name, column.name) not in columns:
                session.execute(add_column(relation, column, session.dialect))
