"""The pages, as the menu lists them; the first is the start page."""

from __future__ import annotations

from collections.abc import Mapping

from medallion.dashboard.page import Page
from medallion.dashboard.pages import customer_lifetime_value, overview

SECTIONS: Mapping[str, tuple[Page, ...]] = {
    "": (overview.PAGE,),
    "Customers": (customer_lifetime_value.PAGE,),
}
PAGES: tuple[Page, ...] = tuple(page for pages in SECTIONS.values() for page in pages)
