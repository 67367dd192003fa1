"""Which orders are discounted, and by how much."""

from __future__ import annotations

import numpy as np

from medallion.samples.streams import I64, draw_from

DISCOUNT_SHARE, DISCOUNT_PERCENTS = 0.12, (10, 20, 50)
NO_DISCOUNT = 0


def discount_percents(rng: np.random.Generator, orders: int) -> I64:
    """The discount of each order in per cent; 0 for most."""
    percents = np.array((NO_DISCOUNT, *DISCOUNT_PERCENTS), dtype=np.int64)
    cdf = np.cumsum([1 - DISCOUNT_SHARE, *[DISCOUNT_SHARE / len(DISCOUNT_PERCENTS)] * len(DISCOUNT_PERCENTS)])
    return percents[draw_from(cdf, rng.random(orders))]
