"""Whether members of the loyalty programme buy more, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, uncertain
from medallion.dashboard.page import Page
from medallion.dashboard.queries import effects
from medallion.dashboard.queries import loyalty_program_impact as queries
from medallion.products.restaurant.gold.loyalty_effect import JOINING, MEMBERSHIP
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "loyalty_program_impact"
_NAMES = {"member": "Members", "non_member": "Other customers", "guest": "Guests"}
_METRICS = {"customer_lifetime_value": "Value of a customer", "average_order_value": "Average order of a customer"}
_CAVEAT = (
    "Members chose to join, and mostly were the keener customers before: a difference says who joins, not what the"
    " programme brings about."
)


def render(view: View) -> None:
    """The page."""
    rows = [{**row, "name": _NAMES[row["member_status"]]} for row in queries.statuses(view.marts, view.currency)]
    if not rows:
        view.say("There are no orders in this currency.")
        return
    found = {row["member_status"]: row for row in rows}
    differences = _members_less_others(view)
    _open(view, found, differences)
    _differences(view, differences)
    _joining(view)
    left, right = view.columns()
    with left:
        _bars(view, rows, "average_order_value", "Average order", "Of every order of the group.")
        _bars(view, rows, "net_amount", "Revenue", "Guests included.")
    with right:
        _bars(view, rows, "orders_per_customer", "Orders per customer", "Guests are not known as customers.")
        _bars(
            view, rows, "repeat_customer_rate", "Came back", "Share of the group's customers with two orders or more."
        )
    view.companions("loyalty_effect")
    plain = queries.statuses(view.marts, view.currency)
    view.table("Members, other customers, guests", MART, plain, lambda: plain)


def _members_less_others(view: View) -> dict[str, Row]:
    """The difference of members and other customers in each metric that the mart compares them by."""
    if not view.has("loyalty_effect"):
        return {}
    return {
        metric: row
        for metric in _METRICS
        for row in effects.loyalty(view.marts, view.currency, metric)
        if row["comparison"] == MEMBERSHIP
    }


def _open(view: View, found: dict[str, Row], differences: dict[str, Row]) -> None:
    member = found.get(queries.MEMBER)
    if member is None:
        view.say("No order was placed in the loyalty programme: there are no members to compare.")
    else:
        value = differences.get("customer_lifetime_value", {}).get("estimate")
        compared = ""
        if value is not None:
            word = "more" if value >= 0 else "less"
            compared = f" A member is worth **{view.money(abs(value))} {word}** than another customer on average."
        view.say(
            f"**{view.count(member['customer_count'], 'member')}** bring **{view.rate(member['net_amount_share'])}** of"
            f" the revenue with {view.rate(member['order_share'])} of the orders.{compared} {_CAVEAT}"
        )
    shown = []
    for status in (queries.MEMBER, queries.NON_MEMBER):
        row, name = found.get(status), _NAMES[status]
        short = "members" if status == queries.MEMBER else "others"
        mean = row["average_customer_lifetime_value"] if row else None
        shown.append(view.figure(f"{MART}.customer_count", row["customer_count"] if row else 0, label=name))
        shown.append(view.figure(f"{MART}.average_customer_lifetime_value", mean, label=f"Value: {short}"))
    share = member["net_amount_share"] if member else None
    shown.append(view.figure(f"{MART}.net_amount_share", share, label="Members' revenue"))
    view.figures(*shown)


def _differences(view: View, differences: dict[str, Row]) -> None:
    rows = [{**row, "name": _METRICS[one]} for one, row in differences.items() if row["low"] is not None]
    reasons = "; ".join(dict.fromkeys(row["reason"] for row in differences.values() if row["reason"]))
    measure = view.measure(f"{MART}.average_customer_lifetime_value", "estimate", "Members less other customers")
    view.chart(
        "How sure the difference is",
        uncertain.intervals(rows, "name", measure) if rows else None,
        "Difference of the means with its 95 % confidence interval (Welch); one that crosses zero may be chance.",
        empty=f"It cannot be told: {reasons or 'there are no customers to compare'}.",
    )


def _joining(view: View) -> None:
    if not view.has("loyalty_effect"):
        return
    rows = [
        {**row, "name": "Spending after joining"}
        for row in effects.loyalty(view.marts, view.currency, "net_amount")
        if row["comparison"] == JOINING
    ]
    told = [row for row in rows if row["low"] is not None]
    reason = next((row["reason"] for row in rows if row["reason"]), "no customer joined")
    measure = view.measure(f"{MART}.net_amount", "estimate", "More per joiner than without joining")
    view.chart(
        "What joining brings",
        uncertain.intervals(told, "name", measure) if told else None,
        "How much more the spending of joiners changed than that of like customers who had not joined by then"
        " (difference in differences, 95 % interval). It tells of the programme only if, among customers alike in their"
        " past orders, who joins has nothing to do with how they would have ordered anyway; where those join who were"
        " about to order more, the figure is too high.",
        empty=f"It cannot be told: {reason}.",
    )


def _bars(view: View, rows: list[Row], column: str, title: str, note: str) -> None:
    known = [row for row in rows if row[column] is not None]
    measure = view.measure(f"{MART}.{column}", title=title)
    view.chart(title, charts.bars(known, "name", measure) if known else None, note, empty="No order names a customer.")


PAGE = Page(
    name="loyalty",
    title="Loyalty impact",
    icon=":material/loyalty:",
    question="Do members buy more than others?",
    product=PRODUCT,
    tables=(MART,),
    filters=(filters.CURRENCY,),
    render=render,
)
