"""Building blocks of charts: readable axes with units, tooltips, colours from the theme in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import altair as alt
from altair.utils.schemapi import debug_mode

from medallion.dashboard.measures import Measure, Rows, values

HEIGHT = 280
_ROUND = [factor * 10**power for power in range(-2, 7) for factor in (1, 2, 5)]  # labels of a wide axis
Chart = Any  # altair's classes of single, layered and faceted charts have no common base


def checked_once() -> AbstractContextManager[None]:
    """While it lasts whole charts are checked by their schema, and no more each part of them: half the time."""
    return debug_mode(False)


def bars(
    rows: Rows,
    category: str,
    measure: Measure,
    *,
    title: str = "",
    order: Sequence[str] | None = None,
    is_dense: bool = False,
    series: str | None = None,
    series_order: Sequence[str] | None = None,
) -> Chart:
    """Upright bars, in the order given or that of the rows; where they stand densely some have no label.

    One or two bars are no wider than others.

    With `series` each bar is stacked of its values.
    """
    found = list(rows)
    labels = alt.Axis(labelAngle=-40 if is_dense else 0, labelOverlap="greedy" if is_dense else False)
    sort = list(order) if order is not None else [str(row[category]) for row in found]
    shown = [alt.Tooltip(category, type="nominal", title=title or "Group"), *_tooltips(found, measure)]
    if series:
        shown.insert(1, alt.Tooltip(series, type="nominal", title="Status"))
    room: dict[str, Any] = (
        {}
        if is_dense and len(found) > 2
        else {"paddingInner": 0.3, "paddingOuter": {1: 1.0, 2: 0.5}.get(len(found), 0.15)}
    )
    chart = (
        alt.Chart(values(found), height=HEIGHT + (45 if series else 0) + (35 if is_dense else 0))
        .mark_bar(cornerRadiusEnd=0 if series else 2)
        .encode(
            x=alt.X(category, type="nominal", sort=sort, title=title or None, axis=labels, scale=alt.Scale(**room)),
            y=alt.Y(measure.name, type="quantitative", axis=measure.axis()),
            tooltip=shown,
        )
    )
    return chart.encode(color=_colors(series, series_order)) if series else chart


def ranking(rows: Rows, category: str, measure: Measure, *, title: str = "", more: Sequence[Measure] = ()) -> Chart:
    """Lying bars, one a row, longest labels cut; in the order of the rows. `more` is told beside the measure."""
    found = list(rows)
    told = [one.tooltip() for one in more]
    return (
        alt.Chart(values(found), height=26 * len(found) + 75)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            y=alt.Y(
                category,
                type="nominal",
                sort=[str(row[category]) for row in found],
                title=None,
                axis=alt.Axis(labelLimit=150, labelOverlap=False),
            ),
            x=alt.X(measure.name, type="quantitative", axis=measure.axis()),
            tooltip=[alt.Tooltip(category, type="nominal", title=title or "Name"), *_tooltips(found, measure), *told],
        )
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
    base = alt.Chart(data, height=HEIGHT + 45).encode(x=x, tooltip=shown)
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
    base = alt.Chart(values(found), height=HEIGHT + (45 if series else 0)).encode(
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
        alt.Chart(values(found), height=HEIGHT + (65 if series else 35))
        .mark_line(strokeWidth=2, point=len(found) < 40, interpolate="step-after" if is_stepped else "linear")
        .encode(
            x=alt.X(x.name, type="quantitative", axis=x.axis()),
            y=alt.Y(y.name, type="quantitative", axis=y.axis()),
            tooltip=[x.tooltip(), y.tooltip()],
        )
    )
    return chart.encode(color=_colors(series, None)) if series else chart


def heat(
    rows: Rows,
    x: str,
    y: str,
    measure: Measure,
    *,
    names: tuple[str, str],
    orders: tuple[Sequence[Any], Sequence[Any]],
    more: Sequence[tuple[str, str]] = (),
    step: int = 30,
    is_slanted: bool = False,
) -> Chart:
    """A grid of cells, darker for more; on a dark ground brighter for more. `more` are (column, title) to tell too."""
    labels = alt.Axis(labelAngle=-40 if is_slanted else 0, labelOverlap=False if is_slanted else "greedy")
    legend = alt.Legend(title=measure.heading, orient="top", gradientLength=160, format=_legend_format(rows, measure))
    # All values that there may be: a score that no customer has leaves its column empty, not out.
    across, down = (alt.Scale(domain=list(order)) for order in orders)
    return (
        alt.Chart(values(rows), height=step * len(orders[1]) + (170 if is_slanted else 130))
        .mark_rect(cornerRadius=2)
        .encode(
            x=alt.X(x, type="ordinal", sort=list(orders[0]), scale=across, title=names[0] or None, axis=labels),
            y=alt.Y(y, type="ordinal", sort=list(orders[1]), scale=down, title=names[1] or None),
            color=alt.Color(measure.name, type="quantitative", legend=legend),
            tooltip=[
                alt.Tooltip(x, type="ordinal", title=names[0] or "Column"),
                alt.Tooltip(y, type="ordinal", title=names[1] or "Row"),
                *(alt.Tooltip(column, type="nominal", title=title) for column, title in more),
                measure.tooltip(),
            ],
        )
    )


def _legend_format(rows: Rows, measure: Measure) -> str:
    """Thousands as `2k`; small means as they are, which as parts of a thousand nobody reads."""
    if measure.unit == "rate":
        return ".0%"
    most = max((abs(float(row[measure.name] or 0)) for row in rows), default=0)
    return "~s" if most >= 10 else ",.2~f"


def marked(rows: Rows, moment: str, measure: Measure, words: str) -> Chart:
    """Triangles on a line, with what each is about."""
    return (
        alt.Chart(values(rows))
        .mark_point(shape="triangle-down", size=70, filled=True, color="#D55E00", yOffset=-8)
        .encode(
            x=alt.X(moment, type="temporal"),
            y=alt.Y(measure.name, type="quantitative"),
            tooltip=[
                alt.Tooltip(words, type="nominal", title="Holiday"),
                alt.Tooltip(moment, type="temporal", title="Date", format="%d %b %Y"),
                measure.tooltip(),
            ],
        )
    )


def scatter(rows: Rows, x: Measure, y: Measure, *, label: str, title: str, is_wide: bool = False) -> Chart:
    """Points of two measures; a wide axis, of values above zero, gives room to small ones beside large ones."""
    across = x.axis(values=_ROUND) if is_wide else x.axis()
    return (
        alt.Chart(values(rows), height=HEIGHT + 35)
        .mark_circle(size=70, opacity=0.75)
        .encode(
            x=alt.X(x.name, type="quantitative", axis=across, scale=alt.Scale(type="log" if is_wide else "linear")),
            y=alt.Y(y.name, type="quantitative", axis=y.axis()),
            tooltip=[alt.Tooltip(label, type="nominal", title=title), x.tooltip(), y.tooltip()],
        )
    )


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
    legend = alt.Legend(orient="top", labelLimit=220, columns=3)  # as many as a phone has room for
    return alt.Color(series, type="nominal", title=None, legend=legend, **sort)


def _tooltips(rows: Rows, measure: Measure) -> list[alt.Tooltip]:
    """The measure, and a share beside it where the rows have one."""
    first = next(iter(rows), {})
    more = [Measure("share", "Share", "rate").tooltip()] if "share" in first and measure.name != "share" else []
    return [measure.tooltip(), *more]
