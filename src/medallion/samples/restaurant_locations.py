"""The 28 locations: how busy, which currency, open from when to when; and which of them tie in revenue to the cent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medallion.samples.restaurant_customers import FAULTY, GUEST, Visits
from medallion.samples.streams import F64, I64, U8, Bool, draw_from, stream
from medallion.samples.text_columns import object_ids

LOCATIONS, ZIPF_EXPONENT = 28, 0.8
CAD_LOCATIONS = (11, 22)
TIED = (26, 27)
# location -> (share of the history at which it opens, at which it closes)
OPENINGS = {3: 0.35, 8: 0.5, 15: 0.7}
CLOSURES = {6: 0.8, 19: 0.55}
# location -> first day and length of a temporary closure, as shares of the history
TEMPORARY = {4: (0.62, 0.015)}
HOME_SHARE = 0.85
ID_EPOCH_SECONDS = 1_585_000_000


@dataclass(frozen=True)
class Locations:
    """One row a location, in order of size. Days count from the first day of the history; `closes` is exclusive."""

    ids: U8
    share: F64
    opens: I64
    closes: I64
    shut_from: I64
    shut_until: I64

    def is_open(self, location: I64, day: I64) -> Bool:
        """Whether each location trades on each day (arrays of one shape)."""
        within = (day >= self.opens[location]) & (day < self.closes[location])
        return within & ~((day >= self.shut_from[location]) & (day < self.shut_until[location]))


def build_locations(seed: int, days: int) -> Locations:
    """Locations of a history of `days` days."""
    rng = stream(seed, "locations")
    opens, closes = np.zeros(LOCATIONS, dtype=np.int64), np.full(LOCATIONS, days, dtype=np.int64)
    shut_from, shut_until = np.zeros(LOCATIONS, dtype=np.int64), np.zeros(LOCATIONS, dtype=np.int64)
    for location, part in OPENINGS.items():
        opens[location] = int(days * part)
    for location, part in CLOSURES.items():
        closes[location] = int(days * part)
    for location, (part, length) in TEMPORARY.items():
        shut_from[location], shut_until[location] = int(days * part), int(days * (part + length))
    weights = 1.0 / np.arange(1, LOCATIONS + 1) ** ZIPF_EXPONENT
    ids = object_ids(rng, ID_EPOCH_SECONDS + np.arange(LOCATIONS, dtype=np.int64) * 2_000_000)
    return Locations(ids, weights / weights.sum(), opens, closes, shut_from, shut_until)


def visit_locations(seed: int, visits: Visits, locations: Locations) -> I64:
    """The location of each order: mostly the customer's own one, always one that is open that day; shape (orders,)."""
    rng = stream(seed, "visit_locations")
    cdf = np.cumsum(locations.share)
    home = draw_from(cdf, rng.random(len(visits.customer_start_ms)))
    elsewhere = draw_from(cdf, rng.random(len(visits.customer)))
    roams = (rng.random(len(visits.customer)) >= HOME_SHARE) | (visits.customer == GUEST) | (visits.customer == FAULTY)
    chosen = np.where(roams, elsewhere, home[np.maximum(visits.customer, 0)])
    steady = np.array([location not in {*OPENINGS, *CLOSURES, *TEMPORARY} for location in range(LOCATIONS)])
    nearest = draw_from(np.cumsum(locations.share * steady) / (locations.share * steady).sum(), rng.random(len(chosen)))
    return np.where(locations.is_open(chosen, visits.day), chosen, nearest)


def pair_tied(location: I64) -> tuple[I64, I64]:
    """Make the tied locations alternate, in place; returns the orders of the first and, pairwise, of the second.

    The caller gives both orders of a pair the same lines, so the locations have equal revenue. An order left over goes
    to the largest location.
    """
    tied = np.flatnonzero(np.isin(location, TIED))
    if len(tied) % 2:
        location[tied[-1]] = 0
        tied = tied[:-1]
    location[tied[0::2]], location[tied[1::2]] = TIED
    return tied[0::2], tied[1::2]
