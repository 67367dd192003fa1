"""The filters above a page: known values only, kept in the page's address so that a view can be shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import streamlit as st

from medallion.dashboard import address, wording
from medallion.dashboard.queries import known

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts

CURRENCY, DATES, LOCATION, APP = "currency", "dates", "location", "app"
EVERYWHERE, NOWHERE = "all", "none"  # all locations or apps; the orders that name none
RANGES: Mapping[str, str] = {
    "12m": "Last 12 months",
    "90d": "Last 90 days",
    "28d": "Last 28 days",
    "ytd": "This year",
    "all": "All time",
    "custom": "Custom",
}
_YEAR = timedelta(days=364)
_WIDTH = 190
_BACK = {"12m": 365, "90d": 90, "28d": 28}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a page is narrowed down to. `location` and `app` are None for all, empty for orders that name none."""

    currency: str = ""
    start: date | None = None
    end: date | None = None
    location: str | None = None
    app: str | None = None

    @property
    def days(self) -> int:
        """Days of the range, both ends included."""
        return (self.end - self.start).days + 1 if self.start and self.end else 0

    @property
    def before(self) -> tuple[date, date] | None:
        """The range of the same length just before."""
        if not self.start:
            return None
        return self.start - timedelta(days=self.days), self.start - timedelta(days=1)

    @property
    def year_before(self) -> tuple[date, date]:
        """The range 52 weeks earlier, so that it has the same weekdays."""
        return (self.start or date.max) - _YEAR, (self.end or date.max) - _YEAR

    @property
    def part(self) -> str:
        """Which part of the orders is meant, in words; empty for all of them."""
        place = f"at {wording.location(self.location or None)}" if self.location is not None else ""
        app = f"in {self.app or 'no app'}" if self.app is not None else ""
        return " ".join(one for one in (place, app) if one)

    @property
    def words(self) -> str:
        """The range in words."""
        return f"{wording.day(self.start)} – {wording.day(self.end)}" if self.start and self.end else ""


def ask(offered: Sequence[str], marts: Marts) -> Filters | None:
    """The filters as they are set; None where the marts hold nothing to choose from.

    A value in the address that is none of those offered counts as not given.
    """
    if not offered:
        return Filters()
    currencies, days = known.currencies(marts), known.days(marts)
    if not currencies or days is None:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        currency = _choice(CURRENCY, "Currency", currencies) if CURRENCY in offered else currencies[0]
        start, end = _range(*days) if DATES in offered else (None, None)
        location = _location(marts, currency) if LOCATION in offered else None
        app = _app(marts, currency) if APP in offered else None
    return Filters(currency=currency, start=start, end=end, location=location, app=app)


def _choice(key: str, label: str, options: Sequence[str], names: Mapping[str, str] | None = None) -> str:
    words = names or {}
    return address.choose(st.selectbox, key, label, options, format_func=lambda one: words.get(one, one), width=_WIDTH)


def _location(marts: Marts, currency: str) -> str | None:
    found = {one or NOWHERE: wording.location(one or None) for one in known.locations(marts, currency)}
    return _one_or_all(LOCATION, "Location", {EVERYWHERE: "All locations", **found})


def _app(marts: Marts, currency: str) -> str | None:
    """The app chosen; with a single one there is nothing to choose."""
    found = {one or NOWHERE: one or "No app" for one in known.apps(marts, currency)}
    return _one_or_all(APP, "App", {EVERYWHERE: "All apps", **found}) if len(found) > 1 else None


def _one_or_all(key: str, label: str, options: Mapping[str, str]) -> str | None:
    chosen = _choice(key, label, list(options), options)
    return {EVERYWHERE: None, NOWHERE: ""}.get(chosen, chosen)


def _range(first: date, last: date) -> tuple[date, date]:
    chosen = _choice("range", "Dates", list(RANGES), RANGES)
    if chosen == "custom":
        default = range_of(next(iter(RANGES)), first, last)
        return address.choose_days(DATES, "From – to", first, last, default, width=260)
    return range_of(chosen, first, last)


def range_of(name: str, first: date, last: date) -> tuple[date, date]:
    """The days of a named range up to `last`, not before `first`."""
    if name == "ytd":
        return max(first, date(last.year, 1, 1)), last
    return (max(first, last - timedelta(days=_BACK[name] - 1)), last) if name in _BACK else (first, last)
