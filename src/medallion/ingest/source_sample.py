"""Generated tables put into a PostgreSQL, where they play an operational system."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from medallion.errors import EngineError, UsageError
from medallion.ingest.source_rows import quoted

try:
    import psycopg

    from medallion.ingest.source_errors import explained, server_name
except ImportError as error:
    raise EngineError(
        f"PostgreSQL drivers: {error.name} is not installed; pip install 'medallion[postgres]'"
    ) from error


def write_tables(
    dsn: str,
    schema: str,
    columns: Mapping[str, str],
    rows: Mapping[str, Sequence[tuple[object, ...]]],
    *,
    is_replacing: bool = False,
) -> None:
    """Create tables (`columns`: their definitions in SQL) and fill them, all in one transaction.

    Raises UsageError where one of them is there already and `is_replacing` does not allow to drop it, InputError where
    the database refuses.
    """
    server = server_name(dsn)
    with explained(f"schema {schema}", server), psycopg.connect(dsn) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        for name, definition in columns.items():
            relation = f"{quoted(schema)}.{quoted(name)}"
            there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", (relation,)).fetchone()
            if there and there[0] and not is_replacing:
                raise UsageError(
                    f"table {schema}.{name}: is there already in database {server}; --replace drops it with its rows"
                )
            connection.execute(f"DROP TABLE IF EXISTS {relation}")
            connection.execute(f"CREATE TABLE {relation} ({definition})")
            with (
                connection.cursor() as cursor,
                cursor.copy(f"COPY {relation} FROM STDIN") as copy,
            ):
                for row in rows.get(name, ()):
                    copy.write_row(row)
