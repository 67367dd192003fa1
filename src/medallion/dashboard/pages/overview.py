"""How the business stands, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, tables, wording
from medallion.dashboard.page import Page
from medallion.dashboard.queries import churn_indicators, customer_lifetime_value, location_performance, sales_trends
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.view import View


def render(view: View) -> None:
    """The page."""
    _open(view)
    left, right = view.columns()
    with left:
        _months(view)
        _tiers(view)
    with right:
        _places(view)
        _categories(view)
    months = sales_trends.periods(view.marts, view.filters, "month")
    view.table("By month", "sales_trends", months[::-1][: tables.MOST_SHOWN], lambda: months, total=len(months))


def _open(view: View) -> None:
    totals = sales_trends.totals(view.marts, view.filters)
    before = view.filters.before
    change = sales_trends.change(view.marts, view.filters, *before) if before else None
    customers = customer_lifetime_value.summary(view.marts, view.currency)
    risk = churn_indicators.summary(view.marts, view.currency)
    trend = f", **{wording.change(change)}** on the {view.filters.days:,} days before" if change is not None else ""
    at_risk = (
        f" Of {view.count(customers['customer_count'], 'customer')}, **{view.rate(risk['at_risk_rate'])}** are at risk"
        " of leaving."
        if customers["customer_count"]
        else " No order names a customer."
    )
    orders = view.count(totals["order_count"], "order")
    view.say(f"**{view.money(totals['net_amount'])}** net sales from {orders} ({view.filters.words}){trend}.{at_risk}")
    range_sum = "Summed over the range."
    against = f" Up or down against the {view.filters.days:,} days before." if change is not None else ""
    view.figures(
        view.figure(
            "sales_by_location.net_amount",
            totals["net_amount"],
            label="Net sales",
            how=range_sum + against,
            note=wording.change(change) if change is not None else None,
        ),
        view.figure("sales_by_location.order_count", totals["order_count"], label="Orders", how=range_sum),
        view.figure(
            "sales_trends.average_order_value",
            totals["average_order_value"],
            label="Average order",
            how="Of the range.",
        ),
        view.figure(
            "customer_lifetime_value.user_id",
            customers["customer_count"],
            label="Customers",
            unit="count",
            how="All so far, whatever the range.",
        ),
        view.figure(
            "churn_indicators.churn_status",
            risk["at_risk_rate"],
            label="At risk",
            unit="rate",
            how="Share of all customers.",
            note=view.count(risk["at_risk_count"], "customer") if customers["customer_count"] else None,
        ),
    )


def _months(view: View) -> None:
    rows = [row for row in sales_trends.periods(view.marts, view.filters, "month") if not row["is_partial"]]
    chart = charts.columns_with_line(
        rows,
        "period_start",
        view.measure("sales_trends.net_amount", title="Net sales"),
        view.measure("sales_trends.year_ago_net_amount", title="A year before"),
    )
    note = "Whole months; the line is the same month a year before."
    view.chart("Net sales by month", chart if rows else None, note, empty="The range has no whole month.")


def _tiers(view: View) -> None:
    rows = customer_lifetime_value.tiers(view.marts, view.currency)
    measure = view.measure("customer_lifetime_value.customer_lifetime_value", title="Value so far")
    view.chart(
        "Customer value by tier",
        charts.bars(rows, "value_tier", measure) if rows else None,
        "All customers so far: the best fifth, the middle, and the last fifth.",
        empty="No order names a customer.",
    )


def _places(view: View) -> None:
    rows = location_performance.ranking(view.marts, view.filters, limit=8)
    named = [{**row, "name": wording.location(row["restaurant_id"])} for row in rows]
    measure = view.measure("location_performance.net_amount", title="Net sales")
    chart = charts.ranking(named, "name", measure, title="Location") if rows else None
    view.chart("Locations with most sales", chart, "In the range.", empty="No sales in the range.")


def _categories(view: View) -> None:
    rows = sales_trends.categories(view.marts, view.filters, limit=8)
    measure = view.measure("sales_by_category.net_amount", title="Net sales")
    chart = charts.ranking(rows, "item_category", measure, title="Category") if rows else None
    view.chart("What sold", chart, "Menu categories in the range.", empty="No sales in the range.")


PAGE = Page(
    name="overview",
    title="Overview",
    icon=":material/space_dashboard:",
    question="How does the business stand?",
    product=PRODUCT,
    tables=(
        "sales_trends",
        "sales_by_location",
        "sales_by_category",
        "location_performance",
        "customer_lifetime_value",
        "churn_indicators",
    ),
    filters=(filters.CURRENCY, filters.DATES),
    render=render,
)
