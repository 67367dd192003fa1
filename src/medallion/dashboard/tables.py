"""A mart's rows as a table, formatted by the contract, and as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd
import streamlit as st

from medallion.contracts import Layer
from medallion.dashboard import wording

if TYPE_CHECKING:
    from medallion.contracts import Column, Table
    from medallion.dashboard.reading import Row
    from medallion.data_product import DataProduct

MOST_SHOWN = 200
MOST_DOWNLOADED = 50_000
_DAY = "D MMM YYYY"
_MOST_WHOLE = 10  # rows of a table that does not scroll


def show(
    product: DataProduct,
    title: str,
    table: str,
    rows: Sequence[Row],
    download: Callable[[], Sequence[Row]],
    currency: str = "",
    *,
    total: int | None = None,
    key: str = "",
    note: str = "",
) -> None:
    """The rows, and a button for all of them; `total` is how many there are where not all are shown."""
    contract = product.step(table).table
    if title:
        st.header(title, anchor=False)
    if note:
        st.caption(wording.plain(note))
    if not rows:
        st.caption("No rows match the filters.")
        return
    _grid(rows, _columns(product, contract, rows[0]), currency, title or table)
    count = len(rows) if total is None else total
    limit = f"; a file holds {MOST_DOWNLOADED:,} at most" if count > MOST_DOWNLOADED else ""
    st.caption(f"{len(rows):,} of {wording.count_of(count, 'row')}{limit}. Mart `{product.name}.{table}`.")
    st.download_button(
        "Download CSV",
        data=lambda: csv_text(download()),
        file_name=f"{table}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"download {key or table}",
    )


def plain(title: str, rows: Sequence[Row], *, total: int | None = None, note: str = "", empty: str = "None.") -> None:
    """Rows of no contract; `total` is how many there are where not all are given."""
    st.header(title, anchor=False)
    if note:
        st.caption(wording.plain(note))
    if not rows:
        st.caption(empty)
        return
    frame = pd.DataFrame([{name: _plain(value) for name, value in row.items()} for row in rows])
    shown = {name: _plain_config(wording.title_of(str(name)), frame[name]) for name in frame.columns}
    _show(frame, shown, title, 460)
    count = len(rows) if total is None else total
    st.caption(f"{len(rows):,} of {wording.count_of(count, 'row')}.")


def _columns(product: DataProduct, contract: Table, names: Iterable[str]) -> dict[str, Column]:
    """The contracts of columns of a mart, and of those beside them that come from another mart of the product."""
    others = {one.name: one for step in product.layer(Layer.GOLD) for one in step.table.columns}
    own = {one.name: one for one in contract.columns}
    return {name: (own if name in own else others)[name] for name in names if name in own or name in others}


def _show(frame: pd.DataFrame, columns: Mapping[Any, Any], title: str, most_height: int) -> None:
    height: Literal["content"] | int = "content" if len(frame) <= _MOST_WHOLE else most_height
    st.dataframe(
        frame,
        hide_index=True,
        column_config=columns,
        height=height,
        placeholder=wording.EMPTY,
        alt=wording.title_of(title),
    )


def _grid(rows: Sequence[Row], columns: Mapping[str, Column], currency: str, title: str) -> None:
    # All rows are in the one currency that the headings name.
    hidden = {"currency"} if currency else set()
    frame = pd.DataFrame([{name: _plain(value) for name, value in row.items() if name not in hidden} for row in rows])
    shown = {name: _config(name, columns.get(name), currency) for name in frame.columns}
    for name in frame.columns:
        column = columns.get(name)
        if column is not None and column.unit == "rate":
            frame[name] = pd.to_numeric(frame[name]) * 100
    _show(frame, shown, title, 400)


def _config(name: str, column: Column | None, currency: str) -> Any:
    unit = column.unit if column else None
    formats = {"currency": "%,.2f", "rate": "%,.1f %%", "percent": "%+,.1f %%"}
    if column is not None and column.type == "double":
        formats = {"days": "%,.1f", "count": "%,.2f", "score": "%,.2f"} | formats
    else:
        formats = dict.fromkeys(("count", "days", "rank"), "%,d") | formats
    label = wording.title_of(name) + (f" ({currency})" if unit == "currency" and currency else "")
    words = wording.plain(column.description) if column else None
    if unit in formats:
        return st.column_config.NumberColumn(label, help=words, format=formats[unit])
    if column is not None and column.type == "date":
        return st.column_config.DateColumn(label, help=words, format=_DAY)
    return st.column_config.Column(label, help=words)


def _plain_config(label: str, values: pd.Series[Any]) -> Any:
    if pd.api.types.is_datetime64_any_dtype(values):
        return st.column_config.DatetimeColumn(label, format=f"{_DAY}, HH:mm:ss", timezone="UTC")
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        is_day = isinstance(next((one for one in values if one is not None), None), date)
        return st.column_config.DateColumn(label, format=_DAY) if is_day else st.column_config.Column(label)
    return st.column_config.NumberColumn(label, format="%,.1f" if _is_broken(values) else "%,d")


def _is_broken(values: pd.Series[Any]) -> bool:
    """Whether any of the numbers is not whole."""
    return bool((values.dropna() % 1 != 0).any())


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def csv_text(rows: Sequence[Row]) -> str:
    """Rows as comma-separated values with a header, amounts exact."""
    out = io.StringIO()
    if rows:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows([wording.csv_cell(value) for value in row.values()] for row in rows)
    return out.getvalue()
