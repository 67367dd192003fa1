"""Charts of what is known with an interval: estimates, and days to come."""

from __future__ import annotations

import altair as alt

from medallion.dashboard.charts import HEIGHT, Chart, rule_at
from medallion.dashboard.measures import Measure, Rows, values


def intervals(rows: Rows, category: str, measure: Measure) -> Chart:
    """Estimates as points with their intervals (columns `low` and `high`), and a line at zero."""
    found = list(rows)
    low, high = (
        Measure(name, title, measure.unit, measure.currency) for name, title in (("low", "From"), ("high", "To"))
    )
    shown = [alt.Tooltip(category, type="nominal", title="Of"), measure.tooltip(), low.tooltip(), high.tooltip()]
    labels = alt.Axis(labelLimit=180, labelOverlap=False)
    y = alt.Y(category, type="nominal", sort=[str(row[category]) for row in found], title=None, axis=labels)
    base = alt.Chart(values(found), height=(55 if len(found) < 4 else 26) * len(found) + 75).encode(y=y, tooltip=shown)
    bar = base.mark_rule(strokeWidth=3).encode(
        x=alt.X("low", type="quantitative", axis=measure.axis()), x2=alt.X2("high"), color=alt.value("#8A949E")
    )
    point = base.mark_point(size=110, filled=True, opacity=1).encode(x=alt.X(measure.name, type="quantitative"))
    return bar + point + rule_at(0, "no difference")


def band(rows: Rows, moment: str, measure: Measure) -> Chart:
    """A line over days within its interval (columns `low` and `high`)."""
    low, high = (
        Measure(name, title, measure.unit, measure.currency) for name, title in (("low", "From"), ("high", "To"))
    )
    shown = [alt.Tooltip(moment, type="temporal", title="Date", format="%a %d %b %Y")]
    shown += [measure.tooltip(), low.tooltip(), high.tooltip()]
    x = alt.X(moment, type="temporal", title=None, axis=alt.Axis(tickCount=6, labelOverlap=True))
    base = alt.Chart(values(rows), height=HEIGHT).encode(x=x, tooltip=shown)
    area = base.mark_area(opacity=0.25).encode(
        y=alt.Y("low", type="quantitative", axis=measure.axis()), y2=alt.Y2("high")
    )
    return area + base.mark_line(strokeWidth=2, point=True).encode(y=alt.Y(measure.name, type="quantitative"))
