"""The MBG/NBD model of repeat purchases: customers may stop after each purchase, the first one included.

Batislam, Denizel, Filiztekin (2007), Empirical validation and comparison of models for customer base analysis,
International Journal of Research in Marketing 24(3), 201-209; the same model as Hoppe, Wagner (2007), CBG/NBD.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy.typing as npt

from medallion.models.beta_geometric import BetaGeometric


@dataclass(frozen=True)
class MbgNbd(BetaGeometric):
    """Batislam, Denizel, Filiztekin (2007). Whoever bought once may have stopped: `p_alive` is below 1.

    P(active | x, t_x, T) = 1 / (1 + a / (b+x) ((alpha+T) / (alpha+t_x))^(r+x)).
    """

    first_stops: ClassVar[int] = 1


def fit_mbg_nbd(
    frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> MbgNbd:
    """The MBG/NBD model of greatest likelihood (Batislam, Denizel, Filiztekin 2007).

    One row a customer, or one a distinct history with the number of its customers as weight: purchases after the
    first, time from the first to the last, time from the first to the end of observation, in any unit of time.
    Where the data do not determine a model (no or few customers who came back, no maximum), the result says so:
    `converged` False and a `reason`. Raises ModelError for rows that are no histories.
    """
    return MbgNbd.fitted(frequency, recency, age, weights)
