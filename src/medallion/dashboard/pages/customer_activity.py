"""What customers of Marketing 360 order, and how long shipping takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, tables, wording
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import customer_activity as queries
from medallion.products.marketing_360.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "customer_activity"


def render(view: View) -> None:
    """The page."""
    summary = queries.summary(view.marts)
    if not summary["customer_count"]:
        view.say("No customer has signed up yet.")
        return
    _open(view, summary)
    left, right = view.columns()
    with left:
        _delays(view)
    with right:
        _orders(view)
    _statuses(view)
    _table(view)


def _open(view: View, summary: Row) -> None:
    shipping = ""
    if summary["average_days"] is not None:
        shipping = (
            f" An order is shipped after **{summary['average_days']:,.1f} days** on average;"
            f" **{view.count(summary['waiting_count'], 'order')}** wait for it."
        )
    view.say(
        f"**{summary['ordering_count']:,}** of {view.count(summary['customer_count'], 'customer')} have ordered"
        f" **{view.count(summary['order_count'], 'time')}**, for {wording.exact_money(summary['order_total'], '')} in"
        f" all.{shipping}"
    )
    view.figures(
        view.figure(f"{MART}.customer_id", summary["customer_count"], label="Customers", unit="count", how="Counted."),
        view.figure(f"{MART}.order_id", summary["order_count"], label="Orders", unit="count", how="Counted."),
        view.figure(f"{MART}.order_total", summary["order_total"], label="Ordered for", how="Summed over all orders."),
        view.figure(
            f"{MART}.days_from_order_to_ship",
            summary["average_days"],
            label="To shipping",
            how="Mean over shipped orders.",
            note=f"median {wording.number(summary['median_days'], 'days')}",
        ),
        view.figure(
            f"{MART}.days_from_order_to_ship",
            summary["waiting_count"],
            label="Not shipped",
            unit="count",
            how="Orders without a day of shipping.",
        ),
    )


def _delays(view: View) -> None:
    rows = [
        {**row, "label": f"{row['days']}+" if row["days"] >= queries.LONGEST else str(row["days"])}
        for row in queries.delays(view.marts)
    ]
    chart = charts.bars(rows, "label", Measure("order_count", "Orders"), title="Days from order to shipping")
    view.chart("How long shipping takes", chart if rows else None, "Shipped orders.", empty="Nothing is shipped yet.")


def _statuses(view: View) -> None:
    rows = queries.statuses(view.marts)
    chart = charts.ranking(rows, "delivery_status", Measure("order_count", "Orders"), title="Status")
    view.chart("Where deliveries stand", chart if rows else None, empty="There are no orders yet.")


def _orders(view: View) -> None:
    rows = [
        {**row, "label": "10+" if row["orders"] >= 10 else str(row["orders"])}
        for row in queries.orders_per_customer(view.marts)
    ]
    chart = charts.bars(rows, "label", Measure("customer_count", "Customers"), title="Orders of a customer")
    view.chart("How often customers order", chart)


def _table(view: View) -> None:
    known = [row["delivery_status"] for row in queries.statuses(view.marts)]
    status = view.pick("status", "Delivery status", known, everything="All")
    view.table(
        "Orders, longest shipping first",
        MART,
        queries.orders(view.marts, status, tables.MOST_SHOWN),
        lambda: queries.orders(view.marts, status, tables.MOST_DOWNLOADED),
        total=queries.count(view.marts, status),
        note="Names and e-mail addresses are left out.",
    )


PAGE = Page(
    name="customer-activity",
    title="Customer activity",
    icon=":material/local_shipping:",
    question="What do customers order, and how long does shipping take?",
    product=PRODUCT,
    tables=(MART,),
    render=render,
)
