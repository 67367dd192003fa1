"""Which locations lead, and which are growing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, wording
from medallion.dashboard.page import Page
from medallion.dashboard.queries import location_performance as queries
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "location_performance"
_MOST = 12  # bars of a chart
_ORDERS = {"net_amount": "Net sales", "orders_per_trading_day": "Orders a day", "average_order_value": "Average order"}


def render(view: View) -> None:
    """The page."""
    ranking = _named(queries.ranking(view.marts, view.filters, limit=1000))
    _open(view, ranking)
    by = view.choose("by", "Rank by", tuple(_ORDERS), names=_ORDERS)
    left, right = view.columns()
    with left:
        _ranking(view, ranking, by)
    with right:
        _growth(view)
    left, right = view.columns()
    with left:
        _spread(view, ranking)
    with right:
        _months(view, [row["name"] for row in ranking])
    rows = queries.performance(view.marts, view.currency)
    view.table("All locations", MART, rows, lambda: rows, note="Over all time and apps, whatever the filters above.")


def _named(rows: list[Row]) -> list[Row]:
    return [{**row, "name": wording.location(row["restaurant_id"] or None)} for row in rows]


def _open(view: View, ranking: list[Row]) -> None:
    summary = queries.summary(view.marts, view.currency)
    part, days = f" {view.filters.part}" if view.filters.part else "", view.filters.words
    if ranking:
        first = ranking[0]
        share = f" (**{view.rate(first['share'])}** of all)" if first["share"] is not None else ""
        lead = f"**{first['name']}** leads with **{view.money(first['net_amount'])}**{share}{part} in the range {days}."
    else:
        lead = f"No location sold anything{part} in the range {days}."
    view.say(
        f"{lead} Over the last 28 days **{view.count(summary['growing_count'], 'location')}** grew and"
        f" **{summary['shrinking_count']:,}** shrank."
    )
    view.figures(
        view.figure(
            f"{MART}.restaurant_id", summary["location_count"], label="Locations", unit="count", how="Counted."
        ),
        view.figure(
            f"{MART}.net_amount_share",
            summary["top_share"],
            label="Share of the top 3",
            how="Share of the three with the highest revenue rank, over all time.",
        ),
        view.figure(
            f"{MART}.growth_28d_pct",
            summary["growing_count"],
            label="Growing",
            unit="count",
            how="Locations that sold more in the last 28 days than in the 28 before.",
        ),
        view.figure(
            f"{MART}.growth_28d_pct",
            summary["shrinking_count"],
            label="Shrinking",
            unit="count",
            how="Locations that sold less in the last 28 days than in the 28 before.",
        ),
    )


def _ranking(view: View, ranking: list[Row], by: str) -> None:
    best = sorted(ranking, key=lambda row: float(row[by] or 0), reverse=True)[:_MOST]
    measure = view.measure(f"{MART}.{by}", title=_ORDERS[by])
    chart = charts.ranking(best, "name", measure, title="Location") if best else None
    view.chart("Ranking", chart, f"In the range: {len(best)} of {len(ranking)}.", empty="No sales in the range.")


def _growth(view: View) -> None:
    rows = _named(queries.growth(view.marts, view.currency, limit=_MOST))
    rows.sort(key=lambda row: row["change_amount"], reverse=True)
    measure = view.measure(f"{MART}.net_amount_last_28d", "change_amount", "Change of net sales")
    chart = charts.ranking(rows, "name", measure, title="Location", more=(view.measure(f"{MART}.growth_28d_pct"),))
    view.chart(
        "Growth over 28 days",
        chart if rows else None,
        "The largest changes in money against the 28 days before.",
        empty="Nothing was sold in the last 56 days.",
    )


def _spread(view: View, ranking: list[Row]) -> None:
    chart = charts.scatter(
        ranking,
        view.measure(f"{MART}.orders_per_trading_day", title="Orders a day with orders"),
        view.measure(f"{MART}.average_order_value", title="Average order"),
        label="name",
        title="Location",
    )
    view.chart("Traffic and ticket", chart if ranking else None, "Each point is a location, in the range.")


def _months(view: View, order: list[str]) -> None:
    rows = _named(queries.months(view.marts, view.filters))
    measure = view.measure(f"{MART}.net_amount", title="Net sales")
    known = {row["name"] for row in rows}
    chart = (
        charts.lines(rows, "month", measure, series="name", order=[one for one in order if one in known])
        if rows
        else None
    )
    view.chart("The five largest, by month", chart, "The first and the last month may be cut by the range.")


PAGE = Page(
    name="locations",
    title="Locations",
    icon=":material/storefront:",
    question="Which locations lead, and which are growing?",
    product=PRODUCT,
    tables=(MART, "sales_by_location"),
    filters=(filters.CURRENCY, filters.DATES, filters.APP),
    render=render,
)
