"""What a page works with: the marts of one version, the filters that hold, and ways to show figures, charts, tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from medallion.dashboard import address, figures, tables, wording
from medallion.dashboard.charts import Chart
from medallion.dashboard.filters import Filters
from medallion.dashboard.measures import Measure
from medallion.dashboard.queries import companions

if TYPE_CHECKING:
    from medallion.contracts import Column
    from medallion.dashboard.reading import Marts, Row
    from medallion.data_product import DataProduct

_ALL = "all"


@dataclass
class View:
    """One showing of a page.

    `held` are choices that are shown instead of those made now, while the warehouse cannot be read. `choices` are
    those that this showing was made with.
    """

    product: DataProduct
    marts: Marts
    filters: Filters
    held: Mapping[str, Any] | None = None
    choices: dict[str, Any] = field(default_factory=dict)

    @property
    def currency(self) -> str:
        """The one currency that all amounts of the page are in; empty where amounts name none."""
        return self.filters.currency

    def column(self, column: str) -> Column:
        """The contract of `table.column`."""
        table, _, name = column.partition(".")
        return self.product.step(table).table.column(name)

    def measure(self, column: str, name: str = "", title: str = "", unit: str = "") -> Measure:
        """`table.column` for a chart, where a result calls it `name`."""
        known = self.column(column)
        heading = title or wording.title_of(known.name)
        return Measure(name or known.name, heading, unit or known.unit or "count", self.currency)

    def money(self, value: Any) -> str:
        """An amount for a sentence."""
        return wording.EMPTY if value is None else wording.money(value, self.currency)

    def short(self, value: Any) -> str:
        """An amount without cents, for labels."""
        return wording.short_money(value, self.currency)

    def rate(self, value: Any) -> str:
        """A rate for a sentence."""
        return wording.rate(value)

    def count(self, value: int, one: str, many: str = "") -> str:
        """`3,162 customers`."""
        return wording.count_of(value, one, many)

    def has(self, table: str, *columns: str) -> bool:
        """Whether both the contract and the version that is shown have the mart, with these columns."""
        known = next((step.table for step in self.product.steps if step.table.name == table), None)
        return known is not None and {*columns} <= {*known.column_names} and self.marts.has(table, *columns)

    def columns(self) -> Sequence[Any]:
        """Two columns, one below the other where there is no room."""
        return st.columns(2, gap="large")

    def companions(self, *names: str) -> None:
        """Marts that have no chart of their own, those of them that there are, as tables to unfold."""
        for name in names:
            if self.has(name):
                table = self.product.step(name).table
                with st.expander(wording.title_of(name)):
                    st.caption(wording.plain(table.description))
                    self.table(
                        "",
                        name,
                        companions.rows(self.marts, table, self.currency, tables.MOST_SHOWN),
                        partial(companions.rows, self.marts, table, self.currency, tables.MOST_DOWNLOADED),
                        total=companions.count(self.marts, table, self.currency),
                    )

    def say(self, sentence: str) -> None:
        """The sentence that a page opens with; what stands between asterisks is emphasised, all else is plain text."""
        figures.lead(sentence)

    def figure(self, column: str, value: object, **more: Any) -> figures.Figure:
        """A headline figure of `table.column`."""
        return figures.figure(self.product, column, value, currency=self.currency, **more)

    def figures(self, *shown: figures.Figure) -> None:
        """The headline figures."""
        figures.show(shown)

    def chart(self, title: str, chart: Chart | None, note: str = "", *, empty: str = "Nothing to show here.") -> None:
        """A chart under its title, with a note on how to read it; without a chart the words why there is none."""
        st.header(title, anchor=False)
        if note:
            st.caption(wording.plain(note))
        if chart is None:
            st.caption(wording.plain(empty))
        else:
            st.altair_chart(chart, width="stretch", alt=title)

    def table(
        self, title: str, table: str, rows: Sequence[Row], download: Callable[[], Sequence[Row]], **more: Any
    ) -> None:
        """Rows of a mart, formatted by its contract, and all of them to download."""
        tables.show(self.product, title, table, rows, download, self.currency, **more)

    def choose(self, key: str, label: str, options: Sequence[str], *, names: Mapping[str, str] | None = None) -> str:
        """A choice of the page, kept in its address; the first option where none is made, or none of these."""
        words = dict(names or {})
        made = address.choose(
            st.segmented_control,
            key,
            label,
            options,
            required=True,
            format_func=lambda one: words.get(one, wording.title_of(one)),
        )
        chosen = (self.held or {}).get(key, made)
        self.choices[key] = chosen if chosen in options else options[0]
        return str(self.choices[key])

    def pick(self, key: str, label: str, options: Sequence[str], *, everything: str) -> str | None:
        """A choice among many, kept in the page's address; None for all of them."""
        made = address.choose(
            st.selectbox,
            key,
            label,
            (_ALL, *options),
            format_func=lambda one: everything if one == _ALL else one,
            width=260,
        )
        chosen = (self.held or {}).get(key, made)
        self.choices[key] = chosen if chosen in options else _ALL
        return None if self.choices[key] == _ALL else str(chosen)
