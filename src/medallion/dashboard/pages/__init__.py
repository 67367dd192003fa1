"""The pages, as the menu lists them; the first is the start page."""

from __future__ import annotations

from collections.abc import Mapping

from medallion.dashboard.page import Page
from medallion.dashboard.pages import (
    card_payments,
    churn_indicators,
    customer_activity,
    customer_lifetime_value,
    customer_segments,
    location_performance,
    loyalty_program_impact,
    overview,
    pipeline,
    pricing_discount_effectiveness,
    sales_trends,
)

SECTIONS: Mapping[str, tuple[Page, ...]] = {
    "": (overview.PAGE,),
    "Customers": (
        customer_lifetime_value.PAGE,
        customer_segments.PAGE,
        churn_indicators.PAGE,
        loyalty_program_impact.PAGE,
    ),
    "Sales": (sales_trends.PAGE, location_performance.PAGE, pricing_discount_effectiveness.PAGE),
    "Other products": (card_payments.PAGE, customer_activity.PAGE),
    "Operations": (pipeline.PAGE,),
}
PAGES: tuple[Page, ...] = tuple(page for pages in SECTIONS.values() for page in pages)
