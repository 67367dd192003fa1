"""Members of the loyalty programme against other customers and guests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medallion.dashboard.reading import Marts, Row

MEMBER, NON_MEMBER, GUEST = "member", "non_member", "guest"
COLUMNS = (
    "member_status currency customer_count order_count net_amount order_share net_amount_share average_order_value"
    " orders_per_customer repeat_customer_rate average_customer_lifetime_value"
)


def statuses(marts: Marts, currency: str) -> list[Row]:
    """The mart's rows of a currency: members, other customers, guests."""
    return marts.ask(
        COLUMNS,
        f"SELECT {', '.join(COLUMNS.split())} FROM {{loyalty_program_impact}} WHERE currency = ?"
        " ORDER BY CASE member_status WHEN 'member' THEN 1 WHEN 'non_member' THEN 2 ELSE 3 END",
        currency,
    )
