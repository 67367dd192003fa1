"""A mart's rows as a table, formatted by the contract, and as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from medallion.dashboard import wording

if TYPE_CHECKING:
    from medallion.contracts import Column
    from medallion.dashboard.reading import Row
    from medallion.data_product import DataProduct

MOST_SHOWN = 200
MOST_DOWNLOADED = 50_000


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
        st.subheader(title, anchor=False)
    if note:
        st.caption(wording.plain(note))
    if not rows:
        st.caption("No rows match the filters.")
        return
    columns = {one.name: one for one in contract.columns}
    _grid(rows, columns, currency)
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
    st.subheader(title, anchor=False)
    if note:
        st.caption(wording.plain(note))
    if not rows:
        st.caption(empty)
        return
    frame = pd.DataFrame([{name: _plain(value) for name, value in row.items()} for row in rows])
    shown = {name: st.column_config.Column(wording.title_of(str(name))) for name in frame.columns}
    st.dataframe(frame, hide_index=True, column_config=shown, height=min(36 * (len(rows) + 1) + 3, 460))
    count = len(rows) if total is None else total
    st.caption(f"{len(rows):,} of {wording.count_of(count, 'row')}.")


def _grid(rows: Sequence[Row], columns: dict[str, Column], currency: str) -> None:
    # All rows are in the one currency that the headings name.
    hidden = {"currency"} if currency else set()
    frame = pd.DataFrame([{name: _plain(value) for name, value in row.items() if name not in hidden} for row in rows])
    shown = {name: _config(name, columns.get(name), currency) for name in frame.columns}
    for name in frame.columns:
        column = columns.get(name)
        if column is not None and column.unit == "rate":
            frame[name] = pd.to_numeric(frame[name]) * 100
    st.dataframe(frame, hide_index=True, column_config=shown, height=min(36 * (len(rows) + 1) + 3, 400))


def _config(name: str, column: Column | None, currency: str) -> Any:
    unit = column.unit if column else None
    formats = {"currency": "%,.2f", "rate": "%.1f %%", "percent": "%+.1f %%"}
    if column is not None and column.type == "double":
        formats = {"days": "%,.1f", "count": "%,.2f", "score": "%,.2f"} | formats
    label = wording.title_of(name) + (f" ({currency})" if unit == "currency" and currency else "")
    words = wording.plain(column.description) if column else None
    if unit in formats:
        return st.column_config.NumberColumn(label, help=words, format=formats[unit])
    return st.column_config.Column(label, help=words)


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
