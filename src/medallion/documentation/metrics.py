"""The metrics of all marts, as Markdown: what each is, from what it is computed, and the line that defines it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.column_lineage.origins import ROWS
from medallion.contracts import Layer
from medallion.documentation.data_dictionary import grid
from medallion.documentation.definitions import Definition, build_of, definition_of, question_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medallion.column_lineage.builds import TableLineage
    from medallion.column_lineage.origins import ColumnRef, Origin
    from medallion.contracts import Column, Table
    from medallion.data_product import DataProduct, Step

    Lineage = Mapping[str, Mapping[str, TableLineage]]

HEADS = ("Metric", "Formula", "What it is", "Unit", "Left out besides", "Source", "Defined in")
_SOURCE = "../src/"  # from the folder of the document


def render(products: Sequence[DataProduct], lineage: Lineage) -> str:
    """Markdown of all marts of the products, in their order; `lineage` is that of each product's tables."""
    lines = [
        "# Metrics",
        "",
        "Derived from the contracts and the code; change those, not this file (`medallion contracts metrics`). A "
        "formula speaks of the table's own columns and of what it is built from. Sources are the columns that the "
        "build reads, `table.*` where rows are counted.",
    ]
    for product in products:
        lines += _product(product, lineage[product.name])
    return "\n".join(lines) + "\n"


def metrics_of(table: Table) -> list[Column]:
    """The columns of a mart that are metrics: its numbers with a unit, keys apart, and whatever else has a formula."""
    return [one for one in table.columns if one.formula or (one.is_number and one.unit and one.name not in table.grain)]


def _product(product: DataProduct, lineage: Mapping[str, TableLineage]) -> Iterator[str]:
    yield from ("", f"## {product.title} (`{product.name}`)")
    for step in product.layer(Layer.GOLD):
        if metrics_of(step.table):
            yield from _mart(step, lineage[step.table.name])


def _mart(step: Step, lineage: TableLineage) -> Iterator[str]:
    table = step.table
    yield from ("", f"### `{table.name}`", "", f"**{question_of(step)}** {table.description}", "")
    grain = ", ".join(f"`{name}`" for name in table.grain)
    inputs = ", ".join(f"`{name}`" for name in step.inputs)
    yield f"Grain: {grain}. Left out: {table.exclusions or 'nothing.'} Built from {inputs} in {_link(build_of(step))}."
    yield ""
    yield from grid(HEADS, [_metric(step, one, lineage.columns[one.name]) for one in metrics_of(table)])


def _metric(step: Step, column: Column, origin: Origin) -> tuple[str, ...]:
    return (
        f"`{column.name}`",
        f"`{column.formula}`" if column.formula else "",
        column.description,
        column.unit or "",
        column.exclusions or "",
        _sources(origin),
        _link(definition_of(step, column.name)),
    )


def _sources(origin: Origin) -> str:
    """The columns that values are computed from; of a value that is chosen alone those that decide."""
    names = sorted(_named(one) for one in origin.values or origin.decided)
    found = ", ".join(f"`{name}`" for name in names)
    return found if origin.is_known else f"{found} and more that is not known".removeprefix(" and ")


def _named(ref: ColumnRef) -> str:
    return f"{ref.table}.{'*' if ref.column == ROWS else ref.column}"


def _link(at: Definition) -> str:
    name = at.path.rsplit("/products/", 1)[-1]
    return f"[{name}:{at.line}]({_SOURCE}{at.path}#L{at.line})"
