"""Quarantine: delivered rows that are in no table, each with its text, place and reasons, until they are put right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medallion.contracts import Layer, Table
from medallion.lineage import RAW_TEXT, REASONS
from medallion.warehouse import ddl
from medallion.warehouse.control_tables import QUARANTINE, REJECTED_ROW
from medallion.warehouse.records import RejectedRow, select_records, to_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medallion.warehouse.base import Session
    from medallion.warehouse.versions import Publication, Staged

RELATION = f"{QUARANTINE}.{REJECTED_ROW.name}"
_VALUES_A_STATEMENT = 5_000  # Redshift's driver takes 32,767 parameters a statement
# What a stage and the gate write of rejected rows, under the names a build gives them.
_WRITTEN = ("_source_file", "_row_number", "_batch_id", REASONS, RAW_TEXT)
REJECTED_FILE = Table(
    name="rejected_file",
    layer=Layer.CONTROL,
    grain=("_source_file", "_row_number", "_batch_id"),
    description="Rejected rows of one table as staged.",
    columns=tuple(replace(REJECTED_ROW.column(name.lstrip("_")), name=name) for name in _WRITTEN),
)


def replace_rejected(
    session: Session, product: str, stage: Staged, publication: Publication, keys: tuple[str, str] | None = None
) -> None:
    """Put a staged table's rejected rows in place of what quarantine holds for the table, or for those keys of it."""
    where, parameters = "product = ? AND table_name = ?", (product, stage.table.name)
    if keys:
        column, values = keys
        same = f"SELECT CAST({ddl.quote(column)} AS VARCHAR) FROM {ddl.quote_relation(values)}"
        where += f" AND row_key IN ({same})"
    session.execute(f"DELETE FROM {ddl.quote_relation(RELATION)} WHERE {where}", parameters)
    _add(session, product, stage, publication, stage.refused, stage.key_column)
    _add(session, product, stage, publication, stage.kept_out, None)


def origins(
    session: Session, product: str, table_name: str, relation: str, column: str, values: str
) -> list[tuple[str, int]]:
    """(batch_id, row_number) of the rows of some keys, in the published table `relation` or in quarantine for it.

    `values` is the relation of the key values; see `increments.load_keys`.
    """
    key, keys = ddl.quote(column), ddl.quote_relation(values)
    return session.rows(
        f"SELECT _batch_id, _row_number FROM {ddl.quote_relation(relation)} WHERE {key} IN (SELECT {key} FROM {keys})"
        f" UNION ALL SELECT batch_id, row_number FROM {ddl.quote_relation(RELATION)} WHERE product = ?"
        f" AND table_name = ? AND row_key IN (SELECT CAST({key} AS VARCHAR) FROM {keys})",
        (product, table_name),
    )


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Rows of quarantine: of one table or of all, with a reason or any, of one file or of any."""

    table: str | None = None
    reason: str | None = None
    file_name: str | None = None


def keys_of(session: Session, product: str, chosen: Chosen) -> list[tuple[str, str | None]]:
    """(table_name, row_key) of the chosen rows, each once; row_key is NULL of rows whose key could not be read."""
    where, parameters = chosen_rows(product, chosen)
    return session.rows(
        f"SELECT DISTINCT table_name, row_key FROM {ddl.quote_relation(RELATION)} WHERE {where}", parameters
    )


def chosen_rows(product: str, chosen: Chosen) -> tuple[str, list[str]]:
    """The condition, with its parameters, that the chosen rows of a product meet."""
    conditions, parameters = ["product = ?"], [product]
    for column, value in (("table_name", chosen.table), ("source_file", chosen.file_name)):
        if value is not None:
            conditions.append(f"{column} = ?")
            parameters.append(value)
    if chosen.reason is not None:
        conditions.append("',' || reasons || ',' LIKE '%,' || ? || ',%'")
        parameters.append(chosen.reason)
    return " AND ".join(conditions), parameters


def rows_of(session: Session, product: str, chosen: Chosen, limit: int | None = None) -> list[RejectedRow]:
    """The chosen rows, by table, then as they were delivered."""
    where, parameters = chosen_rows(product, chosen)
    most = "" if limit is None else f" LIMIT {int(limit)}"
    order = "table_name, batch_id, source_file, row_number"
    return select_records(session, RejectedRow, f"{where} ORDER BY {order}{most}", parameters)


def count_of(session: Session, product: str, chosen: Chosen) -> int:
    """How many rows are chosen."""
    where, parameters = chosen_rows(product, chosen)
    return int(session.rows(f"SELECT count(*) FROM {ddl.quote_relation(RELATION)} WHERE {where}", parameters)[0][0])


def newest_accepted(
    session: Session, product: str, table_name: str, relation: str, key: str, columns: Sequence[str]
) -> dict[tuple[str, ...], str]:
    """Of accepted rows with a key that quarantine knows: their newest batch, by the text of some of their columns.

    `relation` is the published table and `key` the column by which it is kept up to date.
    """
    texts = ", ".join(f"CAST({ddl.quote(name)} AS VARCHAR)" for name in columns)
    rows = session.rows(
        f"SELECT max(_batch_id), {texts} FROM {ddl.quote_relation(relation)}"
        f" WHERE CAST({ddl.quote(key)} AS VARCHAR) IN (SELECT row_key FROM {ddl.quote_relation(RELATION)}"
        f" WHERE product = ? AND table_name = ?) GROUP BY {texts}",
        (product, table_name),
    )
    return {tuple(text or "" for text in identity): batch_id for batch_id, *identity in rows if batch_id}


def accepted_places(session: Session, relation: str, key: str | None, values: Sequence[str]) -> set[tuple[str, int]]:
    """(batch_id, row_number) of accepted rows with one of the values of a key; without a key those of the table."""
    select = f"SELECT _batch_id, _row_number FROM {ddl.quote_relation(relation)}"
    if key is None:
        return set(session.rows(f"{select} WHERE _batch_id IS NOT NULL"))
    found: set[tuple[str, int]] = set()
    for start in range(0, len(values), _VALUES_A_STATEMENT):
        some = values[start : start + _VALUES_A_STATEMENT]
        marks = ", ".join("?" for _ in some)
        found.update(session.rows(f"{select} WHERE CAST({ddl.quote(key)} AS VARCHAR) IN ({marks})", some))
    return found


def rejected_by_batch(session: Session, product: str, table_name: str) -> dict[str, int]:
    """How many rows of each delivery quarantine holds for a table, those that the gate kept out included."""
    rows = session.rows(
        f"SELECT batch_id, count(*) FROM {ddl.quote_relation(RELATION)}"
        " WHERE product = ? AND table_name = ? GROUP BY 1",
        (product, table_name),
    )
    return dict(rows)


def _add(
    session: Session,
    product: str,
    stage: Staged,
    publication: Publication,
    files: Sequence[str],
    key_column: str | None,
) -> None:
    """Load rejected rows; `key_column` is the files' column whose value is their key, None where they have none."""
    if not files:
        return
    keys = (replace(stage.table.column(key_column), nullable=True),) if key_column else ()
    written = replace(REJECTED_FILE, columns=(*REJECTED_FILE.columns, *keys))
    fresh = ddl.quote(written.name)
    session.execute(f"DROP TABLE IF EXISTS {fresh}")
    session.execute(ddl.create_temporary_table(written.name, written, session.dialect))
    session.copy_in(written.name, written, files)
    row_key = f"CAST({ddl.quote(key_column)} AS VARCHAR)" if key_column else "NULL"
    targets = [name.lstrip("_") for name in _WRITTEN]
    session.execute(
        f"INSERT INTO {ddl.quote_relation(RELATION)} "
        f"({ddl.column_list(['product', 'table_name', 'row_key', *targets, 'run_id', 'rejected_at'])}) "
        f"SELECT ?, ?, {row_key}, {ddl.column_list(_WRITTEN)}, ?, CAST(? AS TIMESTAMP) FROM {fresh}",
        (product, stage.table.name, publication.run_id, to_parameter(publication.published_at)),
    )
    session.execute(f"DROP TABLE {fresh}")
