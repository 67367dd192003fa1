"""The BG/NBD model of repeat purchases: customers may stop after each repeat purchase.

Fader, Hardie, Lee (2005), "Counting your customers" the easy way: an alternative to the Pareto/NBD model, Marketing
Science 24(2), 275-284.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy.typing as npt

from medallion.models.beta_geometric import BetaGeometric


@dataclass(frozen=True)
class BgNbd(BetaGeometric):
    """Fader, Hardie, Lee (2005). Whoever bought once is active for certain: `p_alive` is 1 at frequency 0.

    P(active | x, t_x, T) = 1 / (1 + [x > 0] a / (b+x-1) ((alpha+T) / (alpha+t_x))^(r+x)); expected purchases are their
    eq. 9, conditional ones eq. 10.
    """

    first_stops: ClassVar[int] = 0


def fit_bg_nbd(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> BgNbd:
    """The BG/NBD model of greatest likelihood (Fader, Hardie, Lee 2005, eq. 6).

    One row a customer, or one a distinct history with the number of its customers as weight: purchases after the
    first, time from the first to the last, time from the first to the end of observation, in any unit of time.
    Where the data do not determine a model (no or few customers who came back, no maximum), the result says so:
    `converged` False and a `reason`. Raises ModelError for rows that are no histories.
    """
    return BgNbd.fitted(frequency, recency, age, weights)
