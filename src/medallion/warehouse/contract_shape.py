"""The shape of a published table as text, and whether a contract that changed since still fits what readers rely on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from medallion.contracts import Layer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from medallion.contracts import Table
    from medallion.data_product import DataProduct
    from medallion.warehouse.records import Version


def contract_shape(table: Table) -> str:
    """Columns (name, type, whether they may be empty) and grain as JSON: what `control.version` keeps of a contract."""
    columns = [(column.name, column.type, column.nullable) for column in table.stored_columns]
    return json.dumps({"columns": columns, "grain": table.grain})


def contract_breaks(recorded: str | None, table: Table) -> list[str]:
    """Why the contract cannot take the place of the recorded one without breaking readers; empty where it can.

    A new column that may be empty breaks nobody. Tables that are kept in place (silver) cannot gain one that must be
    filled either, as the rows they have do not fill it.
    """
    try:
        before = json.loads(recorded or "{}")
        known, grain = {name: (kind, nullable) for name, kind, nullable in before["columns"]}, list(before["grain"])
    except (ValueError, TypeError, KeyError):  # not on record, or damaged: then nothing is known to break
        return []
    now = {column.name: column for column in table.stored_columns}
    breaks = [f"column '{name}' is gone" for name in known if name not in now]
    for name, (kind, nullable) in known.items():
        if name in now and now[name].type != kind:
            breaks.append(f"column '{name}' was {kind} and is {now[name].type}")
        elif name in now and now[name].nullable and not nullable:
            breaks.append(f"column '{name}' was always filled and may be empty")
    if table.layer is Layer.SILVER:
        new = [column for column in table.stored_columns if column.name not in known and not column.nullable]
        breaks += [f"column '{column.name}' is new and must be filled" for column in new]
    if list(table.grain) != grain:
        breaks.append(f"its grain was ({', '.join(grain)}) and is ({', '.join(table.grain)})")
    return breaks


def removed_marts(product: DataProduct, published: Mapping[str, Version]) -> list[str]:
    """The published marts that the product has no more."""
    marts = {step.table.name for step in product.layer(Layer.GOLD)}
    return sorted(name for name, one in published.items() if one.layer == Layer.GOLD.value and name not in marts)
