"""How the pipeline runs: runs, tables, checks, quarantine, lineage and the data dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from medallion.catalog import PRODUCTS
from medallion.commands.standing import Standing
from medallion.contracts import Layer
from medallion.dashboard import address, charts, figures, flow, frame, tables, wording
from medallion.dashboard.figures import Figure
from medallion.dashboard.measures import Measure
from medallion.dashboard.page import Page
from medallion.dashboard.queries import pipeline as queries
from medallion.dashboard.reading import Unavailable
from medallion.documentation.definitions import member_of
from medallion.products.restaurant.product import PRODUCT

if TYPE_CHECKING:
    from medallion.dashboard.queries.pipeline import Pipeline
    from medallion.dashboard.reading import Source
    from medallion.data_product import DataProduct

_PARTS = {
    "runs": "Runs",
    "tables": "Tables",
    "checks": "Checks",
    "quarantine": "Quarantine",
    "lineage": "Lineage",
    "dictionary": "Data dictionary",
}


def show(source: Source) -> None:
    """The page."""
    st.title(PAGE.title, anchor=False)
    st.caption(PAGE.question)
    frame.watch_file(source)
    known = {one.name: one for one in PRODUCTS}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = address.choose(
            st.selectbox, "product", "Data product", tuple(known), format_func=lambda one: known[one].title, width=260
        )
    product = known[name]
    try:
        found = queries.pipeline_of(source, product)
        _open(found)
        part = address.choose(
            st.segmented_control, "part", "Show", tuple(_PARTS), format_func=lambda one: _PARTS[one], required=True
        )
        _part(source, found, product, part)
    except Unavailable as error:
        frame.say_unavailable(source, error)


def _part(source: Source, found: Pipeline, product: DataProduct, part: str) -> None:
    if part == "runs":
        _runs(source, found)
    elif part == "tables":
        tables.plain("Published tables", queries.table_rows(found), empty="Nothing is published yet.")
    elif part == "checks":
        tables.plain(
            "Checks",
            queries.check_rows(found),
            note="Of each table's last audit; a failed check keeps a layer from being published.",
            empty="Nothing has been checked yet.",
        )
    elif part == "quarantine":
        _quarantine(source, found, product)
    elif part == "lineage":
        _lineage(product)
    else:
        _dictionary()


def _open(found: Pipeline) -> None:
    standing, facts = found.standing, found.facts
    title = standing.product.title
    if standing.last is None:
        figures.lead(f"**{title}** has never run here.")
        return
    failed = [one for one in facts.checks if not one.passed]
    state = "is running" if standing.is_running else f"{standing.last.status.value} in its last run"
    fresh = f", **{facts.freshness}**" if facts.freshness != "nothing promised" else ""
    warned = f"**{wording.count_of(len(failed), 'check')}** did not hold" if failed else "all checks held"
    figures.lead(f"**{title}** {state}{fresh}; {warned}.")
    seconds = queries.run_rows(found)[0]["seconds"] if found.runs else None
    age = f"{standing.age_days:,} days old" if standing.age_days is not None else None
    rejected = "Rejected rows by table and reason; a row with two reasons counts twice."
    figures.show(
        [
            Figure("Version", f"{standing.version or wording.EMPTY}", _help("version", "Published version.")),
            Figure("As of", wording.number(standing.as_of, None), _help("as_of", "Date the marts are seen from.")),
            Figure(
                "Newest data", wording.number(standing.newest, None), _help("newest", "Newest day in the data."), age
            ),
            Figure(
                "Last run",
                wording.EMPTY if seconds is None else f"{seconds:,.1f} s",
                _help("last", "From its start to its end."),
                standing.last.status.value,
            ),
            Figure("In quarantine", f"{queries.rejected(found):,}", _help("rejected", rejected)),
        ]
    )


def _help(name: str, words: str) -> str:
    """What a figure says of how a product stands, and where that is defined."""
    return f"{words} As `medallion status` says it: property `{name}`, defined in `{member_of(Standing, name)}`."


def _runs(source: Source, found: Pipeline) -> None:
    rows = queries.run_rows(found)
    if not rows:
        st.caption("No run yet.")
        return
    left, right = st.columns(2, gap="large")
    shown = [
        {**row, "label": f"{row['started_at']:%d %b %H:%M:%S}"} for row in rows[::-1] if row["seconds"] is not None
    ]
    seconds = Measure("seconds", "Time", "seconds")
    with left:
        st.header("Duration of runs", anchor=False)
        if shown:
            chart = charts.bars(shown, "label", seconds, series="status", title="Started (UTC)", is_dense=True)
            st.altair_chart(chart, width="stretch", alt="Duration of runs")
    with right:
        st.header("Where the last run's time went", anchor=False)
        longest = queries.seconds_rows(source, rows[0]["run"])[:12]
        if longest:
            st.altair_chart(charts.ranking(longest, "table", seconds, title="Table"), width="stretch", alt="Tables")
        else:
            st.caption("It built no table.")
    tables.plain("Runs", rows)


def _quarantine(source: Source, found: Pipeline, product: DataProduct) -> None:
    if not found.standing.rejected:
        st.caption("Quarantine is empty.")
        return
    groups = found.standing.rejected
    rows = [{"table": table, "reason": reason, "rows": number} for table, reason, number in groups]
    tables.plain("Rejected rows by reason", rows)
    names = tuple(dict.fromkeys(table for table, _, _ in groups))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        table = address.choose(st.selectbox, "of", "Rows of", names, width=260)
        reasons = ("all", *(one for name, one, _ in groups if name == table))
        reason = address.choose(st.selectbox, "reason", "Reason", reasons, width=260)
    heading = "Rows as delivered"
    try:
        found_rows, total = queries.rejected_rows(source, product, table, None if reason == "all" else reason)
    except Unavailable as error:
        if not error.is_denied:
            raise
        st.header(heading, anchor=False)
        st.info(
            "This role may not read rejected rows, as they may hold personal data."
            f" Who may sees them with `medallion quarantine list {product.name}` and `quarantine show {product.name}`."
        )
        return
    tables.plain(heading, found_rows, total=total, note=f"What to do: medallion quarantine list {product.name}")


def _lineage(product: DataProduct) -> None:
    everything = "(all)"
    # All of a large product fills many screens: a mart is shown first.
    marts = [step.table.name for step in product.layer(Layer.GOLD)]
    tables_too = [step.table.name for step in product.steps]
    options = (*dict.fromkeys([product.first_mart.name, *marts, *tables_too]), everything)
    chosen = address.choose(st.selectbox, "table", "Table", options, width=320)
    graph, here = flow.graph_around(PRODUCTS, product, None if chosen == everything else chosen)
    st.caption("From sources (dashed) through silver to marts (blue). Choose a box to see what leads to and from it.")
    flow.show(graph, here, _choose_table)


def _choose_table(key: str) -> None:
    product, _, table = key.partition(".")
    address.say("product", product)
    address.say("table", table)


def _dictionary() -> None:
    words = st.text_input("Search", placeholder="for example: discount rate", key="words", max_chars=200)
    rows = queries.dictionary(PRODUCTS, words)
    tables.plain("Columns", rows[: tables.MOST_SHOWN], total=len(rows), empty="No column matches.")


PAGE = Page(
    name="pipeline",
    title="Pipeline",
    icon=":material/account_tree:",
    question="What ran, what is published, how fresh is it, and what was refused?",
    product=PRODUCT,
    live=show,
)
