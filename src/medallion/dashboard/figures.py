"""Headline figures: a value in its contract's unit, with a help text that says what it is and where that is defined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import streamlit as st

from medallion.dashboard import wording
from medallion.documentation.definitions import definition_of

if TYPE_CHECKING:
    from medallion.data_product import DataProduct


@dataclass(frozen=True)
class Figure:
    """A headline figure as it is shown."""

    label: str
    text: str
    help: str
    note: str | None = None


def figure(
    product: DataProduct,
    column: str,
    value: object,
    *,
    label: str = "",
    how: str = "",
    unit: str = "",
    currency: str = "",
    note: str | None = None,
) -> Figure:
    """A figure of the column `table.column` of a product; `how` says what was done with it, `note` stands below.

    `unit` is that of the column, unless what was done with it changed that.
    """
    table, _, name = column.partition(".")
    contract = product.step(table).table.column(name)
    shown_unit = unit or contract.unit
    parts = [wording.plain(contract.description)]
    if how:
        parts.append(wording.plain(how))
    if shown_unit == "currency" and isinstance(value, int | float | Decimal):
        parts.append(wording.plain(f"Exactly {wording.exact_money(value, currency)}."))
    parts.append(f"Mart `{table}`, column `{name}`, defined in `{definition_of(product.step(table), name)}`.")
    return Figure(
        label=label or wording.title_of(name),
        text=wording.number(value, shown_unit, currency),
        help="\n\n".join(parts),
        note=note,
    )


def show(figures: Sequence[Figure]) -> None:
    """The figures side by side, as many in a line as there is room for."""
    with st.container(horizontal=True, gap="small", key="figures"):
        for one in figures:
            st.metric(
                one.label,
                one.text,
                help=one.help,
                border=True,
                delta=one.note,
                delta_color="off",
                delta_arrow="off",
            )


def lead(sentence: str) -> None:
    """The sentence that a page opens with; what stands between double asterisks is emphasised, all else is plain."""
    parts = enumerate(sentence.split("**"))
    with st.container(key="lead"):
        st.markdown(
            "".join(f"**{wording.plain(part)}**" if place % 2 else wording.plain(part) for place, part in parts)
        )
