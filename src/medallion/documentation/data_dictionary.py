"""The data dictionary: every source, table, column, check and rule of the data products, as Markdown."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import BaseModel

from medallion.contracts import Layer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medallion.contracts import Column, Table
    from medallion.data_product import DataProduct, Source
    from medallion.governance import Governance
    from medallion.product_input import ProductInput

_LAYERS = {Layer.SILVER: "Silver: cleaned", Layer.GOLD: "Gold: marts"}


def render(products: Sequence[DataProduct]) -> str:
    """Markdown of all products, in the order given; the same contracts give the same text."""
    lines = ["# Data dictionary", "", "Derived from the contracts; change those, not this file."]
    for product in products:
        lines += _product(product)
    return "\n".join(lines) + "\n"


def _product(product: DataProduct) -> Iterator[str]:
    yield from ("", f"## {product.title} (`{product.name}`)", "", product.description)
    yield from _agreed(product.governance)
    if product.sources:
        yield from ("", "### Sources")
    for source in product.sources:
        yield from _source(source)
    if product.versions_read:
        yield from ("", "### Inputs", "")
        read = [(_as_read(product, one), _names(one.columns)) for one in product.versions_read]
        yield from grid(("Published table", "Columns that are read"), read)
    for layer, title in _LAYERS.items():
        tables = [step.table for step in product.layer(layer)]
        if tables:
            yield from ("", f"### {title}, schema `{product.schema(layer)}`")
        for table in tables:
            yield from _table(table)
    yield from _product_checks(product)
    yield from ("", "### Rules", "")
    rules = [(f"`{name}`", f"`{default}`", meaning) for name, default, meaning in rules_of(product.rules)]
    yield from grid(("Rule", "Default", "Meaning"), rules)


def _as_read(product: DataProduct, one: ProductInput) -> str:
    return f"`{one}`, as published for an earlier day" if one in product.earlier else f"`{one}`"


def _names(columns: tuple[Column, ...]) -> str:
    return ", ".join(f"`{column.name}`" for column in columns)


def _agreed(agreed: Governance) -> Iterator[str]:
    """Who answers for the product, what it offers, and on which terms; nothing of a draft without an owner."""
    if not agreed.domain:
        return
    yield from ("", f"Domain {agreed.domain.name}, {agreed.owner}; {agreed.type}, {agreed.lifecycle}.", "")
    ports = [(f"`{p.name}`", p.description, ", ".join(f"`{name}`" for name in p.tables)) for p in agreed.output_ports]
    yield from grid(("Output port", "What it offers", "Tables"), ports)
    yield from ("", f"Terms of use: {agreed.terms_of_use}")


def _source(source: Source) -> Iterator[str]:
    yield from ("", f"#### `{source.origin}`", "", source.description, "")
    rows = [(_source_name(column), protection_of(column), column.description) for column in source.columns]
    yield from grid(("Column", "PII", "Description"), rows)


def _source_name(column: Column) -> str:
    return f"`{column.name}`" + (f" (header `{column.header}`)" if column.header else "")


def protection_of(column: Column) -> str:
    """The kind of personal data, and what the gate does to it."""
    return f"{column.pii or ''}; at the gate: {column.pii_action}" if column.pii_action else column.pii or ""


def _table(table: Table) -> Iterator[str]:
    grain = ", ".join(f"`{name}`" for name in table.grain)
    yield from ("", f"#### `{table.name}`", "", table.description, "", f"Grain: {grain}.")
    for key in table.foreign_keys:
        columns = ", ".join(f"`{name}`" for name in key.columns)
        target = ", ".join(f"`{name}`" for name in key.target)
        yield f"Refers to: {columns} → `{key.references}` ({target})."
    yield ""
    heads = ("Column", "Type", "Unit", "Empty?", "PII", "Values", "Description")
    yield from grid(heads, [_column(column) for column in table.stored_columns])
    if table.checks:
        yield ""
        rows = [(f"`{c.name}`", c.severity.value, f"`{c.expression}`", c.description) for c in table.checks]
        yield from grid(("Check", "Severity", "Holds in each row", "Meaning"), rows)


def _column(column: Column) -> tuple[str, ...]:
    empty = "yes" if column.nullable else "no"
    return (
        f"`{column.name}`",
        column.type,
        column.unit or "",
        empty,
        column.pii or "",
        values_of(column, "`"),
        column.description,
    )


def values_of(column: Column, quote: str = "") -> str:
    """Which values the column may hold; none said, empty text."""
    limits = []
    if column.accepted:
        limits.append(", ".join(f"{quote}{value}{quote}" for value in column.accepted))
    if column.minimum is not None:
        limits.append(f"≥ {column.minimum:g}")
    if column.maximum is not None:
        limits.append(f"≤ {column.maximum:g}")
    return "; ".join(limits)


def _product_checks(product: DataProduct) -> Iterator[str]:
    rows = [(f"`{r.name}`", "fail", r.description) for r in product.reconciliations]
    rows += [(f"`{p.name}`", p.severity.value, p.description) for p in product.probes]
    if rows:
        yield from ("", "### Checks between tables", "")
        yield from grid(("Check", "Severity", "Meaning"), rows)


def rules_of(rules: type[BaseModel]) -> list[tuple[str, str, str]]:
    """One row a rule: its name, its default as JSON, what it means."""
    rows = []
    for name, field in rules.model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        default = default.model_dump(mode="json") if isinstance(default, BaseModel) else default
        rows.append((name, json.dumps(default, default=str), field.description or ""))
    return rows


def grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table; nothing where there are no rows."""
    if not rows:
        yield "None."
        return
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in rows:
        yield "| " + " | ".join(_cell(text) for text in row) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
