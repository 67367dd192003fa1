"""Which customers are about to be lost, and whom to call first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, tables, wording
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import churn_indicators as queries
from medallion.dashboard.queries import effects
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "churn_indicators"
_IN_RHYTHM = {"one day": "one day only", "active": "in rhythm", "overdue": "overdue", "lost": "lost"}


def render(view: View) -> None:
    """The page."""
    summary = queries.summary(view.marts, view.currency)
    if not summary["customer_count"]:
        view.say("No order names a customer in this currency: there is nobody to lose.")
        return
    calls = queries.worth_calling_count(view.marts, view.currency)
    days = queries.rule_days(view.marts)
    rule = "one rule for all" if days is None else f"the {days}-day rule"
    _open(view, summary, calls)
    left, right = view.columns()
    with left:
        _silence(view)
    with right:
        _rhythm(view, rule)
    _survival(view)
    view.table(
        "Worth a call",
        MART,
        queries.worth_calling(view.marts, view.currency, tables.MOST_SHOWN),
        lambda: queries.worth_calling(view.marts, view.currency, tables.MOST_DOWNLOADED),
        total=calls["customer_count"],
        note=f"At risk by {rule}, ordered on several days before; those who brought most first.",
    )


def _open(view: View, summary: Row, calls: Row) -> None:
    view.say(_sentence(view, summary, calls))
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
        # In place of what the sentence says already.
        shown[2] = view.figure(f"{MART}.value_at_risk", lost["value_at_risk"], how="Summed over all customers.")
    view.figures(*shown)


def _sentence(view: View, summary: Row, calls: Row) -> str:
    if not summary["at_risk_count"]:
        return f"**Nobody** of {view.count(summary['customer_count'], 'customer')} is at risk."
    sentence = (
        f"**{summary['at_risk_count']:,}** of {view.count(summary['customer_count'], 'customer')}"
        f" (**{view.rate(summary['at_risk_rate'])}**) {'is' if summary['at_risk_count'] == 1 else 'are'} at risk."
    )
    if not calls["customer_count"]:
        return f"{sentence} None of them came more than once."
    return (
        f"{sentence} **{calls['customer_count']:,}** of them came more than once and brought"
        f" {view.money(calls['value'])} so far: the list below is sorted by that."
    )


def _silence(view: View) -> None:
    rows = [
        {**row, "label": "360+" if row["days"] >= 360 else f"{row['days']}–{row['days'] + 14}"}
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
        "How long customers have been silent",
        chart,
        "By days since the last order, up to the date of the data; colours are the status.",
    )


def _rhythm(view: View, rule: str) -> None:
    if view.has(MART, "rhythm_status"):
        rows = [
            {**row, "rhythm": _IN_RHYTHM.get(row["rhythm_status"], row["rhythm_status"])}
            for row in queries.rhythm_statuses(view.marts, view.currency)
        ]
        chart = charts.bars(
            rows,
            "rhythm",
            Measure("customer_count", "Customers"),
            order=[_IN_RHYTHM[one] for one in queries.RHYTHM_STATUSES],
            series="churn_status",
            series_order=(queries.ACTIVE, queries.AT_RISK),
        )
        view.chart(
            f"Own rhythm against {rule}",
            chart,
            f"Bars are by the customer's own rhythm of ordering; colours say what {rule} says.",
        )
        return
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
        f"Own rhythm against {rule}",
        chart,
        f"Beyond rhythm: silent for over {queries.OWN_RHYTHM_TIMES:g} times the own average gap between order days."
        + (warning if early else ""),
    )


def _survival(view: View) -> None:
    if not view.has("customer_survival"):
        return
    rows = effects.survival(view.marts, view.currency)
    chart = charts.curve(
        rows,
        Measure("days_since_first_order", "Days since the first order"),
        view.measure("customer_survival.survival_rate", title="Not churned"),
        series="cohort",
        is_stepped=True,
    )
    view.chart(
        "How long customers stay",
        chart if rows else None,
        "Share of customers who have not churned, for the largest cohorts by the month of their first order.",
    )
    view.companions("customer_survival")


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
