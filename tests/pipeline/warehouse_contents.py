"""What a warehouse file holds beside its tables: rejected rows, records of runs, physical tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[tuple[Any, ...]]


def rows(warehouse: Path, query: str) -> Rows:
    with duckdb.connect(warehouse, read_only=True) as connection:
        return connection.execute(query).fetchall()


def runs(warehouse: Path) -> Rows:
    """(run_id, status, attempt, as_of) of each run, oldest first."""
    return rows(
        warehouse, "SELECT run_id, status, attempt, CAST(as_of AS VARCHAR) FROM control.run ORDER BY started_at"
    )


def rejected_rows(warehouse: Path) -> Rows:
    return rows(
        warehouse,
        "SELECT table_name, source_file, row_number, reasons, raw_text FROM quarantine.rejected_row ORDER BY ALL",
    )


def counted(warehouse: Path) -> dict[str, Rows]:
    """What the control tables say about deliveries, tables and checks, without times, run ids and free text."""
    return {
        "batch": rows(
            warehouse,
            "SELECT source, batch_id, file_name, status, record_count, accepted_count, rejected_count, sha256"
            " FROM control.batch ORDER BY ALL",
        ),
        "checkpoint": rows(
            warehouse,
            "SELECT table_name, layer, status, rows_in, rows_out, rows_rejected, rows_duplicate"
            " FROM control.checkpoint ORDER BY ALL",
        ),
        "quality": rows(
            warehouse,
            "SELECT table_name, check_name, severity, passed, failed_count FROM control.quality ORDER BY ALL",
        ),
        "version": rows(
            warehouse, "SELECT layer, table_name, version, as_of, row_count FROM control.version ORDER BY ALL"
        ),
    }


def unaccounted_tables(warehouse: Path) -> Rows:
    """Physical tables that no record knows of, and records without a table; both are empty after any run."""
    return rows(
        warehouse,
        "SELECT schema_name || '.' || table_name AS relation FROM duckdb_tables()"
        " WHERE schema_name LIKE '%\\_versions' ESCAPE '\\' OR schema_name LIKE '%\\_silver' ESCAPE '\\'"
        " OR table_name LIKE '%\\_\\_new' ESCAPE '\\'"
        " EXCEPT SELECT relation FROM control.version"
        " UNION ALL (SELECT relation FROM control.version EXCEPT"
        " SELECT schema_name || '.' || table_name FROM duckdb_tables())",
    )
