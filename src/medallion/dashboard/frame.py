"""The frame around every page: title, freshness, filters, and what happens while the warehouse cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import streamlit as st

from medallion.dashboard import filters, wording
from medallion.dashboard.reading import Marts, Source, Unavailable
from medallion.dashboard.view import View

if TYPE_CHECKING:
    from medallion.dashboard.filters import Filters
    from medallion.dashboard.page import Page
    from medallion.dashboard.pinned import Pinned

WATCH_SECONDS = 3
# In the session: when somebody last did something, and whether the page shows itself anew.
_TOUCHED, _OWN_ACCORD = "touched", "own accord"
_HELD = "held"  # in the session: the page that shows what was shown last, while the warehouse cannot be read


@dataclass
class Shown:
    """What a page was last shown with, all of it: version, filters and choices."""

    pinned: Pinned
    filters: Filters
    choices: dict[str, Any] = field(default_factory=dict)


def show(page: Page, source: Source) -> None:
    """One page, whole: never an error where data is missing, being written, or gone."""
    if not st.session_state.pop(_OWN_ACCORD, False):
        st.session_state[_TOUCHED] = source.clock()
    with source.kept_open():
        if page.live is not None:
            page.live(source)
        else:
            _show(page, source)


def _show(page: Page, source: Source) -> None:
    st.title(page.title, anchor=False)
    held: Shown | None = st.session_state.get(f"shown {page.name}") if st.session_state.get(_HELD) else None
    try:
        pinned = held.pinned if held else source.pinned(page.product)
    except Unavailable as error:
        if not error.is_denied:
            _watch(source, page, None, is_waiting=True)
        say_unavailable(source, error)
        return
    _watch(source, page, pinned, is_waiting=bool(st.session_state.get(_HELD)))
    if pinned is None:
        _say_nothing_published(page)
        return
    if held:
        _say_held(source, held)
    elif st.session_state.get(_HELD):
        say_unavailable(source, Unavailable(""))
    _body(page, source, pinned, held)


def _body(page: Page, source: Source, pinned: Pinned, held: Shown | None) -> None:
    marts = Marts(source, pinned)
    missing = [one for one in page.tables if not marts.has(one)]
    if missing:
        st.info(f"Version {pinned.number} does not have {', '.join(missing)} yet; the next run brings it.")
        return
    try:
        chosen = filters.ask(page.filters, marts)
        if chosen is None:
            st.info("The marts of this version are empty: no orders have arrived up to its date.")
            return
        view = View(page.product, marts, held.filters if held else chosen, held.choices if held else None)
        page.render(view)
    except Unavailable as error:
        _hold(page, source, pinned, error)
        return
    if not held:
        st.session_state[f"shown {page.name}"] = Shown(pinned, view.filters, view.choices)


def _hold(page: Page, source: Source, pinned: Pinned, error: Unavailable) -> None:
    """Go on with the version that is published now, or else with what was shown last."""
    if error.is_denied:
        say_unavailable(source, error)
        return
    if not st.session_state.get(_HELD):
        current = source.pinned(page.product, is_forced=True)
        is_same = current is None or current.stamp == pinned.stamp
        if is_same and error.is_gone:
            st.info(f"Version {pinned.number} does not have what this page shows; the next run brings it.")
            return
        if is_same:
            st.session_state[_HELD] = True
        _again()
    st.session_state.pop(f"shown {page.name}", None)


@st.fragment(run_every=WATCH_SECONDS)
def _watch(source: Source, page: Page, pinned: Pinned | None, *, is_waiting: bool) -> None:
    """Says which version is shown; shows the newer one soon after its publish, and goes on after a wait."""
    if source.is_left_alone(st.session_state[_TOUCHED]):
        st.caption("Nobody has used this page for a while. It looks for newer data again as soon as somebody does.")
    elif is_waiting:
        if source.is_readable():
            st.session_state.pop(_HELD, None)
            _again()
    else:
        try:
            current = source.pinned(page.product)
        except Unavailable:
            current = pinned
        if (current and current.stamp) != (pinned and pinned.stamp):
            if current:
                st.toast(f"New data: version {current.number}", icon=":material/refresh:")
            _again()
    if pinned is not None:
        with st.container(key="watch"):
            st.caption(wording.plain(freshness(page, pinned)))


def _again() -> None:
    """Shows the page anew though nobody touched it."""
    st.session_state[_OWN_ACCORD] = True
    st.rerun(scope="app")


@st.fragment(run_every=WATCH_SECONDS)
def watch_file(source: Source) -> None:
    """Shows a page anew when the warehouse's file has changed."""
    mark = source.mark()
    if st.session_state.setdefault("mark", mark) != mark:
        st.session_state["mark"] = mark
        st.rerun(scope="app")


def freshness(page: Page, pinned: Pinned) -> str:
    """Which version is shown, and how fresh it is."""
    seconds = (datetime.now(UTC) - pinned.published_at).total_seconds()
    again = f" (version {pinned.origin} again)" if pinned.is_rollback else ""
    as_of = f" · as of {wording.day(pinned.as_of)}" if pinned.as_of else ""
    promised = page.product.governance.freshness
    late = " · later than promised" if promised and seconds > promised.total_seconds() else ""
    return f"{page.question} · Version {pinned.number}{again}{as_of} · published {wording.ago(seconds)}{late}"


def say_unavailable(source: Source, error: Unavailable) -> None:
    """Why there is nothing to see, in one line."""
    if error.is_denied:
        st.info("The warehouse's user may not read what this page shows. The next publish grants it to `reader_role`.")
    else:
        st.info(f"{_why_not(source)}. This page appears as soon as it can be read.")


def _say_held(source: Source, held: Shown) -> None:
    st.info(
        f"{_why_not(source)}: this is version {held.pinned.number} as it was shown last."
        " Filters work again as soon as it can be read."
    )


def _why_not(source: Source) -> str:
    return f"The warehouse {'is being written' if source.files else 'cannot be reached'} at the moment"


def _say_nothing_published(page: Page) -> None:
    product = page.product.name
    files = " --input DIR" if page.product.file_sources else ""
    st.info(f"Nothing is published yet. Start with: `medallion run {product}{files}`; this page then fills by itself.")
