"""What charts show: measures with their units, and rows as their data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt

from medallion.dashboard.wording import symbol_of

Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Measure:
    """A column of a result as a chart shows it: its heading, and the unit that axes and tooltips are written in."""

    name: str
    title: str
    unit: str = "count"
    currency: str = ""

    @property
    def heading(self) -> str:
        """The title with the unit, for an axis."""
        unit = {"currency": self.currency, "rate": "%", "percent": "%", "days": "days"}.get(self.unit, "")
        is_said = f"({unit})" in self.title or (unit == "days" and "days" in self.title.lower())
        return f"{self.title} ({unit})" if unit and not is_said else self.title

    def axis(self, **more: Any) -> alt.Axis:
        """An axis with few, short labels."""
        # Thousands as `2k`; what is below one as it is, not in thousandths.
        size = "format(abs(datum.value), abs(datum.value) < 1 ? ',.2~f' : '~s')"
        expressions = {
            "currency": f"(datum.value < 0 ? '−' : '') + '{symbol_of(self.currency)}' + {size}",
            "rate": "format(datum.value * 100, '~g') + ' %'",
            "seconds": "format(datum.value, '~g') + ' s'",
            "percent": "(datum.value > 0 ? '+' : '') + format(datum.value, ',~r') + ' %'",
        }
        label = expressions.get(self.unit, f"(datum.value < 0 ? '−' : '') + {size}")
        if self.name.endswith("_count"):
            more["tickMinStep"] = 1
        return alt.Axis(title=self.heading, labelExpr=label, tickCount=5, **more)

    def tooltip(self) -> alt.Tooltip:
        """The value in full."""
        formats = {"currency": ",.2f", "rate": ".1%", "percent": "+,.1f", "days": ",.1f", "score": ",.2f"}
        return alt.Tooltip(self.name, type="quantitative", title=self.heading, format=formats.get(self.unit, ",.6~g"))


def values(rows: Rows) -> alt.InlineData:
    """Rows as a chart's data: amounts as numbers, days as midnights of wherever the browser is."""
    return alt.InlineData(values=[{name: _plain(value) for name, value in row.items()} for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return f"{value.isoformat()[:10]}T00:00:00" if isinstance(value, date) else value
