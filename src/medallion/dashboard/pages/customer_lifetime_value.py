"""What customers are worth so far, and which few of them bring most of the revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, tables
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import customer_lifetime_value as queries
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "customer_lifetime_value"


def render(view: View) -> None:
    """The page."""
    summary = queries.summary(view.marts, view.currency)
    if not summary["customer_count"]:
        view.say("No order names a customer in this currency: there is nobody to value.")
        return
    tiers = queries.tiers(view.marts, view.currency)
    _open(view, summary, tiers)
    left, right = view.columns()
    with left:
        _distribution(view)
    with right:
        _concentration(view)
    left, right = view.columns()
    has_predictions = view.has(MART, *queries.PREDICTED)
    with left:
        _tiers(view, tiers)
    with right:
        (_predictions if has_predictions else _cohorts)(view)
    if has_predictions:
        _cohorts(view)
    view.companions("clv_model")
    _customers(view, tiers)


def _open(view: View, summary: Row, tiers: list[Row]) -> None:
    top = queries.share_of(tiers, "High")
    best = f"the top tier brings **{view.rate(top['share'])}** of it, and " if top["share"] is not None else ""
    verb = "is" if summary["customer_count"] == 1 else "are"
    view.say(
        f"**{view.count(summary['customer_count'], 'customer')}** {verb} worth"
        f" **{view.money(summary['value'])}** so far: {best}"
        f"**{view.rate(summary['repeat_rate'])}** of all customers came back at least once."
    )
    shown = [
        view.figure(
            f"{MART}.customer_lifetime_value",
            summary["value"],
            label="Value of all customers",
            how="Summed over the customers.",
        ),
        view.figure(f"{MART}.user_id", summary["customer_count"], label="Customers", unit="count", how="Counted."),
        view.figure(
            f"{MART}.customer_lifetime_value",
            summary["average_value"],
            label="Average customer",
            how="Mean over the customers.",
            note=f"median {view.money(summary['median_value'])}",
        ),
        view.figure(
            f"{MART}.value_tier",
            top["share"],
            label="Revenue of top tier",
            unit="rate",
            how="Share of the tier High in the value of all customers.",
        ),
        view.figure(
            f"{MART}.order_count",
            summary["repeat_rate"],
            label="Came back",
            unit="rate",
            how="Share of the customers with two orders or more.",
        ),
    ]
    if view.has(MART, *queries.PREDICTED):
        expected = queries.expected(view.marts, view.currency)
        # In place of what the sentence says already.
        shown[3] = view.figure(
            f"{MART}.predicted_clv_365d",
            expected["predicted_clv_365d"],
            label="Next 365 days",
            how="Summed over the customers with a prediction; a model's estimate, not a promise.",
        )
    view.figures(*shown)


def _distribution(view: View) -> None:
    rows = queries.distribution(view.marts, view.currency)
    shown = [{**row, "label": _step(view, row)} for row in rows]
    view.chart(
        "How values spread",
        charts.bars(shown, "label", Measure("customer_count", "Customers"), title="Value", is_dense=True),
        "Customers by what they spent so far; the last bar holds all above.",
    )


def _step(view: View, row: Row) -> str:
    end = " and more" if row["is_last"] else f" to {view.short(row['to'])}"
    return f"{view.short(row['from'])}{end}"


def _concentration(view: View) -> None:
    rows = queries.concentration(view.marts, view.currency)
    chart = charts.curve(
        [{"customer_share": 0.0, "revenue_share": 0.0}, *rows],
        Measure("customer_share", "Customers, best first", "rate"),
        Measure("revenue_share", "Share of revenue", "rate"),
    )
    view.chart(
        "How concentrated revenue is",
        chart + charts.rule_at(0.2, "the best fifth of the customers"),
        "The steeper the start, the more depends on few customers; the dashed line is the best fifth.",
    )


def _tiers(view: View, tiers: list[Row]) -> None:
    measure = view.measure(f"{MART}.customer_lifetime_value", title="Value so far")
    view.chart(
        "Value by tier",
        charts.bars(tiers, "value_tier", measure, order=queries.TIERS),
        "Tiers are shares of the customers by rank: top, middle and bottom.",
    )


def _cohorts(view: View) -> None:
    rows = queries.cohort_values(view.marts, view.currency) if view.marts.has("customer_cohorts") else []
    chart = charts.curve(
        rows,
        Measure("month_number", "Months since the first order"),
        Measure("value_per_customer", "Spent per customer", "currency", view.currency),
        series="cohort_year",
    )
    view.chart(
        "Value over time, by year of the first order",
        chart if rows else None,
        "What an average customer of each year had spent so many months after the first order.",
        empty="No month is complete yet.",
    )


def _predictions(view: View) -> None:
    rows = queries.predictions(view.marts, view.currency)
    measure = view.measure(f"{MART}.predicted_clv_365d", title="Expected value")
    view.chart(
        "Expected in the next 365 days",
        charts.bars(rows, "predicted_tier", measure, order=queries.TIERS) if rows else None,
        "By predicted tier; a model's estimate, not a promise.",
        empty="The model has no prediction for this currency; see clv_model for the reason.",
    )


def _customers(view: View, tiers: list[Row]) -> None:
    tier = view.choose("tier", "Tier", ("all", *queries.TIERS), names={"all": "All tiers"})
    chosen = None if tier == "all" else tier
    total = sum(row["customer_count"] for row in tiers if chosen in (None, row["value_tier"]))
    view.table(
        "Customers",
        MART,
        queries.customers(view.marts, view.currency, chosen, tables.MOST_SHOWN),
        lambda: queries.customers(view.marts, view.currency, chosen, tables.MOST_DOWNLOADED),
        total=total,
    )


PAGE = Page(
    name="customer-lifetime-value",
    title="Customer lifetime value",
    icon=":material/diamond:",
    question="What is each customer worth, and who brings most of the revenue?",
    product=PRODUCT,
    tables=(MART,),
    filters=(filters.CURRENCY,),
    render=render,
)
