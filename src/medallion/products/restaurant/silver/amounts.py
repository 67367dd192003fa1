"""The amounts that lines and orders have in common, and the rule that ties them."""

from __future__ import annotations

from medallion.checks import Check
from medallion.contracts import Column

MONEY = "decimal(18,2)"

AMOUNTS = (
    Column("gross_amount", MONEY, "Positive item and option amounts.", "currency", False, minimum=0),
    Column("discount_amount", MONEY, "Negative option amounts, as a positive number.", "currency", False, minimum=0),
    Column("refund_amount", MONEY, "Negative item amounts, as a positive number.", "currency", False, minimum=0),
    Column("net_amount", MONEY, "Gross less discounts and refunds.", "currency", False),
)

NET_IS_GROSS_LESS_DISCOUNT_AND_REFUND = Check(
    name="net_is_gross_less_discount_and_refund",
    expression="net_amount = gross_amount - discount_amount - refund_amount",
    description="net_amount is gross_amount less discount_amount and refund_amount",
)
