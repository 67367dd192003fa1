"""Order days that models expect of customers, one currency at a time.

As in `lifetime_models`, medallion.models is loaded where this runs, and only there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from medallion.products.restaurant.lifetime_models import BG_NBD, DIGITS, OF_DAYS

if TYPE_CHECKING:
    import numpy as np

    from medallion.grouped_arrays import Arrays

HORIZONS = (30, 90, 365)
PERIODS = (0, 30, 90, 180, 270, 365)  # days between which an order counts as made in the middle
RESULTS = ("expected_30d", "expected_90d", "expected_365d", "discounted_365d")


def expected_if_active(
    model: Mapping[str, Any], states: Arrays, *, rate: float
) -> Mapping[str, np.ndarray[Any, np.dtype[np.float64]]]:
    """The columns of RESULTS for customers who have not stopped, by their distinct (x, age).

    `model` has its name and its parameters; `rate` discounts a year.
    """
    import numpy as np

    from medallion.models import BgNbd, MbgNbd
    from medallion.models.purchases_of_many import purchases_if_active

    kind = BgNbd if model["model"] == BG_NBD else MbgNbd
    r, alpha, a, b = (model[name] for name in OF_DAYS)
    known = kind(r, alpha, a, b, math.nan, True, "", math.nan, 0, np.full((4, 4), math.nan))
    order = np.lexsort((states["age"], states["x"]))
    x, age = states["x"][order], states["age"][order]
    times = sorted({*HORIZONS, *PERIODS[1:]})
    within = dict(zip(times, purchases_if_active(known, times, x, age), strict=True))
    within[0] = np.zeros(len(x))
    discounted = sum(
        (within[end] - within[begin]) * (1.0 + rate) ** (-(begin + end) / 2 / 365) for begin, end in pairwise(PERIODS)
    )
    found = dict(zip(RESULTS, (*(within[days] for days in HORIZONS), discounted), strict=True))
    return {"x": x, "age": age, **{name: np.round(values, DIGITS) for name, values in found.items()}}
