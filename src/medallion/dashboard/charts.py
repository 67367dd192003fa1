"""Building blocks of charts: readable axes with units, tooltips, colours from the theme in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt

from medallion.dashboard.wording import symbol_of

HEIGHT = 280
Rows = Iterable[Mapping[str, Any]]
Chart = Any  # altair's classes of single, layered and faceted charts have no common base


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
        return f"{self.title} ({unit})" if unit and f"({unit})" not in self.title else self.title

    def axis(self, **more: Any) -> alt.Axis:
        """An axis with few, short labels."""
        expressions = {
            "currency": f"'{symbol_of(self.currency)}' + format(datum.value, '~s')",
            "rate": "format(datum.value * 100, '~g') + ' %'",
            "percent": "format(datum.value, '+~g') + ' %'",
        }
        label = expressions.get(self.unit, "format(datum.value, '~s')")
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


def bars(
    rows: Rows,
    category: str,
    measure: Measure,
    *,
    title: str = "",
    order: Sequence[str] | None = None,
    is_dense: bool = False,
) -> Chart:
    """Upright bars, in the order given or that of the rows; where they stand densely some have no label."""
    found = list(rows)
    labels = alt.Axis(labelAngle=-40 if is_dense else 0, labelOverlap="greedy" if is_dense else False)
    sort = list(order) if order is not None else [str(row[category]) for row in found]
    return (
        alt.Chart(values(found), height=HEIGHT)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(category, type="nominal", sort=sort, title=title or None, axis=labels),
            y=alt.Y(measure.name, type="quantitative", axis=measure.axis()),
            tooltip=[alt.Tooltip(category, type="nominal", title=title or "Group"), *_tooltips(found, measure)],
        )
    )


def ranking(rows: Rows, category: str, measure: Measure, *, title: str = "", color: str | None = None) -> Chart:
    """Lying bars, one a row, longest labels cut; in the order of the rows."""
    found = list(rows)
    sort = [str(row[category]) for row in found]
    chart = (
        alt.Chart(values(found), height=max(90, 26 * len(found) + 40))
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            y=alt.Y(category, type="nominal", sort=sort, title=None, axis=alt.Axis(labelLimit=150)),
            x=alt.X(measure.name, type="quantitative", axis=measure.axis()),
            tooltip=[alt.Tooltip(category, type="nominal", title=title or "Name"), *_tooltips(found, measure)],
        )
    )
    return (
        chart.encode(color=alt.Color(color, type="nominal", title=None, legend=alt.Legend(orient="top")))
        if color
        else chart
    )


def columns_with_line(rows: Rows, moment: str, measure: Measure, line: Measure) -> Chart:
    """Bars over months, and a line of another measure of the same unit for comparison."""
    data = values([{**row, "bar": measure.title, "other": line.title} for row in rows])
    x = alt.X(
        moment,
        type="temporal",
        timeUnit="yearmonth",
        bandPosition=0.5,
        title=None,
        axis=alt.Axis(tickCount=6, labelOverlap=True),
    )
    shown = [alt.Tooltip(moment, type="temporal", title="Month", format="%B %Y"), measure.tooltip(), line.tooltip()]
    names = [measure.title, line.title]
    scale = alt.Scale(domain=names)
    color: dict[str, Any] = {
        "type": "nominal",
        "title": None,
        "scale": scale,
        "legend": alt.Legend(orient="top", symbolType="square"),
    }
    base = alt.Chart(data, height=HEIGHT).encode(x=x, tooltip=shown)
    bar = base.mark_bar(cornerRadiusEnd=2).encode(
        y=alt.Y(measure.name, type="quantitative", axis=measure.axis()), color=alt.Color("bar", **color)
    )
    other = base.mark_line(strokeWidth=2, point=True).encode(
        y=alt.Y(line.name, type="quantitative"), color=alt.Color("other", **color)
    )
    return bar + other


def lines(
    rows: Rows, moment: str, measure: Measure, *, series: str | None = None, order: Sequence[str] | None = None
) -> Chart:
    """Lines over days, one a value of `series`; a point where the pointer is."""
    found = list(rows)
    base = alt.Chart(values(found), height=HEIGHT).encode(
        x=alt.X(moment, type="temporal", title=None, axis=alt.Axis(tickCount=6, labelOverlap=True)),
        y=alt.Y(measure.name, type="quantitative", axis=measure.axis()),
    )
    shown = [alt.Tooltip(moment, type="temporal", title="Date", format="%d %b %Y"), measure.tooltip()]
    if series:
        shown.append(alt.Tooltip(series, type="nominal", title="Series"))
        base = base.encode(color=_colors(series, order))
    near = alt.selection_point(nearest=True, on="pointerover", fields=[moment], empty=False)
    points = base.mark_point(size=45, filled=True).encode(
        opacity=alt.condition(near, alt.value(1), alt.value(0)), tooltip=shown
    )
    return base.mark_line(strokeWidth=2) + points.add_params(near)


def curve(rows: Rows, x: Measure, y: Measure, *, series: str | None = None, is_stepped: bool = False) -> Chart:
    """Lines over a number."""
    found = list(rows)
    chart = (
        alt.Chart(values(found), height=HEIGHT)
        .mark_line(strokeWidth=2, point=len(found) < 40, interpolate="step-after" if is_stepped else "linear")
        .encode(
            x=alt.X(x.name, type="quantitative", axis=x.axis()),
            y=alt.Y(y.name, type="quantitative", axis=y.axis()),
            tooltip=[x.tooltip(), y.tooltip()],
        )
    )
    return chart.encode(color=_colors(series, None)) if series else chart


def heat(
    rows: Rows, x: str, y: str, measure: Measure, *, names: tuple[str, str], orders: tuple[Sequence[Any], Sequence[Any]]
) -> Chart:
    """A grid of cells, darker for more; on a dark ground brighter for more."""
    return (
        alt.Chart(values(rows), height=max(200, 30 * len(orders[1]) + 40))
        .mark_rect(cornerRadius=2)
        .encode(
            x=alt.X(
                x, type="ordinal", sort=list(orders[0]), title=names[0], axis=alt.Axis(labelAngle=0, labelOverlap=True)
            ),
            y=alt.Y(y, type="ordinal", sort=list(orders[1]), title=names[1]),
            color=alt.Color(
                measure.name,
                type="quantitative",
                legend=alt.Legend(title=measure.heading, orient="top", gradientLength=160, **_legend(measure)),
            ),
            tooltip=[
                alt.Tooltip(x, type="ordinal", title=names[0]),
                alt.Tooltip(y, type="ordinal", title=names[1]),
                *_tooltips(rows, measure),
            ],
        )
    )


def _legend(measure: Measure) -> dict[str, Any]:
    return {"format": ".0%"} if measure.unit == "rate" else {"format": "~s"}


def scatter(rows: Rows, x: Measure, y: Measure, *, label: str, title: str, series: str | None = None) -> Chart:
    """Points of two measures."""
    chart = (
        alt.Chart(values(rows), height=HEIGHT)
        .mark_circle(size=70, opacity=0.75)
        .encode(
            x=alt.X(x.name, type="quantitative", axis=x.axis()),
            y=alt.Y(y.name, type="quantitative", axis=y.axis()),
            tooltip=[alt.Tooltip(label, type="nominal", title=title), x.tooltip(), y.tooltip()],
        )
    )
    return chart.encode(color=_colors(series, None)) if series else chart


def rule_at(value: float, words: str, *, is_vertical: bool = True) -> Chart:
    """A dashed line at a value, with what it means."""
    data = alt.InlineData(values=[{"at": value, "words": words}])
    place: dict[str, Any] = {"x" if is_vertical else "y": alt.X("at:Q") if is_vertical else alt.Y("at:Q")}
    return (
        alt.Chart(data)
        .mark_rule(strokeDash=[4, 4], strokeWidth=1.5)
        .encode(tooltip=alt.Tooltip("words:N", title="Line"), **place)
    )


def _colors(series: str, order: Sequence[str] | None) -> alt.Color:
    sort: dict[str, Any] = {"sort": list(order)} if order else {}
    return alt.Color(series, type="nominal", title=None, legend=alt.Legend(orient="top", labelLimit=220), **sort)


def _tooltips(rows: Rows, measure: Measure) -> list[alt.Tooltip]:
    """The measure, and a share beside it where the rows have one."""
    first = next(iter(rows), {})
    more = [Measure("share", "Share", "rate").tooltip()] if "share" in first and measure.name != "share" else []
    return [measure.tooltip(), *more]
