"""What a page of the dashboard is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Source
    from medallion.dashboard.view import View
    from medallion.data_product import DataProduct


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page: the question it answers, and the marts of one product that it cannot do without.

    `name` is its address, `filters` those offered above it, of: `currency`, `dates`, `location`. `live` shows a page
    that is about no version of marts, but about how things stand at the moment.
    """

    name: str
    title: str
    icon: str
    question: str
    product: DataProduct
    tables: tuple[str, ...] = ()
    render: Callable[[View], None] = field(default=lambda view: None)
    live: Callable[[Source], None] | None = None
    filters: tuple[str, ...] = ()
