"""Which customers are about to be lost, and whom to call first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, tables, wording
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import churn_indicators as queries
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "churn_indicators"


def render(view: View) -> None:
    """The page."""
    summary = queries.summary(view.marts, view.currency)
    if not summary["customer_count"]:
        view.say("No order names a customer in this currency: there is nobody to lose.")
        return
    calls = queries.worth_calling_count(view.marts, view.currency)
    _open(view, summary, calls)
    left, right = view.columns()
    with left:
        _silence(view)
    with right:
        _rhythm(view)
    view.companions("customer_survival")
    view.table(
        "Worth a call",
        MART,
        queries.worth_calling(view.marts, view.currency, tables.MOST_SHOWN),
        lambda: queries.worth_calling(view.marts, view.currency, tables.MOST_DOWNLOADED),
        total=calls["customer_count"],
        note="Customers at risk who ordered on several days, most valuable first.",
    )


def _open(view: View, summary: Row, calls: Row) -> None:
    view.say(
        f"**{view.count(summary['at_risk_count'], 'customer')}** of {summary['customer_count']:,}"
        f" (**{view.rate(summary['at_risk_rate'])}**) are at risk."
        f" **{view.count(calls['customer_count'], 'customer')}** of them came more than once and brought"
        f" {view.money(calls['value'])} so far: the list below is sorted by that."
    )
    shown = [
        view.figure(
            f"{MART}.churn_status", summary["at_risk_rate"], label="At risk", unit="rate", how="Share of all customers."
        ),
        view.figure(
            f"{MART}.churn_status",
            calls["customer_count"],
            label="Worth a call",
            unit="count",
            how="Customers at risk with orders on two days or more.",
        ),
        view.figure(
            "customer_lifetime_value.customer_lifetime_value",
            calls["value"],
            label="Their value so far",
            how="Summed over the customers worth a call.",
        ),
        view.figure(
            f"{MART}.spend_last_90d",
            summary["spend_last_90d"],
            label="Spent in 90 days",
            how="Summed over all customers.",
            note=f"{view.money(summary['spend_prior_90d'])} in the 90 before",
        ),
        view.figure(
            f"{MART}.days_since_last_order",
            summary["median_silence"],
            label="Median silence",
            how="Half of the customers have been silent for longer.",
        ),
    ]
    if view.has(MART, "value_at_risk"):
        lost = queries.value_at_risk(view.marts, view.currency)
        shown.append(view.figure(f"{MART}.value_at_risk", lost["value_at_risk"], how="Summed over all customers."))
    view.figures(*shown)


def _silence(view: View) -> None:
    rows = [
        {**row, "label": "360 and more" if row["days"] >= 360 else f"{row['days']}–{row['days'] + 14}"}
        for row in queries.silence(view.marts, view.currency)
    ]
    chart = charts.bars(
        rows,
        "label",
        Measure("customer_count", "Customers"),
        title="Days since the last order",
        order=list(dict.fromkeys(row["label"] for row in rows)),
        is_dense=True,
        series="churn_status",
        series_order=(queries.ACTIVE, queries.AT_RISK),
    )
    view.chart(
        "How long customers have been silent", chart, "By days since the last order, up to the date of the data."
    )


def _rhythm(view: View) -> None:
    rows = queries.rhythm(view.marts, view.currency)
    chart = charts.bars(
        rows,
        "rhythm",
        Measure("customer_count", "Customers"),
        order=queries.RHYTHMS,
        series="churn_status",
        series_order=(queries.ACTIVE, queries.AT_RISK),
    )
    early = sum(
        row["customer_count"]
        for row in rows
        if row["rhythm"] == "beyond rhythm" and row["churn_status"] == queries.ACTIVE
    )
    warning = f" {wording.count_of(early, 'customer')} broke the own rhythm though the rule still calls them active."
    view.chart(
        "Own rhythm against one rule for all",
        chart,
        f"Beyond rhythm: silent for over {queries.OWN_RHYTHM_TIMES:g} times the own average gap between order days."
        + (warning if early else ""),
    )


PAGE = Page(
    name="churn",
    title="Churn",
    icon=":material/person_off:",
    question="Which customers are we about to lose?",
    product=PRODUCT,
    tables=(MART, "customer_lifetime_value"),
    filters=(filters.CURRENCY,),
    render=render,
)
