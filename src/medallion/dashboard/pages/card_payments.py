"""Card transactions in stores: who takes most, what sells, and how soon a store gets going."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, tables, wording
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import card_payments as queries
from medallion.products.card_payments.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View


def render(view: View) -> None:
    """The page."""
    summary, activation = queries.summary(view.marts), queries.activation(view.marts)
    if not summary["store_count"]:
        view.say("No store has a counted transaction yet.")
        return
    _open(view, summary, {row["scope"]: row for row in activation})
    left, right = view.columns()
    with left:
        _stores(view)
        _devices(view)
    with right:
        _products(view)
        _activation(view, activation)
    _averages(view)
    view.table(
        "Stores",
        "store_ranking",
        queries.top_stores(view.marts, tables.MOST_SHOWN),
        lambda: queries.top_stores(view.marts, tables.MOST_DOWNLOADED),
        total=summary["store_count"],
        note="No file names a currency: amounts are in the unit delivered.",
    )


def _open(view: View, summary: Row, activation: dict[str, Row]) -> None:
    best = queries.top_stores(view.marts, 1)[0]
    everywhere = activation.get(queries.ALL_STORES, {})
    days = everywhere.get("average_days_to_five_transactions")
    going = f" A store takes **{days:,.0f} days** to its fifth transaction on average." if days is not None else ""
    view.say(
        f"**{view.count(summary['store_count'], 'store')}** took **{summary['transacted_amount']:,.0f}** in"
        f" {view.count(summary['transaction_count'], 'transaction')};"
        f" **{best['store_name'] or best['store_id']}** took most.{going}"
    )
    view.figures(
        view.figure("store_ranking.transacted_amount", summary["transacted_amount"], label="Amount", how="All stores."),
        view.figure(
            "store_ranking.transaction_count", summary["transaction_count"], label="Transactions", how="All stores."
        ),
        view.figure(
            "amount_by_typology_country.average_transacted_amount",
            summary["average_amount"],
            label="Average transaction",
            how="Of all stores.",
        ),
        view.figure("store_activation_summary.average_days_to_five_transactions", days, label="To five transactions"),
        view.figure(
            "store_activation_summary.activated_store_count",
            everywhere.get("activated_rate"),
            label="Stores with five",
            unit="rate",
            how="Share of all stores.",
        ),
    )


def _stores(view: View) -> None:
    rows = [{**row, "name": row["store_name"] or row["store_id"]} for row in queries.top_stores(view.marts, 10)]
    measure = view.measure("store_ranking.transacted_amount", title="Amount")
    view.chart("Stores that take most", charts.ranking(_apart(rows), "name", measure, title="Store"), "By amount.")


def _apart(rows: list[Row]) -> list[Row]:
    """Stores of one name with their ids behind it."""
    names = [row["name"] for row in rows]
    return [
        row if names.count(row["name"]) == 1 else {**row, "name": f"{row['name']} ({row['store_id']})"} for row in rows
    ]


def _products(view: View) -> None:
    rows = queries.top_products(view.marts, 10)
    measure = view.measure("product_ranking.transaction_count", title="Transactions")
    view.chart(
        "Products that sell most often", charts.ranking(rows, "product_sku", measure, title="Product"), "By code."
    )


def _devices(view: View) -> None:
    rows = [{**row, "name": _device(row["device_type"])} for row in queries.devices(view.marts)]
    measure = view.measure("device_type_share.transaction_share", title="Share of transactions")
    view.chart("Kinds of device", charts.ranking(rows, "name", measure, title="Device"), "They add up to 100 %.")


def _device(kind: str | None) -> str:
    """A kind of device, which files tell by a code, as people read it."""
    return f"Type {kind}" if kind and kind.isdigit() else kind or "(not known)"


def _activation(view: View, activation: list[Row]) -> None:
    rows = [
        row
        for row in activation
        if row["scope"] != queries.ALL_STORES and row["average_days_to_five_transactions"] is not None
    ]
    measure = view.measure(
        "store_activation_summary.average_days_to_five_transactions", title="Days to the fifth transaction"
    )
    view.chart(
        "How soon stores get going",
        charts.ranking(rows, "scope", measure, title="Typology") if rows else None,
        "Mean days from the first to the fifth transaction, quickest first; stores below five are left out.",
        empty="No store has five transactions yet.",
    )


def _averages(view: View) -> None:
    rows = queries.averages(view.marts)
    chart = charts.heat(
        rows,
        "country",
        "typology",
        Measure("average_transacted_amount", "Average transaction", "score"),
        names=("", ""),
        orders=(sorted({row["country"] for row in rows}), sorted({row["typology"] for row in rows})),
        more=(("transaction_count", "Transactions"),),
        is_slanted=True,
    )
    view.chart(
        "Average transaction by business and country",
        chart if rows else None,
        f"In the {wording.count_of(len({row['country'] for row in rows}), 'country', 'countries')} with most sales.",
    )


PAGE = Page(
    name="card-payments",
    title="Card payments",
    icon=":material/credit_card:",
    question="Which stores take most, and how soon does a store get going?",
    product=PRODUCT,
    tables=(
        "store_ranking",
        "product_ranking",
        "amount_by_typology_country",
        "device_type_share",
        "store_activation_summary",
    ),
    render=render,
)
