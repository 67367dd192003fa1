"""Whether discounts bring larger baskets and customers who come back, or only cost margin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, tables, uncertain
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import effects
from medallion.dashboard.queries import pricing_discount_effectiveness as queries
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "pricing_discount_effectiveness"
_NAMES = {"discounted": "Discounted", "full_price": "Full price"}
_BUCKETS = {bucket: "none" if bucket == "0" else f"{bucket.replace('-', '–')} %" for bucket in queries.BUCKETS}


def render(view: View) -> None:
    """The page."""
    classes = queries.classes(view.marts, view.currency)
    if not classes:
        view.say("There are no orders in this currency.")
        return
    _open(view, classes)
    rows = [{**row, "name": _NAMES[name]} for name, row in classes.items() if row["order_count"]]
    left, right = view.columns()
    with left:
        _bars(view, rows, "average_order_value", "Average order", "After discounts.")
        _depths(view)
    with right:
        _bars(view, rows, "repeat_30d_rate", "Ordered again within 30 days", "Orders of customers, old enough to tell.")
        _items(view)
    left, right = view.columns()
    with left:
        _repeats(view)
    with right:
        _elasticities(view)
    view.companions("discount_repeat_effect")
    _tables(view, classes)


def _open(view: View, classes: dict[str, Row]) -> None:
    totals = queries.totals(view.marts, view.currency)
    discounted, full = (classes.get(one, {}) for one in (queries.DISCOUNTED, queries.FULL_PRICE))
    if discounted.get("order_count"):
        ticket, other = discounted["average_order_value"], full.get("average_order_value")
        compared = f" Such an order brings **{view.money(ticket)}**"
        compared += f" against {view.money(other)} at full price." if other is not None else "."
        view.say(
            f"**{view.rate(discounted['order_share'])}** of the orders carry a discount; together they gave away"
            f" **{view.money(totals['discount_amount'])}** ({view.rate(totals['discount_rate'])} of gross sales)."
            f"{compared}"
        )
    else:
        view.say("No order carries a discount: everything was sold at full price.")
    view.figures(
        view.figure(f"{MART}.order_share", discounted.get("order_share"), label="Discounted orders"),
        view.figure(
            f"{MART}.discount_amount", totals["discount_amount"], label="Given away", how="Summed over all orders."
        ),
        view.figure(
            f"{MART}.discount_rate", totals["discount_rate"], label="Discount rate", how="Of all orders together."
        ),
        view.figure(f"{MART}.repeat_30d_rate", discounted.get("repeat_30d_rate"), label="Repeat: discounted"),
        view.figure(f"{MART}.repeat_30d_rate", full.get("repeat_30d_rate"), label="Repeat: full price"),
    )


def _bars(view: View, rows: list[Row], column: str, title: str, note: str) -> None:
    known = [row for row in rows if row[column] is not None]
    measure = view.measure(f"{MART}.{column}", title=title)
    empty = "No customer's order is old enough."
    view.chart(title, charts.bars(known, "name", measure) if known else None, note, empty=empty)


def _depths(view: View) -> None:
    rows = queries.depths(view.marts, view.currency) if view.marts.has("pricing_by_discount_depth") else []
    shown = [{**row, "depth": _BUCKETS.get(row["bucket"], row["bucket"])} for row in rows if row["bucket"] != "0"]
    chart = charts.bars(
        shown, "depth", Measure("order_count", "Orders"), title="Discount", order=list(_BUCKETS.values())
    )
    view.chart(
        "How deep discounts are",
        chart if shown else None,
        "Orders by their discount in percent of gross; orders without one are left out.",
        empty="No order carries a discount.",
    )


def _items(view: View) -> None:
    rows = queries.items(view.marts, view.currency, 200) if view.marts.has("pricing_by_item") else []
    shown = [row for row in rows if row["average_unit_price"] is not None and row["average_unit_price"] > 0]
    chart = charts.scatter(
        shown,
        view.measure("pricing_by_item.average_unit_price", title="Average unit price"),
        Measure("item_quantity", "Units sold"),
        label="item_name",
        title="Item",
        is_wide=True,
    )
    view.chart("Price and volume", chart if shown else None, "Each point is an item, of those with most sales.")


def _repeats(view: View) -> None:
    if not view.has("discount_repeat_effect"):
        return
    rows = effects.discount_repeat(view.marts, view.currency)
    told = [{**row, "name": f"within {row['repeat_days']} days"} for row in rows if row["low"] is not None]
    reason = next((row["reason"] for row in rows if row["reason"]), "no order can be compared")
    measure = view.measure("discount_repeat_effect.estimate", title="More repeats than at full price")
    view.chart(
        "Do discounts bring customers back?",
        uncertain.intervals(told, "name", measure) if told else None,
        "Difference of repeat rates on comparable days with its 95 % interval; one that crosses zero may be chance.",
        empty=f"It cannot be told: {reason}.",
    )


def _elasticities(view: View) -> None:
    if not view.has("pricing_by_item", "price_elasticity", "price_elasticity_low", "price_elasticity_high"):
        return
    rows = effects.elasticities(view.marts, view.currency, 12)
    measure = Measure("estimate", "Units, % per 1 % more price", "score")
    view.chart(
        "How price moves volume",
        uncertain.intervals(rows, "item_name", measure) if rows else None,
        "Elasticity of the items with most sales, 95 % interval: below −1 a higher price loses revenue.",
        empty="No item's price has changed enough from month to month.",
    )


def _tables(view: View, classes: dict[str, Row]) -> None:
    rows = list(classes.values())
    view.table("Discounted and full price", MART, rows, lambda: rows)
    if not view.marts.has("pricing_by_item"):
        return
    view.table(
        "Items",
        "pricing_by_item",
        queries.items(view.marts, view.currency, tables.MOST_SHOWN),
        lambda: queries.items(view.marts, view.currency, tables.MOST_DOWNLOADED),
        total=queries.item_count(view.marts, view.currency),
        note="A price below zero is that of a line that was taken back.",
    )


PAGE = Page(
    name="pricing",
    title="Pricing and discounts",
    icon=":material/sell:",
    question="Do discounts pay?",
    product=PRODUCT,
    tables=(MART,),
    filters=(filters.CURRENCY,),
    render=render,
)
