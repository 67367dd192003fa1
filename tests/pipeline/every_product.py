"""The story of every product of the catalogue: the one place that a new product needs for the suites over all.

A product that reads others has no deliveries of its own: theirs are delivered to them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from stories_of_files import card_payments_story, restaurant_story
from stories_of_tables import logistics_wms_story, sales_crm_story, sales_erp_story
from story import Delivery, Story

from medallion.catalog import PRODUCTS, product
from medallion.data_product import DataProduct

EVERY_PRODUCT = pytest.mark.parametrize("known", PRODUCTS, ids=lambda known: known.name)


def story_of(known: DataProduct) -> Story:
    """The story of a product; fails where nobody has written it."""
    if known.name not in _STORIES:
        pytest.fail(
            f"product '{known.name}' is in the catalogue without a story: write in {Path(__file__).name} what is"
            " delivered to it first, what changes that, and which total its marts agree about"
        )
    return _STORIES[known.name]()


def read_by(known: DataProduct) -> tuple[DataProduct, ...]:
    """The products that a product reads, directly or through others, each after those that it reads itself."""
    names: set[str] = set()
    for one in known.inputs:
        names |= {one.product, *(other.name for other in read_by(product(one.product)))}
    return tuple(one for one in PRODUCTS if one.name in names)


@cache
def _marketing_360_story() -> Story:
    nothing = Delivery()
    return Story(
        first=nothing,
        second=nothing,
        third=nothing,
        spoilt=nothing,
        mended=nothing,
        totals={"customer_activity": "sum(order_total)"},
    )


_STORIES = {
    "restaurant": restaurant_story,
    "card_payments": card_payments_story,
    "sales_crm": sales_crm_story,
    "sales_erp": sales_erp_story,
    "logistics_wms": logistics_wms_story,
    "marketing_360": _marketing_360_story,
}
