"""How sales develop by day, week and month, where, in which categories, and at which hours."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, tables, uncertain, wording
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import effects, known, location_performance
from medallion.dashboard.queries import sales_trends as queries
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "sales_trends"
_MOST_UNSURE = 300  # percent to either side of an uplift, beyond which a chart says nothing
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_OF_NUMBER = {0: "Sun", 1: "Mon", 2: "Tue", 3: "Wed", 4: "Thu", 5: "Fri", 6: "Sat"}


def render(view: View) -> None:
    """The page."""
    _open(view)
    period = view.choose("period", "Period", ("week", "day", "month"))
    _development(view, period)
    for on_the_left, on_the_right in ((_places, _categories), (_hours, _forecast), (_holidays, _comparable)):
        left, right = view.columns()
        with left:
            on_the_left(view)
        with right:
            on_the_right(view)
    view.companions("sales_forecast", "holiday_uplift", "comparable_sales")
    _table(view, period)


def _open(view: View) -> None:
    totals = queries.totals(view.marts, view.filters)
    before = view.filters.before
    change = queries.change(view.marts, view.filters, *before) if before else None
    best = queries.best_day(view.marts, view.filters)
    place = f" {view.filters.part}" if view.filters.part else ""
    trend = f", **{wording.change(change)}** on the {view.filters.days:,} days before" if change is not None else ""
    holiday = f" ({best['holiday_name']})" if best["holiday_name"] else ""
    top = (
        f" The best day was **{wording.day(best['period_start'])}**{holiday} with {view.money(best['net_amount'])}."
        if best["period_start"] and not place
        else ""
    )
    view.say(f"**{view.money(totals['net_amount'])}** net sales{place}, {view.filters.words}{trend}.{top}")
    year_ago = queries.change(view.marts, view.filters, *view.filters.year_before)
    how, sales = "Summed over the range.", known.sales_of(view.filters)[0]
    view.figures(
        view.figure(f"{sales}.net_amount", totals["net_amount"], label="Net sales", how=how),
        view.figure(f"{sales}.order_count", totals["order_count"], label="Orders", how=how),
        view.figure(
            f"{MART}.average_order_value", totals["average_order_value"], label="Average order", how="Of the range."
        ),
        view.figure(
            f"{MART}.change_pct",
            change,
            label=f"On {view.filters.days:,} days before",
            how="Net sales against those of as many days just before the range.",
        ),
        view.figure(
            f"{MART}.year_over_year_pct",
            year_ago,
            label="Year on year",
            how="Net sales against those of the same range 364 days earlier, so that weekdays match.",
        ),
    )


def _development(view: View, period: str) -> None:
    if view.filters.part:
        rows = queries.periods_of_part(view.marts, view.filters, period)
        measure = view.measure(f"{MART}.net_amount", title="Net sales")
        chart = charts.lines(rows, "period_start", measure) if rows else None
        view.chart("Net sales", chart, f"Only {view.filters.part}.", empty="No sales in the range.")
        return
    rows = queries.periods(view.marts, view.filters, period)
    whole = [row for row in rows if not row["is_partial"]]
    series = _series(whole, period)
    measure = view.measure(f"{MART}.net_amount", "amount", "Net sales")
    chart = charts.lines(series, "period_start", measure, series="series", order=_names(period))
    holidays = [row for row in rows if row["holiday_name"]] if period == "day" else []
    if holidays:
        chart = chart + charts.marked(holidays, "period_start", view.measure(f"{MART}.net_amount"), "holiday_name")
    notes = {
        "day": "Days with their 7- and 28-day means; triangles are holidays.",
        "week": "Whole ISO weeks, and the same weeks a year before.",
        "month": "Whole months, and the same months a year before.",
    }
    view.chart("Net sales", chart if whole else None, notes[period], empty=f"The range has no whole {period}.")


def _names(period: str) -> tuple[str, ...]:
    return ("Day", "Mean of 7 days", "Mean of 28 days") if period == "day" else ("Net sales", "A year before")


def _series(rows: list[Row], period: str) -> list[Row]:
    """The lines of the chart: a row a period and line."""
    columns = (
        ("net_amount", "net_amount_avg_7d", "net_amount_avg_28d")
        if period == "day"
        else ("net_amount", "year_ago_net_amount")
    )
    return [
        {"period_start": row["period_start"], "amount": row[column], "series": name}
        for row in rows
        for name, column in zip(_names(period), columns, strict=True)
        if row[column] is not None
    ]


def _places(view: View) -> None:
    everywhere = replace(view.filters, location=None)
    rows = location_performance.ranking(view.marts, everywhere, limit=12)
    named = [{**row, "name": wording.location(row["restaurant_id"])} for row in rows]
    measure = view.measure("sales_by_location.net_amount", title="Net sales")
    chart = charts.ranking(named, "name", measure, title="Location") if rows else None
    part = f" {everywhere.part}" if everywhere.part else ""
    view.chart("Locations", chart, f"Those that sold most{part}, in the range.", empty="No sales in the range.")


def _categories(view: View) -> None:
    rows = queries.categories(view.marts, view.filters)
    measure = view.measure("sales_by_category.net_amount", title="Net sales")
    chart = charts.ranking(rows, "item_category", measure, title="Category") if rows else None
    view.chart("Menu categories", chart, "Of all orders in the range.", empty="No sales in the range.")


def _hours(view: View) -> None:
    rows = [{**row, "day": _OF_NUMBER[row["weekday"]]} for row in queries.hours(view.marts, view.filters)]
    chart = charts.heat(
        rows,
        "hour",
        "day",
        Measure("orders_per_day", "Orders a day", "score"),
        names=("Hour", ""),
        orders=(range(24), _WEEKDAYS),
    )
    view.chart(
        "When orders come in",
        chart if rows else None,
        "Mean orders of each hour of the week, of all orders; hours in the time zone of the business.",
        empty="No orders in the range.",
    )


def _forecast(view: View) -> None:
    if not view.has("sales_forecast"):
        return
    rows = effects.forecast(view.marts, view.currency)
    error = next((row["backtest_error_pct"] for row in rows if row["backtest_error_pct"] is not None), None)
    missed = f" Tried on past days, it missed them by {error:,.0f} % in sum." if error is not None else ""
    measure = view.measure("sales_forecast.forecast_value", title="Expected net sales")
    view.chart(
        "The next 28 days",
        uncertain.band(rows, "forecast_date", measure) if rows else None,
        f"As the same weekdays of late, of all orders, with a 95 % interval.{missed}",
        empty="There are too few days to tell.",
    )


def _holidays(view: View) -> None:
    if not view.has("holiday_uplift"):
        return
    rows = effects.holidays(view.marts, view.currency, 12, _MOST_UNSURE)
    measure = view.measure("holiday_uplift.uplift_pct", "estimate", "Uplift")
    view.chart(
        "What holidays bring",
        uncertain.intervals(rows, "holiday_name", measure) if rows else None,
        "Against the same weekday four weeks before and after, all time, with a 95 % interval; holidays of which less"
        f" is known than ± {_MOST_UNSURE} % are left out.",
        empty="No holiday can be compared yet.",
    )


def _comparable(view: View) -> None:
    if not view.has("comparable_sales"):
        return
    rows = effects.comparable(view.marts, view.currency)
    measure = view.measure("comparable_sales.net_amount_change", "amount", "Change on the year before")
    order = list(dict.fromkeys(row["month"] for row in rows))
    view.chart(
        "Comparable locations: traffic and ticket",
        charts.bars(rows, "month", measure, order=order, is_dense=True, series="part") if rows else None,
        "Locations that traded in both years: what more orders and what larger orders add to or take from sales.",
        empty="No month can be compared with a year before yet.",
    )


def _table(view: View, period: str) -> None:
    ask = queries.periods_of_part if view.filters.part else queries.periods
    rows = ask(view.marts, view.filters, period)
    view.table(
        f"By {period}", MART, rows[::-1][: tables.MOST_SHOWN], lambda: rows, total=len(rows), key=f"sales {period}"
    )


PAGE = Page(
    name="sales-trends",
    title="Sales trends",
    icon=":material/trending_up:",
    question="How are sales developing?",
    product=PRODUCT,
    tables=(MART, "sales_by_location", "sales_by_category", "sales_by_hour", "location_performance"),
    filters=(filters.CURRENCY, filters.DATES, filters.LOCATION, filters.APP),
    render=render,
)
