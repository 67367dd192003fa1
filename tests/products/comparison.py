"""Two warehouses held against each other, row by row and column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from medallion.contracts import Table
    from medallion.data_product import DataProduct

# Sums of doubles depend on their order in the last bits; everything that is not a double must be equal.
RELATIVE_TOLERANCE = 1e-9


def differences(
    product: DataProduct,
    one: Path,
    other: Path,
    ignored: Mapping[str, Collection[str]] | None = None,
    without: Collection[str] = (),
) -> dict[str, str]:
    """For each table (but those `without`) that differs: which columns in how many rows, and an example.

    Compared are the columns that both have, without those `ignored` of a table; rows are matched by its grain.
    """
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{one}' AS one (READ_ONLY)")
        connection.execute(f"ATTACH '{other}' AS other (READ_ONLY)")
        for step in (step for step in product.steps if step.table.name not in without):
            left_out = (ignored or {}).get(step.table.name, ())
            difference = _difference(connection, step.table, product.schema(step.table.layer), left_out)
            if difference:
                found[step.table.name] = difference
    return found


def about_versions(product: DataProduct) -> list[str]:
    """The tables that say what was published before, in which deliveries bit by bit and at once differ by nature."""
    return [step.table.name for step in product.steps if product.compares_versions(step)]


def missing_columns(
    product: DataProduct, ours: Path, theirs: Path, without: Collection[str] = ()
) -> dict[str, list[str]]:
    """The columns, by table (but those `without`), that `theirs` has and `ours` has not."""
    found = {}
    for step in (step for step in product.steps if step.table.name not in without):
        schema, name = product.schema(step.table.layer), step.table.name
        with duckdb.connect(ours, read_only=True) as one, duckdb.connect(theirs, read_only=True) as other:
            known = _columns(one, ours.stem, schema, name)
            missing = [column for column in _columns(other, theirs.stem, schema, name) if column not in known]
        if missing:
            found[name] = missing
    return found


def _difference(connection: duckdb.DuckDBPyConnection, table: Table, schema: str, ignored: Collection[str] = ()) -> str:
    ours, theirs = (_columns(connection, database, schema, table.name) for database in ("one", "other"))
    names = [name for name in ours if name in theirs and name not in ignored]
    assert set(table.grain) <= set(names), f"{schema}.{table.name}: grain {table.grain} is not in {names}"
    assert len(names) > len(table.grain), f"{schema}.{table.name}: nothing to compare"
    unequal = {name: _unequal(name, ours[name]) for name in names if name not in table.grain}
    same_row = " AND ".join(f'a."{name}" IS NOT DISTINCT FROM b."{name}"' for name in table.grain)
    joined = (
        f"(SELECT *, true AS is_there FROM one.{schema}.{table.name}) a"
        f" FULL JOIN (SELECT *, true AS is_there FROM other.{schema}.{table.name}) b ON {same_row}"
    )
    counts = ", ".join(f"count(*) FILTER (WHERE {test})" for test in unequal.values())
    row = connection.execute(
        f"SELECT count(*), count(*) FILTER (WHERE b.is_there IS NULL), count(*) FILTER (WHERE a.is_there IS NULL),"
        f" {counts} FROM {joined}"
    ).fetchone()
    assert row is not None
    _total, only_one, only_other, *differing = row
    named = {name: count for name, count in zip(unequal, differing, strict=True) if count}
    if not (only_one or only_other or named):
        return ""
    example = ""
    if named:
        first = next(iter(named))
        keys = ", ".join(f'coalesce(a."{n}", b."{n}")' for n in table.grain)
        example = str(
            connection.execute(
                f'SELECT {keys}, a."{first}", b."{first}" FROM {joined} WHERE {unequal[first]} LIMIT 3'
            ).fetchall()
        )
    return f"{only_one} rows only in one, {only_other} only in the other; columns {named}; e.g. {example}"


def _columns(connection: duckdb.DuckDBPyConnection, database: str, schema: str, name: str) -> dict[str, str]:
    rows = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns()"
        " WHERE database_name = ? AND schema_name = ? AND table_name = ?",
        (database, schema, name),
    ).fetchall()
    assert rows, f"{database}: {schema}.{name} is missing"
    return dict(rows)


def _unequal(name: str, data_type: str) -> str:
    """The SQL that is true where a matched pair of rows differs in a column."""
    left, right = f'a."{name}"', f'b."{name}"'
    matched = "a.is_there AND b.is_there"
    if data_type == "DOUBLE":
        allowed = f"{RELATIVE_TOLERANCE} * greatest(1, abs({left}))"
        return f"{matched} AND (({left} IS NULL) <> ({right} IS NULL) OR abs({left} - {right}) > {allowed})"
    return f"{matched} AND {left} IS DISTINCT FROM {right}"
