"""Members of the loyalty programme against other customers and guests, and how sure the difference is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

MEMBER, NON_MEMBER, GUEST = "member", "non_member", "guest"
COLUMNS = (
    "member_status currency customer_count order_count net_amount order_share net_amount_share average_order_value"
    " orders_per_customer repeat_customer_rate average_customer_lifetime_value"
)
_SPENT, _ORDER = "value.customer_lifetime_value", "value.average_order_value"
MEASURES = {"customer_lifetime_value": _SPENT, "average_order_value": _ORDER}


def statuses(marts: Marts, currency: str) -> list[Row]:
    """The mart's rows of a currency: members, other customers, guests."""
    return marts.ask(
        COLUMNS,
        f"SELECT {', '.join(COLUMNS.split())} FROM {{loyalty_program_impact}} WHERE currency = ?"
        " ORDER BY CASE member_status WHEN 'member' THEN 1 WHEN 'non_member' THEN 2 ELSE 3 END",
        currency,
    )


def difference(marts: Marts, currency: str, measure: str) -> Row:
    """Members' mean less other customers', of a measure of customers, with its 95 % interval (Welch).

    All None where it is not determined; `reason` says why.
    """
    rows = marts.ask(
        "is_member customer_count mean variance",
        "SELECT segments.is_loyalty_member, count(*),"
        f" avg(CAST({MEASURES[measure]} AS DOUBLE PRECISION)), var_samp(CAST({MEASURES[measure]} AS DOUBLE PRECISION))"
        " FROM {customer_segments} AS segments JOIN {customer_lifetime_value} AS value"
        " ON segments.user_id = value.user_id AND segments.currency = value.currency"
        " WHERE segments.currency = ? GROUP BY 1",
        currency,
    )
    return welch_of({bool(row["is_member"]): row for row in rows})


def welch_of(groups: dict[bool, Row]) -> Row:
    """The difference of the two groups' means and its interval; see `difference`."""
    from medallion.models.mean_difference import Sample, welch

    members, others = (
        Sample(row["customer_count"], _number(row["mean"]), _number(row["variance"]))
        if (row := groups.get(one))
        else Sample(0, math.nan, math.nan)
        for one in (True, False)
    )
    found = welch(members, others)
    known = {name: getattr(found, name) for name in ("estimate", "low", "high", "p_value")}
    return {name: None if math.isnan(value) else value for name, value in known.items()} | {"reason": found.reason}


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
