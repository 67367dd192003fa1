"""`medallion diff`: what two versions of a mart differ in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from medallion.commands import options

if TYPE_CHECKING:
    from medallion.contracts import Table
    from medallion.data_product import DataProduct
    from medallion.warehouse.records import Version
    from medallion.warehouse.version_diff import ChangedRow, VersionDiff

_MOST_COLUMNS = 3  # of a changed row that are printed; JSON has all


def diff(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A mart, with or without schema.")],
    old: Annotated[int, typer.Argument(metavar="V1", help="Version to compare from; see: medallion versions PRODUCT.")],
    new: Annotated[int, typer.Argument(metavar="V2", help="Version to compare with.")],
    home: options.Home = None,
    config: options.Config = None,
    as_json: options.Json = False,
    verbose: options.Verbose = False,
) -> None:
    """Compare two published versions of a mart: rows added, removed and changed, in which columns, and money moved.

    Rows are matched by the mart's grain. The column as_of is not compared. Doubles count as changed from a difference
    of a billionth on.

    Example:

    medallion diff churn_indicators 1 2
    """
    from medallion.commands.versions import published_of
    from medallion.commands.wiring import open_warehouse, settings_of
    from medallion.warehouse.version_diff import compare_versions

    product, mart, relation = _mart(table)
    warehouse = open_warehouse(settings_of(config, home=home))
    kept = published_of(warehouse, product)
    versions = [_in_version(kept, product, mart, number) for number in (old, new)]
    with warehouse.read() as session:
        found = compare_versions(session, mart, versions[0], versions[1])
    if as_json:
        from medallion.commands.document import emit

        emit({"table": relation, "from": old, "to": new} | _document(found))
    else:
        _print_diff(relation, mart, (old, new), found)


def _mart(name: str) -> tuple[DataProduct, Table, str]:
    """The mart called `name`, its product, and `schema.name`. Raises UsageError where it is no mart."""
    from medallion import catalog
    from medallion.commands.readable import find_table
    from medallion.contracts import Layer
    from medallion.errors import UsageError

    found = find_table(name, marts_only=True)
    marts = [(product, step.table) for product in catalog.PRODUCTS for step in product.layer(Layer.GOLD)]
    for product, table in marts:
        if table is found.table:
            return product, table, found.relation
    names = ", ".join(table.name for _, table in marts)
    raise UsageError(f"{found.relation}: is not a mart, and only marts have versions; choose one of: {names}")


def _in_version(kept: Sequence[Any], product: DataProduct, mart: Table, number: int) -> Version:
    from medallion.errors import UsageError
    from medallion.warehouse.kept_versions import kept_version, numbers

    tables = kept_version(kept, product.name, number).tables
    if mart.name not in tables:
        having = [one for one in kept if mart.name in one.tables]
        remedy = f"it is in: {numbers(having)}" if having else f"publish it with: medallion run {product.name}"
        raise UsageError(f"{mart.name}: version {number} does not have it; {remedy}")
    found: Version = tables[mart.name]
    return found


def _document(found: VersionDiff) -> dict[str, Any]:
    return {
        "versions": [
            {"relation": one.relation, "as_of": one.as_of, "run_id": one.run_id, "rows": one.row_count}
            for one in (found.old, found.new)
        ],
        "rows": {
            "added": found.added,
            "removed": found.removed,
            "changed": found.changed,
            "unchanged": found.unchanged,
            "rounded": found.rounded,
        },
        "changed_columns": found.changed_columns,
        "only_old": found.only_old,
        "only_new": found.only_new,
        "retyped": [{"column": name, "old": old, "new": new} for name, old, new in found.retyped],
        "money": [
            {
                "column": one.column,
                "currency": one.currency,
                "old": one.old,
                "new": one.new,
                "difference": one.difference,
            }
            for one in found.money
        ],
        "examples": [
            {"key": row.key, "changes": {name: {"old": old, "new": new} for name, (old, new) in row.changes.items()}}
            for row in found.examples
        ],
    }


def _print_diff(relation: str, mart: Table, numbers: tuple[int, int], found: VersionDiff) -> None:
    from medallion.commands.render import count, grid, say

    old, new = (f"version {number}" for number in numbers)
    say(f"{relation}: {old} → {new}", "bold")
    for label, version in ((old, found.old), (new, found.new)):
        say(f"{label}: as of {version.as_of}, {count(version.row_count)} rows, run {version.run_id}")
    if found.old.relation == found.new.relation:
        say("both show the same table: nothing of it was built in between", "green")
        return
    say(
        f"rows: {found.added:,} added · {found.removed:,} removed · {found.changed:,} changed ·"
        f" {found.unchanged:,} unchanged" + (f" ({found.rounded:,} but for rounding)" if found.rounded else "")
    )
    _say_columns(found, (old, new))
    if found.changed_columns:
        most_first = sorted(found.changed_columns.items(), key=lambda item: -item[1])
        grid(("changed column", "rows"), [(name, count(rows)) for name, rows in most_first], right=(1,))
    _print_money(found, (old, new))
    if found.examples:
        _print_examples(mart, found.examples, (old, new))
        more = found.changed - len(found.examples)
        if more:
            say(f"{more:,} more changed; --json has all columns of those shown")


def _say_columns(found: VersionDiff, labels: tuple[str, str]) -> None:
    from medallion.commands.render import say

    for label, names in zip(labels, (found.only_old, found.only_new), strict=True):
        if names:
            say(f"only in {label}: {', '.join(names)}", "yellow")
    for name, old, new in found.retyped:
        say(f"not compared: {name}, {old} before and {new} now", "yellow")


def _print_money(found: VersionDiff, labels: tuple[str, str]) -> None:
    """What moved in a table; the names of the amounts that did not in a line."""
    from medallion.commands.render import cell, grid, say

    moved = [one for one in found.money if one.difference]
    has_currency = any(one.currency is not None for one in found.money)
    if moved:
        rows = [
            (
                one.column,
                *([cell(one.currency)] if has_currency else []),
                cell(one.old, "currency"),
                cell(one.new, "currency"),
                f"{one.difference:+,.2f}",
            )
            for one in moved
        ]
        heads = ("money moved", *(["currency"] if has_currency else []), *labels, "difference")
        grid(heads, rows, right=range(len(heads) - 3, len(heads)))
    still = dict.fromkeys(one.column for one in found.money if one.column not in {other.column for other in moved})
    if still:
        say(f"money not moved: {', '.join(still)}")


def _print_examples(mart: Table, examples: Sequence[ChangedRow], labels: tuple[str, str]) -> None:
    from medallion.commands.render import cell, grid

    units = {column.name: column.unit for column in mart.columns}
    rows = []
    for row in examples:
        key = [cell(value, units[name]) for name, value in row.key.items()]
        for place, (name, (old, new)) in enumerate(list(row.changes.items())[:_MOST_COLUMNS]):
            unit = units.get(name)
            values = cell(old, unit), cell(new, unit)
            if values[0] == values[1]:  # they differ in digits that are not shown
                values = str(old), str(new)
            rows.append([*(key if place == 0 else [""] * len(key)), name, *values])
        if len(row.changes) > _MOST_COLUMNS:
            rows.append([*[""] * len(key), f"and {len(row.changes) - _MOST_COLUMNS} more columns", "", ""])
    width = len(mart.grain)
    grid((*mart.grain, "changed", *labels), rows, right=(width + 1, width + 2))
