"""Who the best, newest and fading customers are, and how they move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medallion.dashboard import charts, filters, tables, wording
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import customer_segments as queries
from medallion.dashboard.queries import effects
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.reading import Row
    from medallion.dashboard.view import View

MART = "customer_segments"
_SCORES = (1, 2, 3, 4, 5)


def render(view: View) -> None:
    """The page."""
    sizes = queries.sizes(view.marts, view.currency)
    if not sizes:
        view.say("No order names a customer in this currency: there is nobody to group.")
        return
    moves, since = _moved(view)
    _open(view, sizes, moves, since)
    by = view.choose("size", "Segments by", ("customers", "revenue"))
    left, right = view.columns()
    with left:
        _sizes(view, sizes, by)
    with right:
        _grid(view)
    if moves:
        left, right = view.columns()
        with left:
            _retention(view)
        with right:
            _moves(view, moves, since)
    else:
        _retention(view)
        _moves(view, moves, since)
    view.companions("customer_segment_changes", "customer_cohorts")
    _customers(view, sizes)


def _moved(view: View) -> tuple[list[Row], str]:
    """Who moved between segments, and since when in words; none where there is nothing to compare with."""
    if view.has("customer_segment_changes"):
        rows = effects.segment_moves(view.marts, view.currency)
        if rows:
            return rows, wording.day(rows[0]["from_as_of"])
    before = view.marts.pinned.before
    if before is not None and view.marts.has_before(MART):
        return queries.moves(view.marts, view.currency), f"version {before.number}"
    return [], ""


def _open(view: View, sizes: list[Row], moves: list[Row], since: str) -> None:
    count = sum(row["customer_count"] for row in sizes)
    largest = sizes[0]
    fading = queries.fading(view.marts, view.currency)
    moved = sum(row["customer_count"] for row in moves if row["from_segment"] not in ("(new)", row["to_segment"]))
    moving = f" **{view.count(moved, 'customer')}** moved to another segment since {since}." if moves else ""
    lost = (
        f"**{view.count(fading['customer_count'], 'customer')}** with {view.money(fading['net_amount'])} so far"
        f" {'is' if fading['customer_count'] == 1 else 'are'} fading"
        if fading["customer_count"]
        else "nobody is fading"
    )
    share = f", **{view.rate(largest['share'])}** of it" if largest["share"] is not None else ""
    view.say(
        f"Most revenue comes from **{largest['segment']}** ({view.money(largest['net_amount'])}{share});"
        f" {lost}.{moving}"
    )
    champions = next((row for row in sizes if row["segment"] == "Champions"), None)
    names = ", ".join(queries.FADING)
    view.figures(
        view.figure(f"{MART}.user_id", count, label="Customers", unit="count", how="Counted."),
        view.figure(
            f"{MART}.segment",
            champions["customer_count"] if champions else 0,
            label="Champions",
            unit="count",
            how="Customers of the segment Champions: bought lately and often.",
            note=f"{view.rate(champions['share'])} of revenue" if champions else None,
        ),
        view.figure(
            f"{MART}.segment",
            fading["customer_count"],
            label="Fading",
            unit="count",
            how=f"Customers of the segments {names}.",
        ),
        view.figure(
            f"{MART}.monetary_amount",
            fading["net_amount"],
            label="Spent by the fading",
            how=f"Summed over the segments {names}.",
        ),
        view.figure(
            f"{MART}.segment",
            moved if moves else None,
            label="Moved",
            unit="count",
            how="Customers in another segment than then; those who came since are left out.",
        ),
    )


def _sizes(view: View, sizes: list[Row], by: str) -> None:
    measure = Measure("customer_count", "Customers")
    shown = [{**row, "share": row["customer_share"]} for row in sizes]
    if by == "revenue":
        measure, shown = view.measure(f"{MART}.monetary_amount", "net_amount", "Revenue"), [dict(row) for row in sizes]
    shown.sort(key=lambda row: queries.BEST_FIRST.index(row["segment"]))
    chart = charts.ranking(shown, "segment", measure, title="Segment")
    view.chart("Segments", chart, "From the best customers to those all but gone.")


def _grid(view: View) -> None:
    chart = charts.heat(
        queries.grid(view.marts, view.currency),
        "f_score",
        "r_score",
        Measure("customer_count", "Customers"),
        names=("Frequency (5 is most orders)", "Recency (5 is most recent)"),
        orders=(_SCORES, _SCORES[::-1]),
        more=(("segment", "Segment"),),
        step=44,
    )
    view.chart("Recency and frequency", chart, "Customers by both scores; the best are at the top right.")


def _moves(view: View, moves: list[Row], since: str) -> None:
    changed = [row for row in moves if row["from_segment"] != row["to_segment"]]
    chart = charts.heat(
        changed,
        "to_segment",
        "from_segment",
        Measure("customer_count", "Customers"),
        names=("Now", "Before"),
        orders=(queries.BEST_FIRST, (*queries.BEST_FIRST, "(new)")),
        is_slanted=True,
    )
    view.chart(
        "Moves between segments",
        chart if changed else None,
        f"Customers in another segment than at {since}; new ones in the last row." if since else "",
        empty="Nobody moved." if since else "There is no earlier version of other content to compare with yet.",
    )


def _retention(view: View) -> None:
    rows = queries.retention(view.marts, view.currency) if view.marts.has("customer_cohorts") else []
    cohorts = sorted({row["cohort"] for row in rows}, reverse=True)
    chart = charts.heat(
        rows,
        "month_number",
        "cohort",
        view.measure("customer_cohorts.retention_rate") if rows else Measure("retention_rate", "Retention"),
        names=("Months since the first order", "First order in"),
        orders=(range(1, 13), cohorts),
        more=(("customer_count", "Customers of the cohort"),),
        step=22,
    )
    view.chart(
        "Who comes back",
        chart if rows else None,
        "Share of each month's new customers who ordered again so many months later; complete months only.",
        empty="No cohort has a complete month after its first yet.",
    )


def _customers(view: View, sizes: list[Row]) -> None:
    chosen = view.pick("segment", "Segment", queries.SEGMENTS, everything="All segments")
    view.table(
        "Customers",
        MART,
        queries.customers(view.marts, view.currency, chosen, tables.MOST_SHOWN),
        lambda: queries.customers(view.marts, view.currency, chosen, tables.MOST_DOWNLOADED),
        total=sum(row["customer_count"] for row in sizes if chosen in (None, row["segment"])),
    )


PAGE = Page(
    name="segments",
    title="Segments",
    icon=":material/groups:",
    question="Who are our best, newest and fading customers?",
    product=PRODUCT,
    tables=(MART,),
    filters=(filters.CURRENCY,),
    render=render,
)
